import { KIND_WORDS, PARTLY_WORDS, STATE_WORDS, SUM_WORDS, VERDICTS, type Verdict } from './status-words.ts';

/** The form in which words are compared: case, width and white space do not matter. */
export const wordOf = (text: string): string =>
  text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');

const meanings = (lists: Partial<Record<Verdict, readonly string[]>>): ReadonlyMap<string, Verdict> =>
  new Map(
    VERDICTS.flatMap((verdict) => (lists[verdict] ?? []).map((word) => [wordOf(word), verdict] as const)),
  );

const ofStates = meanings(STATE_WORDS);
const ofKinds = meanings(KIND_WORDS);
const partly: ReadonlySet<string> = new Set(PARTLY_WORDS.map(wordOf));
const sums: ReadonlySet<string> = new Set(SUM_WORDS.map(wordOf));

/** A prefix before a state: WooCommerce writes one, and so does JD for deleted and locked orders. */
const PREFIX = /^(?:wc-|\([^()]*\) ?)/;

export const isPartlyRefunded = (text: string): boolean => partly.has(wordOf(text).replace(PREFIX, ''));

/** Whether this text, in place of an order's number, marks a row that adds up other rows. */
export const isSum = (order: string): boolean => sums.has(wordOf(order).replace(/[:：]$/, ''));

/** What a word means: first by `own`, the words that the shop's mapping explains, then by the lists of `status-words.ts`. */
export const verdictOf = (
  text: string,
  column: 'status' | 'kind',
  own: Readonly<Record<string, Verdict>>,
): Verdict | undefined => {
  const word = wordOf(text);
  if (Object.hasOwn(own, word)) return own[word];
  if (column === 'kind') return ofKinds.get(word);
  const plain = word.replace(PREFIX, '');
  return Object.hasOwn(own, plain) ? own[plain] : ofStates.get(plain);
};

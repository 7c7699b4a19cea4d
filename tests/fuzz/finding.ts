/** Something that no input may cause, and the input that caused it. */
export type Finding = { readonly parser: string; readonly what: string; readonly input: string };

/** What a parser did with its inputs. */
export type Tally = {
  readonly parser: string;
  inputs: number;
  accepted: number;
  refused: number;
  /** The CPU time that the slowest input took, in ms. */
  slowestMs: number;
  readonly findings: Finding[];
};

export const newTally = (parser: string): Tally => ({
  parser,
  inputs: 0,
  accepted: 0,
  refused: 0,
  slowestMs: 0,
  findings: [],
});

const SHOWN_CHARS = 300;
const KEPT_MAX = 5;

/** Notes a finding, with the beginning of its input. Only a parser's first findings are kept. */
export const note = (tally: Tally, what: string, input: string | Uint8Array): void => {
  if (tally.findings.length >= KEPT_MAX) return;
  const text = typeof input === 'string' ? JSON.stringify(input) : Buffer.from(input).toString('base64');
  tally.findings.push({ parser: tally.parser, what, input: text.slice(0, SHOWN_CHARS) });
};

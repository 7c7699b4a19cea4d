import { Mistake, optional, type reader } from '../cli/options.ts';
import { isCurrency } from './currency.ts';
import { isTimeZone } from './local-time.ts';
import {
  AMOUNT_UNITS,
  type Columns,
  DECIMALS,
  hasWorth,
  NEGATIVES,
  ROLES,
  ROUNDINGS,
  ROW_WAYS,
  type Role,
} from './mapping.ts';
import type { Given } from './propose.ts';
import { VERDICTS, type Verdict } from './status-words.ts';
import { wordOf } from './statuses.ts';
import type { TableGiven } from './table.ts';
import { TIME_FORMATS } from './times.ts';

/** How to read an order file: by a saved mapping or by a proposal, either of which the options (`given`) override. */
export type Reading = TableGiven & { mappingFile?: string; given: Given };

/** The options that say how to read an order file. */
export const READING_TEXTS = [
  ...['columns', 'mapping', 'amount-unit', 'time-zone', 'time-format', 'currency', 'decimal', 'rounding'],
  ...['negative', 'status', 'brand', 'rows', 'encoding', 'delimiter'],
] as const;
export const READING_FLAGS = ['guests'] as const;

export const READING_HELP = `  --columns order=A,member=B,brand=C,amount=D,time=E   which column holds what (default: proposed); more roles:
            amount       what the row is worth; instead of it: price and quantity, or
            total        what the whole order is worth, once or repeated on its rows
            kind         paid or refunded: what the row is       status   the state of the order (see --status)
            refund       the amount refunded                     refund-time   and when
            discount     what is taken off the amount            clock    the time of day beside a date
            currency     a code such as USD                      channel  far or near (default far), near with
            store        its store                               coupon   the coupon used
            event        the event's id (default: made of the row's number, its order and its kind)
            parent       the order of a refund's row             line     of an order, which counts once
            A name with a comma in it is quoted: amount="Total (incl. tax, shipping)"
  --mapping FILE.json   read by a mapping that zhihui import has written
  --amount-unit major|minor   1.23 or 123 (default major)
  --currency CODE        the one currency that counts; rows in others are left out
  --decimal point|comma|mixed   (default: what the whole file shows)
  --rounding half-even|half-up|down   of more decimals than the currency has (default: refuse them)
  --negative refund|net  a negative amount is a refund, or is taken off its order (default: refuse it)
  --status WORD=paid|refunded|both|ignored,…   meanings of further words; many are known in several languages:
                         paid: a payment alone; both: paid, and then refunded; ignored: neither;
                         refunded: a refund alone, of a payment in another row
  --brand NAME           of rows without one
  --guests               an order without a member counts as a member of its own
  --rows sum|each        add up the rows of one order and brand, or make each an event (default sum)
  --time-format FORMAT   ${TIME_FORMATS.join(', ')} (default auto: only unambiguous forms)
  --time-zone ZONE       of times without one, an IANA name such as America/Sao_Paulo (default UTC)
  --encoding NAME, --delimiter CHARACTER   (default: what the file shows)
`;

/** Splits at commas outside of double quotes; a quote within quotes is written twice. */
export const splitPairs = (text: string): string[] => {
  const parts: string[] = [''];
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === ',' && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
};

const unquote = (text: string): string =>
  text.startsWith('"') && text.endsWith('"') && text.length > 1
    ? text.slice(1, -1).replaceAll('""', '"')
    : text;

const toColumns = (text: string): Columns => {
  const columns: Columns = {};
  for (const pair of splitPairs(text)) {
    const equals = pair.indexOf('=');
    const role = pair.slice(0, Math.max(0, equals)).trim();
    const column = unquote(pair.slice(equals + 1).trim());
    if (!(ROLES as readonly string[]).includes(role) || column === '') {
      throw new Mistake(
        `--columns: expected ROLE=COLUMN with a role of ${ROLES.join(', ')}, got ${JSON.stringify(pair)}`,
      );
    }
    if (columns[role as Role] !== undefined)
      throw new Mistake(`--columns: expected ${role} once, got it twice`);
    columns[role as Role] = column;
  }
  return columns;
};

const checkColumns = (columns: Columns, text: string, given: Given): void => {
  const needed = [
    ...(columns.order === undefined ? ['order'] : []),
    ...(columns.member === undefined && given.guests !== true ? ['member'] : []),
    ...(columns.brand === undefined && given.brand === undefined ? ['brand'] : []),
    ...(hasWorth(columns) ? [] : ['amount']),
    ...(columns.time === undefined ? ['time'] : []),
  ];
  if (needed.length > 0) throw new Mistake(`--columns: expected ${needed.join(', ')} as well, got ${text}`);
  const worths = (['amount', 'total', 'price'] as const).filter((role) => columns[role] !== undefined);
  if (worths.length > 1) throw new Mistake(`--columns: expected one of ${worths.join(', ')}, got both`);
  if (columns.kind !== undefined && columns.status !== undefined)
    throw new Mistake('--columns: expected kind or status, got both');
  if (columns.store !== undefined && columns.channel === undefined)
    throw new Mistake('--columns: expected channel as well, because only near orders have a store');
};

const toStatuses = (text: string): Record<string, Verdict> =>
  Object.fromEntries(
    splitPairs(text).map((pair) => {
      const equals = pair.lastIndexOf('=');
      const word = wordOf(unquote(pair.slice(0, Math.max(0, equals)).trim()));
      const verdict = pair.slice(equals + 1).trim();
      if (word === '' || !VERDICTS.includes(verdict as Verdict)) {
        throw new Mistake(`--status: expected WORD=${VERDICTS.join('|')}, got ${JSON.stringify(pair)}`);
      }
      return [word, verdict as Verdict];
    }),
  );

const DELIMITER_WORDS: Readonly<Record<string, string>> = {
  tab: '\t',
  '\\t': '\t',
  comma: ',',
  semicolon: ';',
  pipe: '|',
};

const toDelimiter = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const delimiter = DELIMITER_WORDS[text] ?? text;
  if ([...delimiter].length === 1 && delimiter !== '"') return delimiter;
  throw new Mistake(`--delimiter: expected one character, or tab, got ${JSON.stringify(text)}`);
};

/** Parses the options that say how to read an order file. Throws a Mistake. */
export const toReading = ({ text, flag, oneOf }: ReturnType<typeof reader>): Reading => {
  const timeZone = text('time-zone');
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new Mistake(
      `--time-zone: expected an IANA name such as America/Sao_Paulo, got ${JSON.stringify(timeZone)}`,
    );
  }
  const currency = text('currency')?.toUpperCase();
  if (currency !== undefined && !isCurrency(currency))
    throw new Mistake(`--currency: expected a code such as CNY, got ${JSON.stringify(text('currency'))}`);
  const columnsText = text('columns');
  const statusText = text('status');
  const given: Given = {
    ...optional('columns', columnsText === undefined ? undefined : toColumns(columnsText)),
    ...optional('statuses', statusText === undefined ? undefined : toStatuses(statusText)),
    ...optional('amountUnit', oneOf('amount-unit', AMOUNT_UNITS)),
    ...optional('timeFormat', oneOf('time-format', TIME_FORMATS)),
    ...optional('decimals', oneOf('decimal', DECIMALS)),
    ...optional('rounding', oneOf('rounding', ROUNDINGS)),
    ...optional('negative', oneOf('negative', NEGATIVES)),
    ...optional('rows', oneOf('rows', ROW_WAYS)),
    ...optional('timeZone', timeZone),
    ...optional('currency', currency),
    ...optional('brand', text('brand')),
    ...(flag('guests') ? { guests: true } : {}),
  };
  if (given.columns !== undefined) checkColumns(given.columns, columnsText!, given);
  const mappingFile = text('mapping');
  if (mappingFile !== undefined && columnsText !== undefined)
    throw new Mistake('--mapping and --columns: expected one of them, got both');
  return {
    given,
    ...optional('mappingFile', mappingFile),
    ...optional('encoding', text('encoding')),
    ...optional('delimiter', toDelimiter(text('delimiter'))),
  };
};

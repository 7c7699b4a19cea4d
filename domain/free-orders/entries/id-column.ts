/** A column of ids in a block. Random ids, which no compression makes smaller, are stored as their bits. */
import type { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { PSEUDONYM_CHARS } from '../draw/commitment.ts';

const GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
const HYPHENS = /-/g;

const withoutHyphens = (id: string): string => id.replace(HYPHENS, '');
const withHyphens = (digits: string): string => digits.replace(GROUPS, '$1-$2-$3-$4-$5');
const same = (text: string): string => text;

/** A way to write an id as hexadecimal digits and to read it back, for ids that match the pattern completely. */
type Form = {
  pattern: RegExp;
  bytes: number;
  toDigits: (id: string) => string;
  /** Takes digits in lower case. */
  fromDigits: (digits: string) => string;
};

const FORMS: readonly Form[] = [
  { pattern: /^[0-9a-f]{32}$/, bytes: 16, toDigits: same, fromDigits: same },
  { pattern: /^[0-9A-F]{32}$/, bytes: 16, toDigits: same, fromDigits: (digits) => digits.toUpperCase() },
  {
    pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    bytes: 16,
    toDigits: withoutHyphens,
    fromDigits: withHyphens,
  },
  {
    pattern: /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/,
    bytes: 16,
    toDigits: withoutHyphens,
    fromDigits: (digits) => withHyphens(digits).toUpperCase(),
  },
  {
    pattern: new RegExp(`^[0-9a-f]{${PSEUDONYM_CHARS}}$`),
    bytes: PSEUDONYM_CHARS / 2,
    toDigits: same,
    fromDigits: same,
  },
];

/** Marks an id that has none of the forms and is kept as text. */
const TEXT = FORMS.length;

/**
 * Writes ids. The forms and the text ids go to `columns`, which is deflated; the bytes of the other ids go to `raw`, which is
 * not. Every string without lone surrogates (the contract allows none in ids) reads back unchanged.
 */
export const writeIds = (ids: readonly string[], columns: ByteWriter, raw: ByteWriter): void => {
  const forms = ids.map((id) => FORMS.findIndex(({ pattern }) => pattern.test(id)));
  for (const form of forms) columns.uint(form < 0 ? TEXT : form);
  for (const [i, id] of ids.entries()) {
    const form = FORMS[forms[i]!];
    if (form === undefined) columns.text(id);
    else raw.raw(Buffer.from(form.toDigits(id), 'hex'));
  }
};

/** Reads back what {@link writeIds} wrote. Throws a RangeError for bytes that are no ids. */
export const readIds = (count: number, columns: ByteReader, raw: ByteReader): string[] => {
  const forms = Array.from({ length: count }, () => columns.uint());
  return forms.map((number) => {
    if (number === TEXT) return columns.text();
    const form = FORMS[number];
    if (form === undefined) throw new RangeError(`form of an id: expected 0 to ${TEXT}, got ${number}`);
    return form.fromDigits(Buffer.from(raw.raw(form.bytes)).toString('hex'));
  });
};

import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { fileError, InputError } from '#local/console/input-error.ts';
import { isCurrency } from './currency.ts';
import { isTimeZone } from './local-time.ts';
import { VERDICTS } from './status-words.ts';
import { TIME_FORMATS } from './times.ts';

/** What a column can hold. */
export const ROLES = [
  ...(['order', 'parent', 'line', 'member', 'brand', 'amount', 'price', 'quantity', 'total'] as const),
  ...(['discount', 'refund', 'time', 'clock', 'refund-time', 'kind', 'status', 'currency'] as const),
  ...(['channel', 'store', 'coupon', 'event'] as const),
] as const;
export type Role = (typeof ROLES)[number];

/** The name of the column that holds each role. */
export type Columns = Partial<Record<Role, string>>;

export const DECIMALS = ['point', 'comma', 'mixed'] as const;
export const ROUNDINGS = ['refuse', 'half-even', 'half-up', 'down'] as const;
/** What a negative amount means: a mistake, a refund, or something taken off the other rows of its order. */
export const NEGATIVES = ['refuse', 'refund', 'net'] as const;
/** Whether the rows of one order and brand are added up, or each is an event of its own. */
export const ROW_WAYS = ['sum', 'each'] as const;
export const AMOUNT_UNITS = ['major', 'minor'] as const;

const text = z.string().check(z.minLength(1), z.maxLength(1_000));

const schema = z.strictObject({
  version: z.literal(1),
  shape: z.optional(text),
  encoding: text,
  delimiter: z.string().check(z.length(1)),
  columns: z.partialRecord(z.enum(ROLES), text),
  brand: z.optional(text),
  guests: z.boolean(),
  unpaidWithoutTime: z.boolean(),
  amountUnit: z.enum(AMOUNT_UNITS),
  decimals: z.enum(DECIMALS),
  rounding: z.enum(ROUNDINGS),
  negative: z.enum(NEGATIVES),
  currency: z.string().check(z.refine(isCurrency, { error: 'a currency code such as CNY' })),
  timeFormat: z.enum(TIME_FORMATS),
  timeZone: z.string().check(z.refine(isTimeZone, { error: 'an IANA time zone' })),
  rows: z.enum(ROW_WAYS),
  statuses: z.record(text, z.enum(VERDICTS)),
  /** Rows that do not count: for each column, the values that mark such a row. */
  leaveOut: z.optional(z.record(text, z.array(z.string().check(z.maxLength(1_000))))),
});

/**
 * How the rows of a file become orders: everything that reading depends on, so a saved mapping reads the next file of the same
 * kind in the same way.
 */
export type Mapping = z.output<typeof schema>;

/** Reads a mapping file. Throws an InputError that names the field at fault. */
export const readMapping = (path: string): Mapping => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw fileError(`--mapping ${path}`, cause);
  }
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const { path: field, message } = result.error.issues[0]!;
  throw new InputError(`--mapping ${path}: ${field.join('.') || 'mapping'}: ${message}`);
};

/** Whether the columns say what an order is worth, in one of three ways: its amount, its total, or price and quantity. */
export const hasWorth = ({ amount, total, price, quantity }: Columns): boolean =>
  amount !== undefined || total !== undefined || (price !== undefined && quantity !== undefined);

import { createHash } from 'node:crypto';
import { MAX_ATTRIBUTE_LENGTH, MAX_ID_LENGTH } from '#events/fields.ts';
import { type AmountUnit, parseAmount } from './amount.ts';
import { localTimeParser } from './local-time.ts';
import { barredBySqs } from './source.ts';

/** What a column can hold. The first five must be there. */
export const REQUIRED_ROLES = ['order', 'member', 'brand', 'amount', 'time'] as const;
export const OPTIONAL_ROLES = ['kind', 'channel', 'store', 'coupon', 'event'] as const;
export type Role = (typeof REQUIRED_ROLES)[number] | (typeof OPTIONAL_ROLES)[number];

/** The name of the column that holds each role. */
export type Columns = Partial<Record<Role, string>>;

export type RowSettings = { amountUnit: AmountUnit; timeZone: string };

export type RowReading = { ok: true; event: string } | { ok: false; reason: string };

/** Reads the fields of a row; `row` is its number in the file, from 1 without the header. */
export type RowReader = (fields: readonly string[], row: number) => RowReading;

/** What decoding puts in place of bytes that are not UTF-8. */
const NOT_UTF8 = '\ufffd';
const HASH_CHARACTERS = 43;

const refuse = (reason: string): RowReading => ({ ok: false, reason });

const quoted = (text: string) => JSON.stringify(text);

/**
 * Makes order events of rows. `indexes` says where in a row each role stands; `width` is how many values a row has. An
 * event's id is made of the row's number, its order and its kind, and its source of the file's name, so that replaying
 * a file changes nothing.
 */
export const orderRowReader = (
  indexes: Partial<Record<Role, number>>,
  width: number,
  { amountUnit, timeZone }: RowSettings,
  fileName: string,
): RowReader => {
  const parseTime = localTimeParser(timeZone);
  const source = fitted(
    'urn:zhihui:orders:',
    encodeURIComponent(fileName.toWellFormed()),
    '',
    MAX_ATTRIBUTE_LENGTH,
  );

  return (fields, row) => {
    if (fields.length !== width)
      return refuse(`expected ${width} values as in the header, got ${fields.length}`);
    const value = (role: Role): string => {
      const index = indexes[role];
      return index === undefined ? '' : fields[index]!.trim();
    };

    for (const role of Object.keys(indexes) as Role[]) {
      const text = value(role);
      if (text.includes(NOT_UTF8)) return refuse(`${role}: expected UTF-8, got ${quoted(text)}`);
      const barred = barredBySqs(text);
      if (barred !== undefined) return refuse(`${role}: ${barred}`);
    }
    for (const role of REQUIRED_ROLES) {
      if (value(role) === '') return refuse(`${role}: expected a value, got nothing`);
    }
    const kind = value('kind') || 'paid';
    if (kind !== 'paid' && kind !== 'refunded')
      return refuse(`kind: expected paid or refunded, got ${quoted(kind)}`);
    const channel = value('channel') || 'far';
    if (channel !== 'far' && channel !== 'near')
      return refuse(`channel: expected far or near, got ${quoted(channel)}`);
    const storeId = value('store');
    if (channel === 'near' && storeId === '')
      return refuse('store: expected a store for a near order, got nothing');
    if (channel === 'far' && storeId !== '')
      return refuse(`store: expected none for a far order, got ${quoted(storeId)}`);
    const amount = parseAmount(value('amount'), amountUnit);
    if (!amount.ok) return refuse(`amount: ${amount.message}`);
    if (amount.fen === 0) return refuse(`amount: expected an amount above zero, got ${value('amount')}`);
    const time = parseTime(value('time'));
    if (!time.ok) return refuse(`time: ${time.message}`);

    const orderId = value('order');
    const couponId = value('coupon');
    return {
      ok: true,
      event: JSON.stringify({
        specversion: '1.0',
        id: value('event') || fitted(`${row}:`, orderId, `:${kind}`, MAX_ID_LENGTH),
        source,
        type: `order.${kind}`,
        time: new Date(time.ms).toISOString(),
        data: {
          orderId,
          memberId: value('member'),
          brandId: value('brand'),
          channel,
          ...(storeId === '' ? {} : { storeId }),
          amountFen: amount.fen,
          ...(couponId === '' ? {} : { couponId }),
        },
      }),
    };
  };
};

/** The three parts as one text, with the middle one's SHA-256 in its place (as base64url) where the whole is too long. */
const fitted = (head: string, middle: string, tail: string, charactersMax: number): string => {
  const whole = head + middle + tail;
  if (whole.length <= charactersMax) return whole;
  return head + createHash('sha256').update(middle).digest('base64url').slice(0, HASH_CHARACTERS) + tail;
};

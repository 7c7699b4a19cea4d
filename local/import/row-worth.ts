import { currencyDigits } from '#platform/currency-digits.ts';
import { type Decimal, parseDecimal, times, toMinor } from './amount.ts';
import { currenciesOf } from './currency.ts';
import type { Mapping, Role } from './mapping.ts';
import type { OrderHead } from './read-row.ts';
import { Ignored, Refused } from './refused.ts';
import type { Verdict } from './status-words.ts';

/** Reads the amount of a field. Throws a Refused. */
export type Money = (field: Role, text: string) => Decimal;

/** Reads amounts in the run's currency, in its major or its minor unit. */
export const moneyReader = ({ decimals, amountUnit, currency, rounding, rows }: Mapping): Money => {
  const digits = currencyDigits(currency);
  return (field, text) => {
    if (text === '') throw new Refused(field, undefined, 'a value');
    const isMinor = amountUnit === 'minor';
    if (isMinor && !/^-?\d+$/.test(text)) throw new Refused(field, text, 'a whole number such as 123');
    const read = parseDecimal(text, isMinor ? 'point' : decimals);
    if (!read.ok) throw new Refused(field, text, read.expected);
    const { currency: sign } = read.value;
    if (sign !== undefined && !currenciesOf(sign).includes(currency))
      throw new Refused(field, text, `an amount in ${currency} (--currency names another)`);
    const value = isMinor ? { ...read.value, scale: digits } : read.value;
    // A price may have more decimals than price times quantity. If rows are added up, only their sum is rounded.
    if (field === 'price' || (rows === 'sum' && rounding !== 'refuse')) return value;
    const minor = toMinor(value, digits, rounding);
    if (!minor.ok) throw new Refused(field, text, minor.expected);
    return value;
  };
};

type Value = (role: Role) => string;

const magnitude = (digits: bigint): bigint => (digits < 0n ? -digits : digits);

/**
 * An amount made smaller by a discount, whichever sign the discount is written with. A refund becomes smaller too: less is
 * refunded.
 */
const discounted = (worth: Decimal, value: Value, money: Money): Decimal => {
  const text = value('discount');
  if (text === '') return worth;
  const off = money('discount', text);
  const scale = Math.max(worth.scale, off.scale);
  const at = ({ digits, scale: own }: Decimal): bigint => digits * 10n ** BigInt(scale - own);
  const left = magnitude(at(worth)) - magnitude(at(off));
  if (left < 0n) throw new Refused('discount', text, 'at most the amount that it reduces');
  return { ...worth, digits: worth.digits < 0n ? -left : left, scale };
};

/**
 * The worth of a row that has its order's total: that total on the first such row, and undefined on a row that only repeats it.
 * A row with a negative amount, if negative amounts are refunds, gives some of the total back. Throws a Refused for a different
 * total.
 */
const totalIn = (
  total: string,
  head: OrderHead,
  money: Money,
  { negative }: Mapping,
): Decimal | undefined => {
  if (head.total === '') {
    const worth = money('total', total);
    head.total = total;
    return worth;
  }
  if (head.total === total) return undefined;
  const worth = negative === 'refund' ? money('total', total) : undefined;
  if (worth !== undefined && worth.digits < 0n) return worth;
  throw new Refused('total', total, `${head.total} as on the first row of its order`);
};

/**
 * What a row is worth; undefined if an earlier row has its order's total, and this row repeats it or leaves it out. Throws a
 * Refused, or an Ignored for a row that does not count.
 */
export const worthIn = (
  value: Value,
  head: OrderHead,
  money: Money,
  mapping: Mapping,
): Decimal | undefined => {
  const total = value('total');
  if (total !== '') return totalIn(total, head, money, mapping);
  if (head.total !== '') return undefined;
  const price = value('price');
  if (price !== '') {
    const quantity = value('quantity') || '1';
    const pieces = parseDecimal(quantity, mapping.decimals);
    if (!pieces.ok) throw new Refused('quantity', quantity, 'a number such as 2');
    const worth = times(money('price', price), pieces.value);
    // This is how shops record goods that they write off.
    if (worth.digits === 0n && pieces.value.digits < 0n) throw new Ignored('goods taken back for nothing');
    return discounted(worth, value, money);
  }
  const field = mapping.columns.total === undefined ? 'amount' : 'total';
  return discounted(money(field, value('amount')), value, money);
};

/** Throws a Refused for a negative amount, unless the row is a refund or an option says what negative amounts mean. */
export const refuseNegative = (
  value: Value,
  worth: Decimal | undefined,
  verdict: Verdict,
  { negative }: Mapping,
): void => {
  if (worth === undefined || worth.digits >= 0n || negative !== 'refuse' || verdict === 'refunded') return;
  const field = (['total', 'amount', 'quantity'] as const).find((role) => value(role) !== '') ?? 'price';
  throw new Refused(field, value(field), 'zero or more (--negative refund makes it a refund)');
};

import { headerKey } from './headers.ts';
import type { Columns } from './mapping.ts';
import { NAMES } from './names.ts';
import { verdictOf } from './statuses.ts';

/** Headers of columns that say that an order was cancelled or refunded: `cancelled_at`, `is_refunded`, 退款状态. */
const ENDING = new RegExp(
  `^(?:${[
    '(?:is|was|has)?(?:cancell?ed|refunded|returned|voided)(?:at|on|date|time|flag|yn|amount|qty|quantity|items|units)?',
    '(?:cancell?ation|cancel|return|refund)(?:date|at|time|status|state|flag|qty|quantity)',
    '(?:date|time|qty|quantity|items|units)(?:cancell?ed|refunded|returned)',
    'refunds?|returns',
    '(?:退款|退货|售后|取消)(?:状态|时间|标志|数量)?',
  ].join('|')})$`,
);

/** Headers of columns that say what is taken off a price: an amount, or a share of it. */
const DISCOUNT =
  /^(?:line|item|unit|product)?(?:discount|rebate|rabatt)(?:amount|value|rate|pct|percent|percentage)?$|^(?:折扣|优惠|折扣率|优惠金额|折扣金额)$/;

/**
 * Headers of columns with states of orders. If one of them is read and another is not, the other may say that the order was
 * refunded.
 */
const STATES = new Set(NAMES.status);

/** Values by which a column of cancellations, refunds or discounts says that the order had none. */
const NOTHING_HAPPENED = new Set([
  ...['', '0', '0.0', '0.00', '0.0000', 'false', 'f', 'no', 'n', 'nein', 'non', '-', '--'],
  ...['否', '无', '未退款', '没有申请退款', '无退款申请', '无售后', '无售后或售后取消', '未申请'],
]);

/** The columns of a file that seem to say that less was paid in the end, and that are not read. */
export const unreadEndings = (headers: readonly string[], columns: Columns): string[] => {
  const { 'refund-time': refundTime, ...others } = columns;
  // The time of a refund is only read if another column says whether the order was refunded.
  const isTimeRead = [columns.refund, columns.status, columns.kind].some((column) => column !== undefined);
  const read = new Set(Object.values(isTimeRead ? columns : others));
  // A price is usually given before the discount, and an order's amount or total after it.
  const isOff = (key: string): boolean =>
    columns.price !== undefined && columns.total === undefined && DISCOUNT.test(key);
  return headers.filter((header) => {
    const key = headerKey(header);
    return !read.has(header) && (ENDING.test(key) || STATES.has(key) || isOff(key));
  });
};

/** Whether a word for an order's state has a known meaning other than that the order was paid. */
const isEnded = (word: string): boolean => {
  const verdict = verdictOf(word, 'status', {});
  return verdict !== undefined && verdict !== 'paid';
};

/** Whether a value in a column that is not read says that less was paid in the end. */
export const saysEnding = (header: string, value: string): boolean =>
  STATES.has(headerKey(header)) ? isEnded(value) : saysSomething(value);

export const saysSomething = (text: string): boolean => !NOTHING_HAPPENED.has(text.toLowerCase());

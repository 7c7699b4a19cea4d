import { headerKey } from './headers.ts';
import type { Columns } from './mapping.ts';

/** Headers of columns that say that an order was canceled or given back: `cancelled_at`, `is_refunded`, 退款状态. */
const ENDING =
  /^(?:(?:is|was|has)?(?:cancell?ed|refunded|returned|voided)(?:at|on|date|time|flag|yn)?|(?:cancell?ation|cancel|return|refund)(?:date|at|time|status|state|flag)|(?:date|time)(?:cancell?ed|refunded|returned)|(?:退款|退货|售后|取消)(?:状态|时间|标志)?)$/;

/** Headers of columns that say what is taken off a price: an amount, or a share of it. */
const DISCOUNT =
  /^(?:line|item|unit|product)?(?:discount|rebate|rabatt)(?:amount|value|rate|pct|percent|percentage)?$|^(?:折扣|优惠|折扣率|优惠金额|折扣金额)$/;

/** Values of such a column that mean that nothing of the kind has happened to the order. */
const NOTHING_HAPPENED = new Set([
  ...['', '0', '0.0', '0.00', 'false', 'f', 'no', 'n', 'nein', 'non', '-', '--'],
  ...['否', '无', '未退款', '没有申请退款', '无售后', '无售后或售后取消', '未申请'],
]);

/** The columns of a file that seem to say that less was paid in the end, and that are not read. */
export const unreadEndings = (headers: readonly string[], columns: Columns): string[] => {
  const { 'refund-time': refundTime, ...others } = columns;
  // The time at which an order was given back is only read if something says that it was.
  const isTimeRead = [columns.refund, columns.status, columns.kind].some((column) => column !== undefined);
  const read = new Set(Object.values(isTimeRead ? columns : others));
  // A price is usually meant before a discount, and an amount after it.
  const isOff = (key: string): boolean =>
    columns.price !== undefined && columns.total === undefined && DISCOUNT.test(key);
  return headers.filter((header) => {
    const key = headerKey(header);
    return !read.has(header) && (ENDING.test(key) || isOff(key));
  });
};

export const saysSomething = (text: string): boolean => !NOTHING_HAPPENED.has(text.toLowerCase());

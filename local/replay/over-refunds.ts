import { parseBody, parseEvent } from '#events/contract.ts';
import type { Source } from './sources/source.ts';

/**
 * An order for which more was refunded than was paid. `line` is the line of the first refund that exceeds the payment; amounts
 * are in minor units.
 */
export type OverRefund = {
  line: number;
  orderId: string;
  memberId: string;
  paidFen: number;
  backFen: number;
};

type Seen = {
  kind: 'paid' | 'refunded';
  /** The key of the order, and that of the event. */
  order: string;
  event: string;
  line: number;
  orderId: string;
  memberId: string;
  fen: number;
};

/** The orders and refunds of a source that the contract takes, in the order of its lines. */
const ordersOf = async function* (source: Source, nowMs: number): AsyncGenerator<Seen> {
  for await (const records of source.records()) {
    for (const { line, ...record } of records) {
      if (record.kind === 'unreadable') continue;
      const body = parseBody(record.sendable.text);
      for (const value of body.ok ? body.events : []) {
        const parsed = parseEvent(value, nowMs);
        if (!parsed.ok) continue;
        const { event } = parsed;
        if (event.type !== 'order.paid' && event.type !== 'order.refunded') continue;
        const { type, source: from, id, data } = event;
        const { orderId, memberId, amountFen: fen } = data;
        const kind = type === 'order.paid' ? 'paid' : 'refunded';
        const order = JSON.stringify([memberId, orderId]);
        yield { kind, order, event: JSON.stringify([from, id]), line, orderId, memberId, fen };
      }
    }
  }
};

/**
 * The orders for which more was refunded than was paid. The usual cause is a refund that states the total refunded so
 * far, where the contract asks for the amount of this refund alone. Reads the source twice, and keeps only the refunded orders
 * in memory. An order whose payment is not in the source is left out.
 */
export const readOverRefunds = async (source: Source, nowMs: number): Promise<OverRefund[]> => {
  const refunded = new Set<string>();
  for await (const { kind, order } of ordersOf(source, nowMs)) if (kind === 'refunded') refunded.add(order);
  const sums = new Map<string, { paidFen: number; events: Set<string>; backs: Seen[] }>();
  for await (const seen of ordersOf(source, nowMs)) {
    if (!refunded.has(seen.order)) continue;
    const sum = sums.get(seen.order) ?? { paidFen: 0, events: new Set(), backs: [] };
    sums.set(seen.order, sum);
    if (sum.events.has(seen.event)) continue;
    sum.events.add(seen.event);
    if (seen.kind === 'paid') sum.paidFen += seen.fen;
    else sum.backs.push(seen);
  }
  return [...sums.values()].flatMap(({ paidFen, backs }): OverRefund[] => {
    let backFen = 0;
    const beyond = backs.find(({ fen }) => {
      backFen += fen;
      return backFen > paidFen;
    });
    if (paidFen === 0 || beyond === undefined) return [];
    const { line, orderId, memberId } = beyond;
    return [{ line, orderId, memberId, paidFen, backFen: backs.reduce((sum, { fen }) => sum + fen, 0) }];
  });
};

/** At most this many orders are named one by one; the others are only counted. */
const NAMED_MAX = 20;

/** The lines to print about these orders, one for each; `amountOf` formats an amount. */
export const overRefundLines = (
  orders: readonly OverRefund[],
  amountOf: (fen: number) => string,
): string[] => [
  ...orders
    .slice(0, NAMED_MAX)
    .map(
      ({ line, orderId, memberId, paidFen, backFen }) =>
        `line ${line}: order ${orderId} of ${memberId}: ${amountOf(backFen)} refunded of ${amountOf(paidFen)} paid; amountFen is the amount of this refund`,
    ),
  ...(orders.length > NAMED_MAX ? [`and ${orders.length - NAMED_MAX} more`] : []),
];

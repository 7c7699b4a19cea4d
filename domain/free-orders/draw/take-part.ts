/** Takes orders and refunds into the draw of a campaign. */
import type { OrderEvent } from '#domain/members/member-event.ts';
import { compareText } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type KeptOrder, nameOf } from '../entries/kept-order.ts';
import { keepOrders, withMembers, withoutErased } from '../entries/kept-orders.ts';
import { drawOrders, refundInstant } from './instant.ts';
import { type OpenDraw, openDraw } from './open-draw.ts';
import { outcomeMetric, publishDrawReport } from './report.ts';
import type { Settled } from './settle-refunds.ts';
import { refundSlotted } from './slot-refunds.ts';
import { participationOf } from './win.ts';

/** Keeps one order for each participation. The choice does not depend on the order of arrival within the batch. */
const distinct = ({ rules, pseudonyms }: OpenDraw, orders: readonly KeptOrder[]): Map<string, KeptOrder> =>
  new Map(
    orders
      .map((order) => ({ order, text: JSON.stringify(order) }))
      .sort((a, b) => compareText(b.text, a.text))
      .map(({ order }) => [participationOf(rules, nameOf(order, pseudonyms)), order]),
  );

/** The traces of those orders that have one, by participation. */
const tracesOf = ({ rules, pseudonyms }: OpenDraw, orders: readonly OrderEvent[]): Map<string, string> =>
  new Map(
    orders.flatMap(({ orderId, member, traceparent }) =>
      traceparent === undefined
        ? []
        : [[participationOf(rules, { orderId, member: pseudonyms.of(member) }), traceparent]],
    ),
  );

const byKind = (events: readonly OrderEvent[]): Record<OrderEvent['kind'], OrderEvent[]> => {
  const ofKind: Record<OrderEvent['kind'], OrderEvent[]> = { paid: [], refunded: [] };
  for (const event of events) ofKind[event.kind].push(event);
  return ofKind;
};

/** Notes refunds, and reduces or revokes the wins of their orders. */
const refund = (runtime: Runtime, draw: OpenDraw, refunds: readonly OrderEvent[]): Promise<Settled> => {
  switch (draw.mode) {
    case 'instant':
      return refundInstant(runtime, draw, refunds);
    case 'slot':
      return refundSlotted(runtime, draw, refunds);
    default:
      return draw satisfies never;
  }
};

/** Joins two results. Of several amounts that a win was reduced to, the smallest counts; a revocation overrides them all. */
const together = (first: Settled, second: Settled): Settled => {
  const revoked = new Map([...first.revoked, ...second.revoked].map((grant) => [grant.id, grant]));
  const reduced = [...first.reduced, ...second.reduced]
    .filter(({ grant }) => !revoked.has(grant.id))
    .sort((a, b) => b.awardFen - a.awardFen);
  return {
    revoked: [...revoked.values()],
    reduced: [...new Map(reduced.map((one) => [one.grant.id, one])).values()],
  };
};

/**
 * Takes a batch of one campaign's orders and refunds into its draw. Repeating this only republishes events. In instant mode
 * every order's outcome is known at the end, except for the orders whose ids are returned: the campaign is paused, and these
 * orders must be given to this function again. In slot mode only the outcome of an order that came too late is known.
 */
export const takePart = async (
  runtime: Runtime,
  campaignId: string,
  events: readonly OrderEvent[],
  nowMs: number,
): Promise<ReadonlySet<string>> => {
  const draw = await openDraw(runtime, campaignId);
  const { rules, settings } = draw;
  const { paid, refunded } = byKind(events);
  const settled = await refund(runtime, draw, refunded);
  const orders = await withoutErased(runtime, draw, await withMembers(runtime, rules, paid));
  const { inTime, late } = await keepOrders(runtime, draw, orders, nowMs);
  const lateMetrics = [...distinct(draw, late)].map(([name, order]) =>
    outcomeMetric({ name, order, outcome: 'slot-closed', awardFen: 0 }),
  );
  const ofOrders = tracesOf(draw, paid);
  // If an order comes again after its refund, the reduction of its win is published once more, with the
  // order's trace.
  const traces = { wins: ofOrders, changes: new Map([...ofOrders, ...tracesOf(draw, refunded)]) };
  if (draw.mode === 'slot') {
    await publishDrawReport(runtime, settings, { metrics: lateMetrics, wins: [], traces, ...settled }, nowMs);
    return new Set();
  }
  const { entryOutcomes, wins, deferred, ...since } = await drawOrders(runtime, draw, distinct(draw, inTime));
  await publishDrawReport(
    runtime,
    settings,
    {
      metrics: [...entryOutcomes.map(outcomeMetric), ...lateMetrics],
      wins,
      traces,
      ...together(settled, since),
    },
    nowMs,
  );
  return new Set(deferred.map(({ orderId }) => orderId));
};

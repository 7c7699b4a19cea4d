/** Takes orders and refunds into the draw of a campaign. */
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { compareText } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { keepOrders, withMembers } from '../entries/kept-orders.ts';
import { drawOrders, revokeInstant } from './instant.ts';
import { type OpenDraw, openDraw } from './open-draw.ts';
import { type EntryOutcome, outcomeMetric, publishDrawReport } from './report.ts';
import { revokeSlotted } from './slot-refunds.ts';

/** One of each order: the same one for any order of arrival within the batch. */
const distinct = (orders: readonly KeptOrder[]): KeptOrder[] => [
  ...new Map(
    orders
      .map((order) => ({ order, text: JSON.stringify(order) }))
      .sort((a, b) => compareText(b.text, a.text))
      .map(({ order }) => [order.orderId, order]),
  ).values(),
];

const byKind = (events: readonly OrderEvent[]): Record<OrderEvent['kind'], OrderEvent[]> => {
  const ofKind: Record<OrderEvent['kind'], OrderEvent[]> = { paid: [], refunded: [] };
  for (const event of events) ofKind[event.kind].push(event);
  return ofKind;
};

/** The wins of refunded orders, revoked. */
const revokeRefunded = (
  runtime: Runtime,
  draw: OpenDraw,
  refunds: readonly OrderEvent[],
): Promise<StoredGrant[]> => {
  switch (draw.mode) {
    case 'instant':
      return revokeInstant(runtime, draw, refunds);
    case 'slot':
      return revokeSlotted(runtime, draw, refunds);
    default:
      return draw satisfies never;
  }
};

/**
 * Takes a batch of one campaign's orders and refunds into its draw. Repeating it only republishes events. In instant mode every
 * order's outcome is known at the end; in slot mode only that of an order that came too late.
 */
export const takePart = async (
  runtime: Runtime,
  campaignId: string,
  events: readonly OrderEvent[],
  nowMs: number,
): Promise<void> => {
  const draw = await openDraw(runtime, campaignId);
  const { rules, settings } = draw;
  const { paid, refunded } = byKind(events);
  const revokedNow = await revokeRefunded(runtime, draw, refunded);
  const { inTime, late } = await keepOrders(runtime, draw, await withMembers(runtime, rules, paid));
  const metricEvent = (outcome: EntryOutcome) => outcomeMetric(campaignId, outcome);
  const lateMetrics = distinct(late).map((order) =>
    metricEvent({ order, outcome: 'slot-closed', awardFen: 0 }),
  );
  if (draw.mode === 'slot') {
    await publishDrawReport(
      runtime,
      settings,
      { metrics: lateMetrics, wins: [], revoked: revokedNow },
      nowMs,
    );
    return;
  }
  const drawn = await drawOrders(runtime, draw, distinct(inTime));
  const revoked = new Map([...revokedNow, ...drawn.revoked].map((grant) => [grant.id, grant]));
  await publishDrawReport(
    runtime,
    settings,
    {
      metrics: [...drawn.entryOutcomes.map(metricEvent), ...lateMetrics],
      wins: drawn.wins,
      revoked: [...revoked.values()],
    },
    nowMs,
  );
};

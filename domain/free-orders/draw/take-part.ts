import type { Runtime } from '#platform/runtime.ts';
/** What orders and refunds do to the draw of a campaign. */

import type { OrderEvent } from '#domain/members/member-event.ts';
import { compareText } from '#platform/collections.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { keepOrders, withMembers } from '../entries/kept-orders.ts';
import { drawOrders, revokeInstant } from './instant.ts';
import { openDraw } from './open-draw.ts';
import { type Ending, endingMetric, sendReport } from './report.ts';
import { revokeSlotted } from './slot-refunds.ts';

/** One of each order, the same one whatever the order of arrival within the batch. */
const distinct = (orders: readonly KeptOrder[]): KeptOrder[] => [
  ...new Map(
    orders
      .map((order) => ({ order, text: JSON.stringify(order) }))
      .sort((a, b) => compareText(b.text, a.text))
      .map(({ order }) => [order.orderId, order]),
  ).values(),
];

/**
 * Takes a batch of one campaign's orders and refunds into its draw. All of it may have been done before. In instant mode
 * every order's outcome is known at the end; in slot mode only that of an order that came too late.
 */
export const takePart = async (
  runtime: Runtime,
  campaignId: string,
  events: readonly OrderEvent[],
  nowMs: number,
): Promise<void> => {
  const draw = await openDraw(runtime, campaignId);
  const { rules, settings } = draw;
  const isInstant = rules.definition.mode === 'instant';
  const refunds = events.filter(({ kind }) => kind === 'refunded');
  const revokedNow = await (isInstant ? revokeInstant : revokeSlotted)(runtime, draw, refunds);
  const paid = await withMembers(
    runtime,
    rules,
    events.filter(({ kind }) => kind === 'paid'),
  );
  const { inTime, late } = await keepOrders(runtime, draw, paid);
  const told = (ending: Ending) => endingMetric(campaignId, ending);
  const lateMetrics = distinct(late).map((order) => told({ order, outcome: 'slot-closed', awardFen: 0 }));
  if (!isInstant) {
    await sendReport(runtime, settings, { metrics: lateMetrics, wins: [], revoked: revokedNow }, nowMs);
    return;
  }
  const drawn = await drawOrders(runtime, draw, distinct(inTime));
  const revoked = new Map([...revokedNow, ...drawn.revoked].map((grant) => [grant.id, grant]));
  await sendReport(
    runtime,
    settings,
    {
      metrics: [...drawn.endings.map(told), ...lateMetrics],
      wins: drawn.wins,
      revoked: [...revoked.values()],
    },
    nowMs,
  );
};

import type { Runtime } from '#platform/runtime.ts';
/** What is told of a draw: wins to the outbox, and every order's outcome to the metrics, once however often it is told. */

import type { Grant } from '#domain/grants/grant.ts';
import { grantEvent, sendGrants, sendMetrics } from '#domain/grants/grant-events.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import { sendAll } from '#platform/queue.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { REFUSED, REVOKED, TOOK_PART } from '../rules/labels.ts';
import { INELIGIBLE_REASONS, type Outcome } from '../rules/reasons.ts';
import { FREE_ORDER_SOURCE, participationOf } from './win.ts';

const REVOCATIONS_PER_MESSAGE = 100;
const INELIGIBLE: ReadonlySet<Outcome> = new Set(INELIGIBLE_REASONS);

/** The order took no part in the draw. */
export const isRefusal = (outcome: Outcome): boolean => INELIGIBLE.has(outcome);

/** `free-order/won` or `free-refused/wrong-tier`. */
export const endingLabel = (outcome: Outcome): string =>
  `${isRefusal(outcome) ? REFUSED : TOOK_PART}/${outcome}`;

/** How an order ended. `awardFen` is 0 for whoever did not win. */
export type Ending = { order: KeptOrder; outcome: Outcome; awardFen: number };

/** An order's ending as the metrics count it, one event an order. */
export const endingMetric = (campaignId: string, { order, outcome, awardFen }: Ending): MetricEvent => ({
  id: participationOf(campaignId, order.orderId),
  timeMs: order.timeMs,
  label: endingLabel(outcome),
  brand: '',
  amountFen: awardFen,
  member: isRefusal(outcome) ? '' : order.memberId,
});

/** That a win was revoked, told beside the win and not in place of it. */
const revokedMetric = (grant: Grant): MetricEvent => ({
  id: eventIdOf(`${FREE_ORDER_SOURCE}/revoked`, grant.id),
  timeMs: grant.grantedMs,
  label: REVOKED,
  brand: '',
  amountFen: grant.faceFen,
  member: '',
});

const revokedEvent = (grant: Grant) => ({
  ...grantEvent(grant),
  type: `${grant.kind}.revoked`,
  id: `${grant.id}.revoked`,
});

export type Report = {
  /** How orders ended. */
  metrics: readonly MetricEvent[];
  wins: readonly Grant[];
  revoked: readonly Grant[];
};

/** Tells a report. All of it may have been told before: every event has an id of its own that says so. */
export const sendReport = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { metrics, wins, revoked }: Report,
  nowMs: number,
): Promise<void> => {
  await sendGrants(runtime, wins);
  await sendAll(
    runtime,
    runtime.environment('GRANTS_QUEUE_URL'),
    Array.from({ length: Math.ceil(revoked.length / REVOCATIONS_PER_MESSAGE) }, (_, i) => ({
      message: revoked
        .slice(i * REVOCATIONS_PER_MESSAGE, (i + 1) * REVOCATIONS_PER_MESSAGE)
        .map(revokedEvent),
    })),
  );
  await sendMetrics(
    runtime,
    [...metrics, ...revoked.map(revokedMetric)].map((event) => ({ settings, event })),
    nowMs,
  );
};

/**
 * Publishes a draw: wins, revocations and reductions to the outbox, and every order's outcome to the metrics, counted once
 * however often it is sent.
 */
import type { Grant } from '#domain/grants/grant.ts';
import { grantEvent, sendGrantEvents, sendGrants, sendMetrics } from '#domain/grants/grant-events.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { REFUSED, REVOKED, TOOK_PART } from '../rules/labels.ts';
import { type DrawOutcome, INELIGIBLE_REASONS } from '../rules/reasons.ts';
import type { Reduced } from './settle-refunds.ts';
import { FREE_ORDER_SOURCE } from './win.ts';

const INELIGIBLE: ReadonlySet<DrawOutcome> = new Set(INELIGIBLE_REASONS);

/** Whether the order was not eligible, and so took no part in the draw. */
export const isRefusal = (outcome: DrawOutcome): boolean => INELIGIBLE.has(outcome);

/** The label of an outcome, such as `free-order/won` or `free-refused/wrong-tier`. */
export const outcomeLabel = (outcome: DrawOutcome): string =>
  `${isRefusal(outcome) ? REFUSED : TOOK_PART}/${outcome}`;

/** How an order ended. `name` is its participation; `awardFen` is 0 without a win. */
export type EntryOutcome = { name: string; order: KeptOrder; outcome: DrawOutcome; awardFen: number };

/** The metric event of an order's outcome, one for each order. */
export const outcomeMetric = ({ name, order, outcome, awardFen }: EntryOutcome): MetricEvent => ({
  id: name,
  timeMs: order.timeMs,
  label: outcomeLabel(outcome),
  brand: '',
  amountFen: awardFen,
  member: isRefusal(outcome) ? '' : order.memberId,
});

/** The metric event of a revoked win; the win's own event stays. */
const revokedMetric = (grant: Grant): MetricEvent => ({
  id: eventIdOf(`${FREE_ORDER_SOURCE}/revoked`, grant.id),
  timeMs: grant.grantedMs,
  label: REVOKED,
  brand: '',
  amountFen: grant.faceFen,
  member: '',
});

const revokedEvent = (grant: Grant, traceparent: string | undefined) => ({
  ...grantEvent(grant, traceparent),
  type: `${grant.kind}.revoked`,
  id: `${grant.id}.revoked`,
});

/**
 * The event of a win of which less is paid out than was granted. An award never grows, so of several such events about one grant
 * the smallest amount counts, in whatever order they arrive.
 */
const reducedEvent = ({ grant, awardFen }: Reduced, traceparent: string | undefined) => {
  const event = grantEvent(grant, traceparent);
  return {
    ...event,
    type: `${grant.kind}.reduced`,
    id: `${grant.id}.reduced.${awardFen}`,
    data: { ...event.data, amountFen: awardFen },
  };
};

export type DrawReport = {
  /** How orders ended. */
  metrics: readonly MetricEvent[];
  wins: readonly Grant[];
  revoked: readonly Grant[];
  reduced: readonly Reduced[];
  /** The traces of what brought the wins, by participation, and of what reduced or revoked them; a slot's draw knows none. */
  traces?: { wins: ReadonlyMap<string, string>; changes: ReadonlyMap<string, string> };
};

/** Publishes a report. Its events may have been sent before; receivers recognise repetitions by their ids. */
export const publishDrawReport = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { metrics, wins, revoked, reduced, traces }: DrawReport,
  nowMs: number,
): Promise<void> => {
  const traceOf = ({ trigger }: Grant): string | undefined => traces?.changes.get(trigger);
  await sendGrants(runtime, wins, traces?.wins);
  await sendGrantEvents(runtime, [
    ...revoked.map((grant) => revokedEvent(grant, traceOf(grant))),
    ...reduced.map((one) => reducedEvent(one, traceOf(one.grant))),
  ]);
  await sendMetrics(
    runtime,
    [...metrics, ...revoked.map(revokedMetric)].map((event) => ({ settings, event })),
    nowMs,
  );
};

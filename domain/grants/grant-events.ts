import type { SpendingArm } from '#domain/campaigns/arms.ts';
import { isPastHorizon, windowStartOf } from '#domain/metrics/levels.ts';
import {
  CHALLENGER_WORD,
  type MetricEvent,
  type MetricsMessage,
  toTuple,
} from '#domain/metrics/metric-event.ts';
import { type CampaignSettings, formatTime } from '#events/contract.ts';
import { chunks } from '#platform/collections.ts';
import { eventIdOf } from '#platform/hash.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { logTraces, onlyTrace } from '#platform/traces.ts';
import type { Grant } from './grant.ts';

/**
 * The events that are published about grants, to other systems and to the metrics. Each is a function of the grant and of what
 * changed it, so a republished event is the same as before, and a receiver recognises it by its id.
 */

/** Keeps a message far below the limit of SQS, at 600 bytes for each event. */
const GRANTS_PER_MESSAGE = 100;
const METRICS_PER_MESSAGE = 100;
const SOURCE = '/zhihui/grants';

/** Whether the prior, as the challenger of a learned model, chose the offer. The grant's reason, a JSON text, says so. */
const isChallengers = ({ reason }: Grant): boolean => reason.includes('"isChallenger":true');

/** Whether the order that brought a grant named an alias of the member. The grant's reason says so. */
export const isOfAlias = ({ reason }: Grant): boolean => reason.includes('"isLinked":true');

/** The arm whose budget pays for a coupon. */
export const armOfGrant = ({ budget }: Grant): SpendingArm =>
  budget.slice(0, budget.indexOf('/')) as SpendingArm;

/**
 * A grant as a CloudEvents event for the wallet and payment systems. An erased member is named by `erased:` and a keyed hash.
 * `traceparent` is that of the event that brought the grant, if it is known.
 */
export const grantEvent = (grant: Grant, traceparent?: string) => ({
  specversion: '1.0',
  type: `${grant.kind}.granted`,
  id: grant.id,
  source: SOURCE,
  time: formatTime(grant.grantedMs),
  subject: grant.member.trim(),
  datacontenttype: 'application/json',
  ...(traceparent === undefined ? {} : { traceparent }),
  data: {
    grantId: grant.id,
    campaignId: grant.campaignId,
    memberId: grant.member.trim(),
    offerId: grant.offer,
    amountFen: grant.faceFen,
    budget: grant.budget,
    expiresAt: formatTime(grant.expiresMs),
    reason: JSON.parse(grant.reason) as unknown,
  },
});

/**
 * Sends grants to the outbox. Call it after they are committed and before the message that triggered them is acknowledged. A
 * redelivery that finds the grants made sends them again. `traces` are those of the events that brought the grants, by trigger.
 */
export const sendGrants = async (
  runtime: Runtime,
  grants: readonly Grant[],
  traces: ReadonlyMap<string, string> = new Map(),
): Promise<void> => {
  await sendGrantEvents(
    runtime,
    grants.map((grant) => grantEvent(grant, traces.get(grant.trigger))),
  );
};

/** Sends events about grants to the outbox, and logs the traces among them. */
export const sendGrantEvents = async (
  runtime: Runtime,
  events: readonly { traceparent?: string }[],
): Promise<void> => {
  const tracesOf = (some: typeof events): string[] => some.flatMap(({ traceparent }) => traceparent ?? []);
  await sendAll(
    runtime,
    runtime.environment('GRANTS_QUEUE_URL'),
    chunks(events, GRANTS_PER_MESSAGE).map((chunk) => ({
      message: chunk,
      traceparent: onlyTrace(tracesOf(chunk)),
    })),
  );
  logTraces(runtime, 'traced grants', tracesOf(events));
};

/** What is counted under a coupon's offer: each kind once for each coupon and trigger. */
export type CouponMetricKind =
  | 'issued'
  | 'redeemed'
  | 'returned'
  | 'expired'
  | 'overdraft'
  | 'overdraft-returned';

/**
 * The metric event under `coupon-<kind>/<arm>/<offer>`, with one more word at the end if a model's challenger decided.
 * `trigger` distinguishes several events of one kind and coupon.
 */
export const couponMetric = (
  kind: CouponMetricKind,
  grant: Grant,
  timeMs: number,
  trigger: string,
): MetricEvent => ({
  id: eventIdOf(`${SOURCE}/${kind}`, `${grant.id}/${trigger}`),
  timeMs,
  label: [
    `coupon-${kind}`,
    armOfGrant(grant),
    grant.offer,
    ...(isChallengers(grant) ? [CHALLENGER_WORD] : []),
  ].join('/'),
  brand: '',
  amountFen: grant.faceFen,
  member: kind === 'issued' || kind === 'redeemed' ? grant.member : '',
});

/** The metric event of a grant that was made. A grant is made only once, so no trigger is needed. */
export const issuedMetric = (grant: Grant): MetricEvent => couponMetric('issued', grant, grant.grantedMs, '');

/**
 * Sends metric events, each with its time clamped to its campaign's span. Events whose window is past its horizon are left out,
 * as orders of that window are.
 */
export const sendMetrics = async (
  runtime: Runtime,
  metricEvents: readonly { settings: CampaignSettings; event: MetricEvent }[],
  nowMs: number,
): Promise<void> => {
  const messages: MetricsMessage[] = [];
  for (const ofCampaign of Map.groupBy(metricEvents, ({ settings }) => settings.campaignId).values()) {
    const { settings } = ofCampaign[0]!;
    const tuples = ofCampaign.map(({ event }) =>
      toTuple({
        ...event,
        timeMs: Math.min(Math.max(event.timeMs, settings.startsAtMs), settings.endsAtMs - 1),
      }),
    );
    const open = tuples.filter(
      ([, timeMs]) => !isPastHorizon(settings, windowStartOf(settings, timeMs), nowMs),
    );
    messages.push(...chunks(open, METRICS_PER_MESSAGE).map((events) => ({ settings, events })));
  }
  await sendAll(
    runtime,
    runtime.environment('METRICS_QUEUE_URL'),
    messages.map((message) => ({ message })),
  );
};

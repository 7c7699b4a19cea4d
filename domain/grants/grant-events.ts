import { isSealed, windowStartOf } from '#domain/metrics/levels.ts';
import { type MetricEvent, type MetricsMessage, toTuple } from '#domain/metrics/metric-event.ts';
import { type CampaignSettings, formatTime } from '#events/contract.ts';
import { chunks } from '#platform/collections.ts';
import { eventIdOf } from '#platform/hash.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Grant } from './grant.ts';

/**
 * What the world outside and the metrics are told of grants. All of it is a function of the grant, so that it is the
 * same however often it is told, and a receiver can tell by the id.
 */

/** Keeps a message far below what SQS takes, at 600 bytes an event. */
const GRANTS_PER_MESSAGE = 100;
const METRICS_PER_MESSAGE = 100;
const SOURCE = '/zhihui/grants';

const armOf = ({ budget }: Grant): string => budget.slice(0, budget.indexOf('/'));

/** A grant as a CloudEvents event for the wallet and payment systems. */
export const grantEvent = (grant: Grant) => ({
  specversion: '1.0',
  type: `${grant.kind}.granted`,
  id: grant.id,
  source: SOURCE,
  time: formatTime(grant.grantedMs),
  subject: grant.member,
  datacontenttype: 'application/json',
  data: {
    grantId: grant.id,
    campaignId: grant.campaignId,
    memberId: grant.member,
    offerId: grant.offer,
    amountFen: grant.faceFen,
    budget: grant.budget,
    expiresAt: formatTime(grant.expiresMs),
    reason: JSON.parse(grant.reason) as unknown,
  },
});

/**
 * Sends grants to the outbox. Whoever makes grants calls this once they are committed and before the message that
 * triggered them is done with; whoever finds them made already calls it again.
 */
export const sendGrants = (runtime: Runtime, grants: readonly Grant[]): Promise<void> =>
  sendAll(
    runtime,
    runtime.environment('GRANTS_QUEUE_URL'),
    chunks(grants, GRANTS_PER_MESSAGE).map((chunk) => ({ message: chunk.map(grantEvent) })),
  );

/** The happenings in the life of a coupon that concern its offer, each counted once a coupon and trigger. */
export type CouponHappening = 'issued' | 'redeemed' | 'returned' | 'expired';

/** A happening as the metrics count it, under `coupon-<happening>/<arm>/<offer>`. `trigger` tells the same one apart by time. */
export const couponMetric = (
  happening: CouponHappening,
  grant: Grant,
  timeMs: number,
  trigger: string,
): MetricEvent => ({
  id: eventIdOf(`${SOURCE}/${happening}`, `${grant.id}/${trigger}`),
  timeMs,
  label: `coupon-${happening}/${armOf(grant)}/${grant.offer}`,
  brand: '',
  amountFen: grant.faceFen,
  member: happening === 'issued' || happening === 'redeemed' ? grant.member : '',
});

/** That a grant was made: its id alone says which. */
export const issuedMetric = (grant: Grant): MetricEvent => couponMetric('issued', grant, grant.grantedMs, '');

/**
 * Sends happenings to the metrics, each brought into its campaign's span; those whose window takes no more are left out, as
 * their orders would be.
 */
export const sendMetrics = async (
  runtime: Runtime,
  happenings: readonly { settings: CampaignSettings; event: MetricEvent }[],
  nowMs: number,
): Promise<void> => {
  const messages: MetricsMessage[] = [];
  for (const ofCampaign of Map.groupBy(happenings, ({ settings }) => settings.campaignId).values()) {
    const { settings } = ofCampaign[0]!;
    const tuples = ofCampaign.map(({ event }) =>
      toTuple({
        ...event,
        timeMs: Math.min(Math.max(event.timeMs, settings.startsAtMs), settings.endsAtMs - 1),
      }),
    );
    const open = tuples.filter(([, timeMs]) => !isSealed(settings, windowStartOf(settings, timeMs), nowMs));
    messages.push(...chunks(open, METRICS_PER_MESSAGE).map((events) => ({ settings, events })));
  }
  await sendAll(
    runtime,
    runtime.environment('METRICS_QUEUE_URL'),
    messages.map((message) => ({ message })),
  );
};

import type { SQSRecord } from 'aws-lambda';
import { openCampaigns } from '#domain/campaigns/open-campaigns.ts';
import { packMemberEvents, packMetrics } from '#domain/intake/pack.ts';
import { sendRejects } from '#domain/intake/rejects.ts';
import { type Delivery, type Routed, route } from '#domain/intake/route.ts';
import { batchHandler } from '#platform/batch.ts';
import { type OutgoingMessage, sendAll } from '#platform/queue.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** On a message of orders that wait for their campaign: when they were first sent, in ms. */
const FIRST_SENT_ATTRIBUTE = 'firstSentMs';
const MIN_RETRY_DELAY_SECONDS = 1;
const MAX_RETRY_DELAY_SECONDS = 15;

const toDelivery = ({ messageId, body, attributes, messageAttributes }: SQSRecord): Delivery => ({
  messageId,
  body,
  sentMs: Number(messageAttributes[FIRST_SENT_ATTRIBUTE]?.stringValue ?? attributes.SentTimestamp),
});

/** The longer orders have waited, the less often they ask again. */
const toRetry = ({ events, sentMs }: Routed['waiting'][number], nowMs: number): OutgoingMessage => ({
  message: events,
  delaySeconds: Math.min(
    MAX_RETRY_DELAY_SECONDS,
    Math.max(MIN_RETRY_DELAY_SECONDS, Math.round((nowMs - sentMs) / 1000)),
  ),
  attributes: { [FIRST_SENT_ATTRIBUTE]: String(sentMs) },
});

/** The front door: validates, finds the campaigns, and hands each event on or rejects it with its reason. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records) => {
    const nowMs = runtime.clock.nowMs();
    const waitMs = Number(runtime.environment('CAMPAIGN_WAIT_SECONDS')) * 1000;
    const deliveries = records.map(toDelivery);
    let routed = route(deliveries, await openCampaigns(runtime, nowMs, 'cached'), nowMs, waitMs);
    if (routed.waiting.length > 0 || routed.rejects.some(({ reason }) => reason === 'no-open-campaign')) {
      routed = route(deliveries, await openCampaigns(runtime, nowMs, 'fresh'), nowMs, waitMs);
    }
    const toMessages = (messages: readonly unknown[]) => messages.map((message) => ({ message }));
    await Promise.all([
      sendAll(runtime, runtime.environment('PRESALE_QUEUE_URL'), toMessages(routed.presales)),
      sendAll(runtime, runtime.environment('METRICS_QUEUE_URL'), toMessages(packMetrics(routed.metrics))),
      sendAll(runtime, runtime.environment('COUPON_QUEUE_URL'), toMessages(packMemberEvents(routed.coupons))),
      sendAll(
        runtime,
        runtime.environment('FREE_ORDER_QUEUE_URL'),
        toMessages(packMemberEvents(routed.freeOrders)),
      ),
      sendAll(
        runtime,
        runtime.environment('EVENTS_QUEUE_URL'),
        routed.waiting.map((waiting) => toRetry(waiting, nowMs)),
      ),
      sendRejects(runtime, routed.rejects),
    ]);
  });
};

export const handler = makeHandler(lambdaOutside());

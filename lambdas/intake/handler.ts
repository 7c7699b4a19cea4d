import type { SQSRecord } from 'aws-lambda';
import { openCampaigns } from '#domain/campaigns/open-campaigns.ts';
import { packMemberEvents, packMetrics } from '#domain/intake/pack.ts';
import { sendRejects } from '#domain/intake/rejects.ts';
import { type Delivery, type Routed, route } from '#domain/intake/route.ts';
import { batchHandler } from '#platform/batch.ts';
import { environment } from '#platform/environment.ts';
import { type OutgoingMessage, sendAll } from '#platform/queue.ts';

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
export const handler = batchHandler(async (records) => {
  const nowMs = Date.now();
  const waitMs = Number(environment('CAMPAIGN_WAIT_SECONDS')) * 1000;
  const deliveries = records.map(toDelivery);
  let routed = route(deliveries, await openCampaigns(nowMs, 'cached'), nowMs, waitMs);
  if (routed.waiting.length > 0 || routed.rejects.some(({ reason }) => reason === 'no-open-campaign')) {
    routed = route(deliveries, await openCampaigns(nowMs, 'fresh'), nowMs, waitMs);
  }
  const toMessages = (messages: readonly unknown[]) => messages.map((message) => ({ message }));
  await Promise.all([
    sendAll(environment('PRESALE_QUEUE_URL'), toMessages(routed.presales)),
    sendAll(environment('METRICS_QUEUE_URL'), toMessages(packMetrics(routed.metrics))),
    sendAll(environment('COUPON_QUEUE_URL'), toMessages(packMemberEvents(routed.coupons))),
    sendAll(environment('FREE_ORDER_QUEUE_URL'), toMessages(packMemberEvents(routed.freeOrders))),
    sendAll(
      environment('EVENTS_QUEUE_URL'),
      routed.waiting.map((waiting) => toRetry(waiting, nowMs)),
    ),
    sendRejects(routed.rejects),
  ]);
});

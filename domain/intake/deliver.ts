import type { SQSRecord } from 'aws-lambda';
import { SECOND_MS } from '#platform/duration.ts';
import { type OutgoingMessage, sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { packMemberEvents, packMetrics } from './pack.ts';
import { sendRejects } from './rejects.ts';
import type { Delivery, Routed, WaitingOrders } from './route.ts';

/** On a message of orders that wait for their campaign: when they were first sent, in ms since the epoch. */
const FIRST_SENT_ATTRIBUTE = 'firstSentMs';
const MIN_RETRY_DELAY_SECONDS = 1;
const MAX_RETRY_DELAY_SECONDS = 15;

/** Reads a message of the events queue. */
export const toDelivery = ({ messageId, body, attributes, messageAttributes }: SQSRecord): Delivery => ({
  messageId,
  body,
  sentMs: Number(messageAttributes[FIRST_SENT_ATTRIBUTE]?.stringValue ?? attributes.SentTimestamp),
});

/** Orders go back to the events queue. The longer they have waited, the longer they stay hidden there. */
const toRetry = ({ events, sentMs }: WaitingOrders, nowMs: number): OutgoingMessage => ({
  message: events,
  delaySeconds: Math.min(
    MAX_RETRY_DELAY_SECONDS,
    Math.max(MIN_RETRY_DELAY_SECONDS, Math.round((nowMs - sentMs) / SECOND_MS)),
  ),
  attributes: { [FIRST_SENT_ATTRIBUTE]: String(sentMs) },
});

const toMessages = (messages: readonly unknown[]): OutgoingMessage[] =>
  messages.map((message) => ({ message }));

/** Sends everything to its queue. Throws unless all of it was taken; some may have been sent then. */
export const sendRouted = async (runtime: Runtime, routed: Routed, nowMs: number): Promise<void> => {
  const send = (queueVariable: string, messages: readonly OutgoingMessage[]): Promise<void> =>
    sendAll(runtime, runtime.environment(queueVariable), messages);
  await Promise.all([
    send('PRESALE_QUEUE_URL', toMessages(routed.presales)),
    send('METRICS_QUEUE_URL', toMessages(packMetrics(routed.metrics))),
    send('COUPON_QUEUE_URL', toMessages(packMemberEvents(routed.coupons))),
    send('FREE_ORDER_QUEUE_URL', toMessages(packMemberEvents(routed.freeOrders))),
    send(
      'EVENTS_QUEUE_URL',
      routed.waiting.map((waiting) => toRetry(waiting, nowMs)),
    ),
    sendRejects(runtime, routed.rejects),
  ]);
};

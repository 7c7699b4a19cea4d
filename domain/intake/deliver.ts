/** Sends the routed events of a batch to the queues of their receivers. */
import { allOver } from '#platform/concurrency.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { type OutgoingMessage, sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { WaitingMessage } from './delivery.ts';
import { memberMessages, packMetrics } from './pack.ts';
import { sendRejects } from './rejects.ts';
import type { Routed, WaitingOrders } from './route.ts';

const MIN_RETRY_DELAY_SECONDS = 1;
const MAX_RETRY_DELAY_SECONDS = 15;
/** The size limit of a message of waiting orders, in bytes: well within 1 MiB even if every character must be escaped. */
const MAX_WAITING_BYTES = 150_000;

/** Cuts orders into runs that fit a message. */
const runsOf = (events: readonly unknown[]): unknown[][] => {
  const runs: unknown[][] = [];
  let bytesOfLast = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytesOfLast + bytes > MAX_WAITING_BYTES) {
      runs.push([event]);
      bytesOfLast = bytes;
    } else {
      runs.at(-1)!.push(event);
      bytesOfLast += bytes;
    }
  }
  return runs;
};

/** Orders go to the waiting queue. The longer they have waited, the longer they stay hidden there. */
const toRetries = ({ events, sentMs }: WaitingOrders, nowMs: number): OutgoingMessage[] =>
  runsOf(events).map((run) => ({
    message: { firstSentMs: sentMs, events: run } satisfies WaitingMessage,
    delaySeconds: Math.min(
      MAX_RETRY_DELAY_SECONDS,
      Math.max(MIN_RETRY_DELAY_SECONDS, Math.round((nowMs - sentMs) / SECOND_MS)),
    ),
  }));

const toMessages = (messages: readonly unknown[]): OutgoingMessage[] =>
  messages.map((message) => ({ message }));

/** Sends everything that was routed to its queue. Throws if any message was not accepted; others may have been sent by then. */
export const sendRouted = async (runtime: Runtime, routed: Routed, nowMs: number): Promise<void> => {
  const send = (queueVariable: string, messages: readonly OutgoingMessage[]): Promise<void> =>
    sendAll(runtime, runtime.environment(queueVariable), messages);
  await allOver([
    send(
      'PRESALE_QUEUE_URL',
      routed.commands.map((command) => ({ message: command, traceparent: command.traceparent })),
    ),
    send('METRICS_QUEUE_URL', toMessages(packMetrics(routed.metrics))),
    send('COUPON_QUEUE_URL', memberMessages(routed.coupons)),
    send('FREE_ORDER_QUEUE_URL', memberMessages(routed.freeOrders)),
    send(
      'WAITING_QUEUE_URL',
      routed.waiting.flatMap((waiting) => toRetries(waiting, nowMs)),
    ),
    sendRejects(runtime, routed.rejects),
  ]);
};

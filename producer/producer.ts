/** A client for systems that send events: it checks, packs and sends them, and reports which were not sent. */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { EVENT_QUEUES, parseEvent, type Rejection, rejection } from '#events/contract.ts';
import { toBody } from '#platform/queue.ts';
import { backoff } from '#platform/retry.ts';

/** The most events in a message. Each message has a cost, and SQS accepts or refuses it as a whole. */
const EVENTS_PER_MESSAGE = 100;
/** SQS takes at most ten messages and 1 MiB a call; a message of this many bytes leaves room for ten. */
const MESSAGE_BYTES_MAX = 100_000;
const MESSAGES_PER_CALL = 10;
/** No event may be larger: SQS takes at most 1 MiB in a message. A message that is too large to share a call goes alone. */
const LONE_BYTES_MAX = 1_000_000;
const CALLS_AT_ONCE = 4;
const ATTEMPTS_MAX = 8;

export type ProducerOptions = {
  sqs: Pick<SQSClient, 'send'>;
  /** The stack's output EventsQueueUrl. */
  eventsQueueUrl: string;
  /** The stack's output ControlQueueUrl; without it, events of the control queue are refused here. */
  controlQueueUrl?: string;
  clock: { nowMs(): number; wait(ms: number): Promise<void> };
  /** Uniform from 0 to 1, for the waits between attempts. */
  random: () => number;
};

/** An event that was not sent, by its place among those given. */
export type Unsent =
  /** The pipeline would refuse it; sending it again is of no use. */
  | { kind: 'refused'; index: number; event: unknown; rejection: Rejection }
  /** SQS did not accept it in eight attempts, or did not answer. The event may have arrived; sending it again does no harm. */
  | { kind: 'failed'; index: number; event: unknown; cause: unknown };

/** `sent` plus the number of `unsent` is the number of events given. */
export type SendReport = { sent: number; unsent: Unsent[] };

export type Producer = {
  /**
   * Sends events. It never throws because of an event: each one is counted as sent, or listed with the reason why it was not.
   */
  send(events: readonly unknown[]): Promise<SendReport>;
};

type Indexed = { index: number; event: unknown; text: string };
type Message = { queueUrl: string; events: Indexed[]; bytes: number };

const refusal = (index: number, event: unknown, why: Rejection): Unsent => ({
  kind: 'refused',
  index,
  event,
  rejection: why,
});

/** The queue of an event, or why it may not be sent. */
const queueOf = (
  event: unknown,
  options: ProducerOptions,
): { queueUrl: string } | { rejection: Rejection } => {
  const parsed = parseEvent(event, options.clock.nowMs());
  if (!parsed.ok) return { rejection: parsed.rejection };
  const { type } = parsed.event;
  if (EVENT_QUEUES[type] === 'events') return { queueUrl: options.eventsQueueUrl };
  if (options.controlQueueUrl !== undefined) return { queueUrl: options.controlQueueUrl };
  return { rejection: rejection('wrong-queue', 'type', 'an event of the events queue', type) };
};

/** Packs events into messages, each of one queue, in the order in which they were given. */
const pack = (
  events: readonly unknown[],
  options: ProducerOptions,
): { messages: Message[]; refused: Unsent[] } => {
  const open = new Map<string, Message>();
  const messages: Message[] = [];
  const refused: Unsent[] = [];
  for (const [index, event] of events.entries()) {
    const to = queueOf(event, options);
    if ('rejection' in to) {
      refused.push(refusal(index, event, to.rejection));
      continue;
    }
    const text = toBody(event);
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes > LONE_BYTES_MAX) {
      const expected = `an event of at most ${LONE_BYTES_MAX} bytes`;
      refused.push(refusal(index, event, rejection('too-large', 'event', expected, bytes)));
      continue;
    }
    let message = open.get(to.queueUrl);
    const isFull =
      message === undefined ||
      message.events.length === EVENTS_PER_MESSAGE ||
      message.bytes + bytes > MESSAGE_BYTES_MAX;
    if (message === undefined || isFull) {
      message = { queueUrl: to.queueUrl, events: [], bytes: 1 };
      open.set(to.queueUrl, message);
      messages.push(message);
    }
    message.events.push({ index, event, text });
    message.bytes += bytes;
  }
  return { messages, refused };
};

/** Calls of at most ten messages of one queue; a large message goes alone. */
const toCalls = (messages: readonly Message[]): Message[][] => {
  const calls: Message[][] = [];
  const open = new Map<string, Message[]>();
  for (const message of messages) {
    if (message.bytes > MESSAGE_BYTES_MAX) {
      calls.push([message]);
      continue;
    }
    const call = open.get(message.queueUrl);
    if (call !== undefined && call.length < MESSAGES_PER_CALL) {
      call.push(message);
      continue;
    }
    const next = [message];
    open.set(message.queueUrl, next);
    calls.push(next);
  }
  return calls;
};

const bodyOf = ({ events }: Message): string =>
  events.length === 1 ? events[0]!.text : `[${events.map(({ text }) => text).join(',')}]`;

/** Sends a call's messages, and sends again those that SQS did not take. Returns the events of those that it never took. */
const sendCall = async (
  { sqs, clock, random }: ProducerOptions,
  messages: readonly Message[],
): Promise<Unsent[]> => {
  let pending = messages;
  let cause: unknown;
  for (let attempt = 1; pending.length > 0 && attempt <= ATTEMPTS_MAX; attempt++) {
    if (attempt > 1) await backoff({ clock, random }, attempt);
    try {
      const { Failed: failed = [] } = await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: pending[0]!.queueUrl,
          Entries: pending.map((message, i) => ({ Id: String(i), MessageBody: bodyOf(message) })),
        }),
      );
      const left = new Map(
        failed.map(({ Id: id, Code: code, Message: text }) => [id, `${code} ${text ?? ''}`]),
      );
      pending = pending.filter((_, i) => left.has(String(i)));
      if (pending.length > 0) cause = new Error(`SQS: ${[...left.values()][0]!.trim()}`);
    } catch (error) {
      cause = error;
    }
  }
  return pending.flatMap(({ events }) =>
    events.map(({ index, event }): Unsent => ({ kind: 'failed', index, event, cause })),
  );
};

/**
 * Makes a producer. Two events with the same source and id count once. So events that failed may be sent again: keep their ids.
 * A batch is in memory twice while it is sent, so give only as much at once as memory allows.
 */
export const createProducer = (options: ProducerOptions): Producer => ({
  async send(events) {
    const { messages, refused } = pack(events, options);
    const calls = toCalls(messages);
    const failed: Unsent[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < calls.length) failed.push(...(await sendCall(options, calls[next++]!)));
    };
    await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, calls.length) }, lane));
    const unsent = [...refused, ...failed].sort((a, b) => a.index - b.index);
    return { sent: events.length - unsent.length, unsent };
  },
});

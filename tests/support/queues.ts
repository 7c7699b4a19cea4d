import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clients } from '#platform/runtime.ts';
import type { Weather } from './faults.ts';

/** The most deliveries of a message when nothing goes wrong. */
const MAX_DELIVERIES = 3;

/**
 * After this many deliveries of a message, no fault strikes its worker. Some work makes a hundred calls, and
 * is repeated as a whole after a fault. Otherwise only one of hundreds of deliveries would come through, and a
 * test would wait for minutes.
 */
const FAULTY_DELIVERIES_MAX = 20;

export type Message = { id: string; body: string; deliveries: number };
export type Consumer = (event: SQSEvent) => Promise<SQSBatchResponse>;

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | undefined>;

/** A function that processes a queue's messages. */
export const consumerOf =
  (handler: Handler): Consumer =>
  async (event) =>
    (await handler(event, {} as Context))!;

/** Queues in memory, by URL: they deliver at least once, in any order. */
export class Queues {
  readonly messages = new Map<string, Message[]>();
  /** Puts messages into these queues; a worker may die whenever it sends some. */
  readonly sqs: Clients['sqs'] = {
    send: ((command: unknown) => this.#send(command)) as unknown as Clients['sqs']['send'],
  };
  readonly #random: () => number;
  readonly #weather: Weather;
  #sent = 0;

  constructor(random: () => number, weather: Weather) {
    this.#random = random;
    this.#weather = weather;
  }

  of(url: string): Message[] {
    const found = this.messages.get(url) ?? [];
    this.messages.set(url, found);
    return found;
  }

  /** How many messages wait in each queue, and how often the most delivered one came. */
  summary(): string {
    return [...this.messages]
      .filter(([, messages]) => messages.length > 0)
      .map(([url, messages]) => {
        const worst = messages.reduce((a, b) => (b.deliveries > a.deliveries ? b : a));
        return `${url} ${messages.length}, one ${worst.deliveries} times: ${worst.body.slice(0, 300)}`;
      })
      .join('; ');
  }

  put(url: string, message: unknown): void {
    this.#putBody(url, JSON.stringify(message));
  }

  #putBody(url: string, body: string): void {
    this.of(url).push({ id: `message-${this.#sent++}`, body, deliveries: 0 });
  }

  async #send(command: unknown): Promise<object> {
    if (command instanceof GetQueueAttributesCommand)
      return { Attributes: { ApproximateNumberOfMessages: String(this.of(command.input.QueueUrl!).length) } };
    if (!(command instanceof SendMessageBatchCommand))
      throw new Error(`queues: expected a message or a count, got ${command}`);
    const { QueueUrl: url, Entries: entries } = command.input;
    await this.#weather.call(async () => {
      for (const { MessageBody: body } of entries!) this.#putBody(url!, body!);
    });
    return {};
  }

  /** Takes up to `max` messages in random order. */
  take(url: string, max: number): Message[] {
    const messages = this.of(url);
    return Array.from({ length: Math.min(max, messages.length) }, () => {
      const at = Math.floor(this.#random() * messages.length);
      return messages.splice(at, 1)[0]!;
    });
  }

  /** Delivers one batch from one of the queues; returns whether there was any. */
  async deliver(consumers: Readonly<Record<string, { consume: Consumer; batch: number }>>): Promise<boolean> {
    const waiting = Object.keys(consumers).filter((url) => this.of(url).length > 0);
    if (waiting.length === 0) return false;
    const url = waiting[Math.floor(this.#random() * waiting.length)]!;
    const { consume, batch } = consumers[url]!;
    const messages = this.take(url, batch);
    for (const message of messages) message.deliveries++;
    const isSpared = messages.some(({ deliveries }) => deliveries > FAULTY_DELIVERIES_MAX);
    const response = await this.#weather.work(() => consume({ Records: messages.map(recordOf) }), isSpared);
    const failed = new Set(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of messages) {
      const isDone = response !== undefined && !failed.has(message.id);
      const comesAgain = message.deliveries < MAX_DELIVERIES && this.#random() < 0.3;
      if (!isDone || comesAgain) this.of(url).push(message);
    }
    return true;
  }
}

/** A batch of one message, as it is delivered for the first time. */
export const eventOf = (message: unknown): SQSEvent => ({
  Records: [recordOf({ id: 'message', body: JSON.stringify(message), deliveries: 1 })],
});

const recordOf = ({ id, body, deliveries }: Message): SQSRecord =>
  ({
    messageId: id,
    body,
    messageAttributes: {},
    attributes: { SentTimestamp: '0', ApproximateReceiveCount: String(deliveries) },
  }) as unknown as SQSRecord;

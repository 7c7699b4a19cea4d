import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { OutgoingMessage } from '#platform/queue.ts';
import type { Weather } from './faults.ts';

/** A message is delivered so often at the most when nothing goes wrong. */
const MAX_DELIVERIES = 3;
const MESSAGES_PER_CALL = 10;

export type Message = { id: string; body: string; deliveries: number };
export type Consumer = (event: SQSEvent) => Promise<SQSBatchResponse>;

/** Queues in memory, by URL: they deliver at least once, in any order. */
export class Queues {
  readonly messages = new Map<string, Message[]>();
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

  put(url: string, message: unknown): void {
    this.of(url).push({ id: `message-${this.#sent++}`, body: JSON.stringify(message), deliveries: 0 });
  }

  /** What `sendAll` is replaced by. A worker may die between any two calls of it. */
  sendAll = async (url: string, messages: readonly OutgoingMessage[]): Promise<void> => {
    for (let first = 0; first < messages.length; first += MESSAGES_PER_CALL) {
      await this.#weather.call(async () => {
        for (const { message } of messages.slice(first, first + MESSAGES_PER_CALL)) this.put(url, message);
      });
    }
  };

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
    const response = await this.#weather.work(() => consume({ Records: messages.map(recordOf) }));
    const failed = new Set(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of messages) {
      const isDone = response !== undefined && !failed.has(message.id);
      const comesAgain = message.deliveries < MAX_DELIVERIES && this.#random() < 0.3;
      if (!isDone || comesAgain) this.of(url).push(message);
    }
    return true;
  }
}

const recordOf = ({ id, body, deliveries }: Message): SQSRecord =>
  ({
    messageId: id,
    body,
    messageAttributes: {},
    attributes: { SentTimestamp: '0', ApproximateReceiveCount: String(deliveries) },
  }) as unknown as SQSRecord;

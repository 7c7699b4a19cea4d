import type { Message } from '@aws-sdk/client-sqs';
import { settle } from '#local/aws/batch-response.ts';
import type { Mapping } from '#local/aws/template.ts';
import type { Queues } from '#local/emulator/queues.ts';
import { seededRandom } from '../support/random.ts';
import type { Bell } from './bell.ts';
import { recordOf } from './deployed.ts';
import type { Faults } from './faults.ts';
import type { Invocation, Pool } from './pool.ts';
import { between } from './random.ts';
import type { Redrives } from './redrives.ts';
import type { Scheduler } from './scheduler.ts';

/** A collector, which Lambda calls a poller, collects messages into batches. Lambda begins with five for each mapping. */
const COLLECTORS = 5;
/** SQS gives at most ten messages a call. */
const RECEIVE_MAX = 10;
/** How soon an idle collector receives what was sent. The collectors' long polls are answered one after the other. */
const IDLE_POLL_MS = [20, 2_500] as const;
/** How soon a collector whose batch waits for more messages receives what was sent. */
const OPEN_POLL_MS = [100, 1_500] as const;
/** A mapping pauses after failed invocations: this unit, doubled for each failure in a row, up to the maximum. */
const BACKOFF_UNIT_MS = 500;
const BACKOFF_MS_MAX = 60_000;

export type SourceSurroundings = {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly queues: Queues;
  readonly bell: Bell;
  readonly redrives: Redrives;
  readonly seed: number;
  readonly isOver: () => boolean;
};

/**
 * An event source mapping with Lambda's rules in virtual time: several collectors share the queue, and each delivers its batch
 * when it is full or its window is over. Messages that did not fail are deleted; the rest becomes visible again when its
 * visibility timeout is over, and goes to the dead-letter queue as the queue's redrive policy says.
 */
export class EventSource {
  readonly #mapping: Mapping;
  readonly #pool: Pool;
  readonly #around: SourceSurroundings;
  readonly #random: () => number;
  /** Each wakes a collector that has no message. For one message, one collector is enough. */
  readonly #idle: (() => void)[] = [];
  /** Each wakes a collector whose batch waits for more messages. */
  #open: (() => void)[] = [];
  /** When the collectors look next for messages that become visible again. */
  #looksMs = Number.POSITIVE_INFINITY;
  #failures = 0;

  constructor(mapping: Mapping, pool: Pool, around: SourceSurroundings) {
    this.#mapping = mapping;
    this.#pool = pool;
    this.#around = around;
    this.#random = seededRandom(around.seed);
    around.bell.listen(mapping.queue.url, () => this.#wake());
    for (let i = 0; i < Math.min(COLLECTORS, mapping.concurrencyMax); i++) void this.#collect();
  }

  async #collect(): Promise<void> {
    const { scheduler, isOver } = this.#around;
    const { batchMessagesMax } = this.#mapping;
    while (!isOver()) {
      const batch = this.#receive(batchMessagesMax);
      if (batch.length === 0) {
        await this.#news((wake) => this.#idle.push(wake));
        await scheduler.wait(between(this.#random, ...IDLE_POLL_MS));
        continue;
      }
      await this.#fill(batch);
      await this.#handOver(batch);
    }
  }

  /** Adds to a batch what comes until it is full or its window is over. */
  async #fill(batch: Message[]): Promise<void> {
    const { scheduler } = this.#around;
    const { batchMessagesMax, windowSeconds } = this.#mapping;
    const closesMs = scheduler.nowMs + windowSeconds * 1_000;
    let onClose = (): void => {};
    scheduler.at(closesMs, () => onClose());
    while (batch.length < batchMessagesMax && scheduler.nowMs < closesMs) {
      await this.#news((wake) => {
        onClose = wake;
        this.#open.push(wake);
      });
      const leftMs = closesMs - scheduler.nowMs;
      if (leftMs > 0) await scheduler.wait(Math.min(between(this.#random, ...OPEN_POLL_MS), leftMs));
      batch.push(...this.#receive(batchMessagesMax - batch.length));
    }
  }

  /** Waits until the function that it hands to `give` is called. */
  #news(give: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      give(resolve);
      this.#lookLater();
    });
  }

  #wake(): void {
    this.#idle.shift()?.();
    const open = this.#open;
    this.#open = [];
    for (const wake of open) wake();
  }

  /** Wakes collectors when the next hidden message becomes visible. */
  #lookLater(): void {
    const { scheduler, queues } = this.#around;
    const { name } = this.#mapping.queue;
    const visibleMs = queues.nextVisibleMs(name);
    if (visibleMs >= this.#looksMs) return;
    this.#looksMs = visibleMs;
    scheduler.at(visibleMs, () => {
      if (this.#looksMs !== visibleMs) return;
      this.#looksMs = Number.POSITIVE_INFINITY;
      // A hidden message may have been deleted since.
      if (queues.counts(name).visible > 0) this.#wake();
      this.#lookLater();
    });
  }

  #receive(messagesMax: number): Message[] {
    const { queues, redrives } = this.#around;
    const { queue, function: lambda } = this.#mapping;
    if (queues.counts(queue.name).visible === 0) return [];
    const { Messages: messages = [] } = queues.execute('ReceiveMessage', {
      QueueUrl: queue.url,
      MaxNumberOfMessages: Math.min(RECEIVE_MAX, messagesMax),
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }) as { Messages?: Message[] };
    if (queues.counts(queue.name).visible > 0) this.#wake();
    return messages.filter((message) => {
      const isGone = redrives.takes(lambda.shortName, queue.url, message.Body!);
      if (isGone)
        queues.execute('DeleteMessage', { QueueUrl: queue.url, ReceiptHandle: message.ReceiptHandle });
      return !isGone;
    });
  }

  async #handOver(batch: readonly Message[]): Promise<void> {
    const { scheduler } = this.#around;
    const { queue } = this.#mapping;
    const invocation = await this.#pool.invoke({ Records: batch.map((one) => recordOf(one, queue.arn)) });
    const done = this.#done(batch, invocation);
    for (const message of done) this.#delete(message);
    this.#failures = invocation.isOk ? 0 : this.#failures + 1;
    if (this.#failures > 0)
      await scheduler.wait(Math.min(BACKOFF_MS_MAX, BACKOFF_UNIT_MS * 2 ** this.#failures));
  }

  #done(batch: readonly Message[], invocation: Invocation): readonly Message[] {
    if (!invocation.isOk) return [];
    const { succeeded } = settle(
      batch.map(({ MessageId: id }) => id!),
      invocation.response,
    );
    const ids = new Set(succeeded);
    return batch.filter(({ MessageId: id }) => ids.has(id!));
  }

  #delete({ ReceiptHandle: handle, Body: body }: Message): void {
    const { queues, bell, faults, scheduler } = this.#around;
    const { url } = this.#mapping.queue;
    queues.execute('DeleteMessage', { QueueUrl: url, ReceiptHandle: handle });
    // A standard queue delivers at least once: a server that was down when a message was deleted still has it.
    if (faults.strikes('duplicate'))
      scheduler.after(faults.between(0, 60_000), () => {
        queues.execute('SendMessage', { QueueUrl: url, MessageBody: body });
        bell.ring(url);
      });
  }
}

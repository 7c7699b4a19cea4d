import { sqsSender } from '#local/replay/producer.ts';
import type { OutboxGrant, Stage } from '../world/workload/workload.ts';
import type { Overseer } from './overseer.ts';
import { Timetable } from './timetable.ts';

const OUTBOX = 'grants';

export type StageOptions = {
  readonly overseer: () => Overseer;
  readonly nowMs: () => number;
  readonly sqsEndpoint: string;
  readonly queueUrls: Readonly<Record<string, string>>;
};

/** The producers and the members of a workload, at the queues of real processes. */
export class ChaosStage implements Stage {
  readonly scheduler: Timetable;
  /** Rejects with the error of the first message that could not be sent. */
  sending: Promise<void> = Promise.resolve();
  readonly #overseer: () => Overseer;
  readonly #sender: ReturnType<typeof sqsSender>;
  readonly #listeners: ((grant: OutboxGrant) => void)[] = [];

  constructor({ overseer, nowMs, sqsEndpoint, queueUrls }: StageOptions) {
    this.scheduler = new Timetable(nowMs);
    this.#overseer = overseer;
    this.#sender = sqsSender(sqsEndpoint, queueUrls.events!, queueUrls.control);
  }

  send(body: unknown, atMs: number): void {
    this.scheduler.at(atMs, () => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const sent = this.#overseer().alone(async () => {
        this.#overseer().oracle.noteSent(text, this.scheduler.nowMs);
        await this.#sender.send([{ body: text, bytes: Buffer.byteLength(text), records: 1 }]);
      });
      this.sending = Promise.all([this.sending, sent]).then(() => {});
    });
  }

  onGrant(listen: (grant: OutboxGrant) => void): void {
    this.#listeners.push(listen);
  }

  redrive(): void {
    throw new Error('redrive: expected a workload that redrives nothing');
  }

  /** Tells the members which grants a message holds, if it was sent to the outbox. */
  published(queue: string, body: string): void {
    if (queue !== OUTBOX) return;
    for (const grant of JSON.parse(body) as OutboxGrant[])
      for (const listen of this.#listeners) listen(grant);
  }

  close(): void {
    this.#sender.close();
  }
}

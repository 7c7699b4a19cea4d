import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Message } from '#local/replay/packer.ts';
import { type ProducerOptions, produce } from '#local/replay/producer.ts';

const KIB = 1024;

const messages = async function* (count: number, bytes = KIB): AsyncGenerator<Message> {
  for (let i = 0; i < count; i++) yield { body: `${i}`, bytes, records: 1 };
};

const run = async (input: AsyncIterable<Message>, options: Partial<ProducerOptions>): Promise<Message[]> => {
  const sent: Message[] = [];
  await produce(input, {
    send: async () => {},
    waiting: async () => 0,
    signal: new AbortController().signal,
    onSent: (batch) => sent.push(...batch),
    ...options,
  });
  return sent;
};

describe('the producer', () => {
  it('sends every message once, in calls within the limits of SQS', async () => {
    const calls: (readonly Message[])[] = [];
    const sent = await run(messages(137, 300 * KIB), {
      send: async (batch) => {
        calls.push(batch);
      },
    });
    expect(sent.map(({ body }) => Number(body)).toSorted((a, b) => a - b)).toEqual([...Array(137).keys()]);
    for (const call of calls) {
      expect(call.length).toBeLessThanOrEqual(10);
      expect(call.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(1024 * KIB);
    }
    expect(Math.max(...calls.map((call) => call.length))).toBe(3);
  });

  it('never lets more messages wait than it may, however slow the pipeline is', async () => {
    let waiting = 0;
    let waitingMost = 0;
    const consumer = setInterval(() => {
      waiting = Math.max(0, waiting - 150);
    }, 10);
    await run(messages(3_000), {
      send: async (batch) => {
        await sleep(1);
        waiting += batch.length;
        waitingMost = Math.max(waitingMost, waiting);
      },
      waiting: async () => waiting,
    });
    clearInterval(consumer);
    expect(waitingMost).toBeGreaterThan(100);
    expect(waitingMost).toBeLessThanOrEqual(550);
  });

  it('lets fewer wait when messages are large', async () => {
    let waiting = 0;
    let waitingMost = 0;
    const consumer = setInterval(() => {
      waiting = Math.max(0, waiting - 10);
    }, 2);
    await run(messages(300, 1000 * KIB), {
      send: async (batch) => {
        waiting += batch.length;
        waitingMost = Math.max(waitingMost, waiting);
      },
      waiting: async () => waiting,
    });
    clearInterval(consumer);
    expect(waitingMost).toBeLessThanOrEqual(80);
  });

  it('keeps to its rate', async () => {
    const startMs = performance.now();
    await run(messages(60), { rate: 200 });
    const elapsedMs = performance.now() - startMs;
    expect(elapsedMs).toBeGreaterThanOrEqual(200);
    expect(elapsedMs).toBeLessThan(2_000);
  });

  it('fails with the first failure and sends no more', async () => {
    let calls = 0;
    const sending = run(messages(1_000), {
      send: async () => {
        calls += 1;
        throw new Error('queue gone');
      },
    });
    await expect(sending).rejects.toThrow('queue gone');
    expect(calls).toBeLessThanOrEqual(5);
  });

  it('stops when it is told to, even while it waits for room', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const sent = await run(messages(1_000), { waiting: async () => 1_000, signal: controller.signal });
    expect(sent).toEqual([]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { PAYLOAD_BYTES_MAX } from '#local/aws/batch-collector.ts';
import { startClock } from '#local/aws/clock.ts';
import { backOffMs, type EventSource, startEventSource } from '#local/aws/event-source.ts';
import type { LogRecord } from '#local/aws/handler-logs.ts';
import type { Outcome } from '#local/aws/handler-worker.ts';
import type { QueueClient } from '#local/aws/queue-client.ts';
import { localStack, type Mapping } from '#local/aws/template.ts';
import { fixtureTemplate } from './fixture.ts';

/** A queue in memory: received messages stay in flight until they are deleted or hidden; hidden ones do not come back. */
const memoryQueue = (bodies: readonly string[] = []) => {
  const ready: Message[] = [];
  const inFlight = new Set<string>();
  const deleted: string[] = [];
  const hidden: { id: string; seconds: number }[] = [];
  const asked: number[] = [];
  let sent = 0;
  let closed = false;
  const settle = (handle: string): string => {
    if (!inFlight.delete(handle)) throw new Error(`settled twice: ${handle}`);
    return handle;
  };
  const client: QueueClient = {
    async receive(_queueUrl, messagesMax, waitSeconds) {
      asked.push(messagesMax);
      const end = performance.now() + waitSeconds * 1_000;
      await sleep(1);
      while (ready.length === 0 && performance.now() < end && !closed) await sleep(1);
      if (closed) throw new Error('closed');
      const received = ready.splice(0, messagesMax);
      for (const { ReceiptHandle } of received) inFlight.add(ReceiptHandle as string);
      return received;
    },
    send: () => Promise.reject(new Error('an event source sends nothing')),
    async delete(_queueUrl, handles) {
      deleted.push(...handles.map(settle));
    },
    async hide(_queueUrl, handles, seconds) {
      hidden.push(...handles.map((handle) => ({ id: settle(handle), seconds })));
    },
    close() {
      closed = true;
    },
  };
  const send = (more: readonly string[]) => {
    for (const Body of more) {
      sent += 1;
      ready.push({ MessageId: `m${sent}`, ReceiptHandle: `m${sent}`, Body });
    }
  };
  send(bodies);
  return { client, send, deleted, hidden, asked, settled: () => deleted.length + hidden.length };
};

type Queue = ReturnType<typeof memoryQueue>;
type Handler = (records: SQSRecord[]) => Outcome | Promise<Outcome>;

const SUCCESS: Outcome = { ok: true, response: { batchItemFailures: [] } };
const [MAPPING] = localStack(
  { stackName: 'App', template: fixtureTemplate({ code: '' }), assets: new Map([['code.zip', '/code']]) },
  'http://127.0.0.1:1',
).mappings as [Mapping];

const started: [EventSource, Queue][] = [];
afterEach(async () => {
  for (const [source, queue] of started.splice(0)) {
    const stopped = source.stop();
    queue.client.close();
    await stopped;
  }
});

const run = (queue: Queue, mapping: Partial<Mapping>, handler: Handler = () => SUCCESS, collectors = 1) => {
  const batches: { records: SQSRecord[]; atMs: number }[] = [];
  const reports: LogRecord[] = [];
  const beginMs = performance.now();
  const settled = async (count: number) => {
    while (queue.settled() < count) await sleep(2);
  };
  const source = startEventSource({
    mapping: { ...MAPPING, ...mapping },
    pool: {
      invoke(event) {
        const { Records: records } = event as SQSEvent;
        batches.push({ records, atMs: performance.now() - beginMs });
        return Promise.resolve(handler(records));
      },
    },
    client: queue.client,
    clock: startClock(),
    collectors,
    retrySeconds: 3,
    report: (record) => reports.push(record),
  });
  started.push([source, queue]);
  return { batches, reports, sizes: () => batches.map(({ records }) => records.length), settled };
};

const bodies = (count: number, body = 'x') => Array.from({ length: count }, () => body);

describe('a batch is delivered', () => {
  it('at once without a window', async () => {
    const queue = memoryQueue(bodies(3));
    const { batches, sizes, settled } = run(queue, { windowSeconds: 0 });
    await settled(3);
    expect(sizes()).toEqual([3]);
    expect(batches[0]?.atMs).toBeLessThan(1_000);
  });

  it('when the window since its first message is over, with what came meanwhile', async () => {
    const queue = memoryQueue(bodies(1));
    const { batches, sizes, settled } = run(queue, { windowSeconds: 0.3, batchMessagesMax: 100 });
    await sleep(100);
    queue.send(bodies(14));
    await settled(15);
    expect(sizes()).toEqual([15]);
    expect(batches[0]?.atMs).toBeGreaterThanOrEqual(290);
  });

  it('as soon as it is full, whatever remains of the window, and each call asks for at most ten messages', async () => {
    const queue = memoryQueue(bodies(200));
    const { batches, sizes, settled } = run(queue, { windowSeconds: 30, batchMessagesMax: 100 });
    await settled(200);
    expect(sizes()).toEqual([100, 100]);
    expect(batches[1]?.atMs).toBeLessThan(15_000);
    expect(Math.max(...queue.asked)).toBe(10);
  });

  it('never with more messages than the mapping allows, even if calls give more', async () => {
    const queue = memoryQueue(bodies(64));
    const { sizes, settled } = run(queue, { windowSeconds: 0.2, batchMessagesMax: 13 });
    await settled(64);
    expect(sizes()).toEqual([13, 13, 13, 13, 12]);
  });

  it('before the payload would be larger than 6 MB, and no message is lost at the cut', async () => {
    const queue = memoryQueue(bodies(40, '"'.repeat(250_000)));
    const { batches, settled } = run(queue, { windowSeconds: 0.5, batchMessagesMax: 1_000 });
    await settled(40);
    expect(batches.length).toBe(4);
    for (const { records } of batches)
      expect(JSON.stringify({ Records: records }).length).toBeLessThan(PAYLOAD_BYTES_MAX);
    expect(new Set(queue.deleted).size).toBe(40);
  });
});

describe('the batches that run at the same time', () => {
  it('are one for each collector, and share the messages', async () => {
    const queue = memoryQueue();
    const { sizes, settled } = run(queue, { windowSeconds: 0.5, batchMessagesMax: 100 }, () => SUCCESS, 5);
    await sleep(50);
    for (let sent = 0; sent < 20; sent += 1) {
      queue.send(bodies(1));
      await sleep(5);
    }
    await settled(20);
    expect(sizes().length).toBe(5);
    expect(sizes().reduce((total, size) => total + size, 0)).toBe(20);
  });

  it('are as many as allowed and no more', async () => {
    const queue = memoryQueue(bodies(60));
    let running = 0;
    let most = 0;
    const handler = async (): Promise<Outcome> => {
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
      return SUCCESS;
    };
    const { settled } = run(queue, { windowSeconds: 0 }, handler, 3);
    await settled(60);
    expect(most).toBe(3);
  });
});

describe('the messages of a batch', () => {
  it('are deleted, except for those that the function reports as failed, which come back', async () => {
    const queue = memoryQueue(bodies(12));
    const failures = [{ itemIdentifier: 'm3' }, { itemIdentifier: 'm11' }];
    const { settled } = run(queue, { windowSeconds: 0.1, batchMessagesMax: 12 }, () => ({
      ok: true,
      response: { batchItemFailures: failures },
    }));
    await settled(12);
    expect(queue.hidden).toEqual([
      { id: 'm3', seconds: 3 },
      { id: 'm11', seconds: 3 },
    ]);
    expect(queue.deleted).not.toContain('m3');
  });

  it('all come back when the function failed', async () => {
    const queue = memoryQueue(bodies(4));
    const { settled } = run(queue, {}, () => ({ ok: false, error: 'boom' }));
    await settled(4);
    expect(queue.deleted).toEqual([]);
  });

  it('all come back when the answer is invalid, and that is reported', async () => {
    const queue = memoryQueue(bodies(2));
    const { reports, settled } = run(queue, {}, () => ({
      ok: true,
      response: { batchItemFailures: [{ itemIdentifier: 'other' }] },
    }));
    await settled(2);
    expect(queue.deleted).toEqual([]);
    expect(reports).toMatchObject([
      { level: 'ERROR', line: 'the whole batch failed: itemIdentifier is not in the batch: other' },
    ]);
  });

  it('all are deleted when the mapping does not read answers', async () => {
    const queue = memoryQueue(bodies(2));
    const { settled } = run(queue, { reportsItemFailures: false }, () => ({
      ok: true,
      response: { batchItemFailures: [{ itemIdentifier: 'm1' }] },
    }));
    await settled(2);
    expect(queue.hidden).toEqual([]);
  });
});

describe('a mapping whose function fails', () => {
  it('waits twice as long with each failure in a row, up to five seconds', () => {
    expect([1, 2, 3, 6, 7, 100].map(backOffMs)).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
  });

  it('collects more slowly until the function succeeds', async () => {
    const queue = memoryQueue(bodies(5));
    let invocations = 0;
    const handler = (): Outcome => {
      invocations += 1;
      return invocations <= 2 ? { ok: false, error: 'boom' } : SUCCESS;
    };
    const { batches, settled } = run(queue, { windowSeconds: 0, batchMessagesMax: 1 }, handler);
    await settled(5);
    const gapsMs = batches.slice(1).map(({ atMs }, i) => atMs - (batches[i]?.atMs ?? 0));
    expect(gapsMs[0]).toBeGreaterThanOrEqual(95);
    expect(gapsMs[1]).toBeGreaterThanOrEqual(195);
    expect(Math.min(...gapsMs.slice(2))).toBeLessThan(95);
  });
});

describe('a mapping in trouble', () => {
  it('reports a queue that fails, and goes on', async () => {
    const queue = memoryQueue(bodies(1));
    const { receive } = queue.client;
    let calls = 0;
    queue.client.receive = (...args) => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('no connection')) : receive(...args);
    };
    const { reports, settled } = run(queue, {});
    await settled(1);
    expect(reports).toMatchObject([{ level: 'ERROR', line: 'queue app-work: no connection' }]);
  });
});

import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import type { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { batchHandler } from '#platform/batch.ts';
import { redeliverySeconds } from '#platform/redelivery.ts';
import { testRuntime } from '../support/runtime.ts';

const CLOCK = { nowMs: () => 0, wait: async () => {} };

describe('a plain write that conflicts with a transaction', () => {
  const conflict = () => new TransactionConflictException({ message: 'busy', $metadata: {} });
  const writing = (failures: number) => {
    let calls = 0;
    const send = async (): Promise<object> => {
      if (calls++ < failures) throw conflict();
      return { ok: true };
    };
    const { dynamodb } = testRuntime({ clock: CLOCK, clients: { dynamodb: { send: send as never } } });
    return { answer: dynamodb.send({ input: {} } as never), calls: () => calls };
  };

  it('is tried again until the transaction is over', async () => {
    const { answer, calls } = writing(5);
    expect(await answer).toMatchObject({ ok: true });
    expect(calls()).toBe(6);
  });

  it('fails if the conflict does not end within ten calls', async () => {
    const { answer, calls } = writing(Number.POSITIVE_INFINITY);
    await expect(answer).rejects.toThrow('busy');
    expect(calls()).toBe(10);
  });
});

describe('a message that fails', () => {
  it('comes back within seconds, then ever later, and never after more than ten minutes', () => {
    const longest = Array.from({ length: 14 }, (_, i) => redeliverySeconds(i + 1, () => 0.999_999));
    expect(longest).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600, 600]);
    expect(redeliverySeconds(4, () => 0)).toBe(8);
  });

  const record = (id: string, deliveries: number) =>
    ({
      messageId: id,
      receiptHandle: `handle-${id}`,
      body: '{}',
      eventSourceARN: 'arn:aws:sqs:us-east-1:1:side',
      attributes: { ApproximateReceiveCount: String(deliveries) },
    }) as unknown as SQSRecord;

  const handle = async (records: SQSRecord[], work: Parameters<typeof batchHandler>[1], leftMs = 30_000) => {
    const hidden: object[] = [];
    const send = async ({ input }: ChangeMessageVisibilityBatchCommand): Promise<object> => {
      hidden.push(input);
      return {};
    };
    const runtime = testRuntime({
      random: () => 0.999_999,
      clients: { sqs: { send: send as never } },
      environment: { OWN_QUEUE_URLS: 'https://sqs/1/main,https://sqs/1/side' },
    });
    const context = { getRemainingTimeInMillis: () => leftMs } as Context;
    const response = await batchHandler(runtime, work)({ Records: records } as SQSEvent, context);
    return { hidden, failed: response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
  };

  it('gets a delay on its own queue, and the other messages of its batch get none', async () => {
    const { hidden, failed } = await handle([record('a', 1), record('b', 3)], async ([, second], fail) =>
      fail(second!, new Error('no')),
    );
    expect(failed).toEqual(['b']);
    expect(hidden).toEqual([
      {
        QueueUrl: 'https://sqs/1/side',
        Entries: [{ Id: '0', ReceiptHandle: 'handle-b', VisibilityTimeout: 8 }],
      },
    ]);
  });
});

describe('a function', () => {
  it('is told when its batch has little time left', async () => {
    let left = 30_000;
    const lateness: boolean[] = [];
    const context = { getRemainingTimeInMillis: () => left } as Context;
    const handler = batchHandler(testRuntime(), async (_, __, isLate) => {
      lateness.push(isLate());
      left = 11_000;
      lateness.push(isLate());
    });
    await handler({ Records: [] } as SQSEvent, context);
    expect(lateness).toEqual([false, true]);
  });
});

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '#local/aws/pipeline.ts';
import { type FixtureOptions, startFixture } from './fixture.ts';

const seeing = () => {
  const records: LogRecord[] = [];
  return { records, onLog: (record: LogRecord) => records.push(record) };
};
/** A queue whose messages would stay hidden for a long time if the local run did not bring failed ones back sooner. */
const QUICK = { queue: { VisibilityTimeout: 600 } } satisfies Partial<FixtureOptions>;
/** Brings failed messages back at once: a fraction of a second is rounded down to 0. */
const AT_ONCE = { visibilityScale: 3_600 };
/** Says when it was called. */
const ECHO_TIMES = { code: `export const handler = () => out(String(Date.now()));` };

describe('a function behind its queue', () => {
  it('gets more than ten records at once, each as Lambda writes it', async () => {
    await using fixture = await startFixture({
      code: `export const handler = async ({ Records }) => { await out(JSON.stringify(Records.length)); await out(JSON.stringify(Records[0])); };`,
      mapping: { BatchSize: 200, MaximumBatchingWindowInSeconds: 1 },
    });
    await fixture.send(Array.from({ length: 25 }, (_, i) => `body ${i}`));
    await fixture.untilIdle();
    const [count, first] = await fixture.out();
    expect(count).toBe('25');
    expect(JSON.parse(first ?? '')).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: 'body 0',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update('body 0').digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:app-work',
      awsRegion: 'us-east-1',
    });
  });

  it('gets again only the messages that it reported as failed, until they go to the dead-letter queue', async () => {
    await using fixture = await startFixture(
      {
        ...QUICK,
        maxReceiveCount: 2,
        code: `export const handler = async ({ Records }) => {
          for (const { body } of Records) await out(body);
          const bad = Records.filter(({ body }) => body === 'bad');
          return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        };`,
      },
      AT_ONCE,
    );
    await fixture.send(['good', 'bad', 'fine']);
    await fixture.untilIdle();
    expect((await fixture.out()).sort()).toEqual(['bad', 'bad', 'fine', 'good']);
    expect(await fixture.pipeline.messages('work-dead-letters')).toEqual(['bad']);
    expect(fixture.pipeline.invocations()).toEqual({ worker: { invocations: 2, errors: 0 } });
  });

  it('gets a failed batch again after its visibility timeout, divided by the scale', async () => {
    await using fixture = await startFixture(
      {
        queue: { VisibilityTimeout: 120 },
        code: `export const handler = async ({ Records }) => {
          await out(String(Date.now()));
          if (Records[0].attributes.ApproximateReceiveCount === '1') throw new Error('once');
        };`,
      },
      { visibilityScale: 60 },
    );
    expect(fixture.pipeline.rules).toContain('comes back after 1/60 of its visibility timeout');
    await fixture.send(['x']);
    await fixture.untilIdle();
    const [first, second] = (await fixture.out()).map(Number);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_900);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(60_000);
  });

  it('gets what was collected in a batching window, whose length is divided by the scale', async () => {
    await using fixture = await startFixture(
      { ...ECHO_TIMES, mapping: { BatchSize: 100, MaximumBatchingWindowInSeconds: 300 } },
      { windowScale: 100 },
    );
    expect(fixture.pipeline.rules).toContain('batches are collected for 1/100 of their windows');
    const sentMs = Date.now();
    await fixture.send(['x']);
    await fixture.untilIdle();
    const waitedMs = Number((await fixture.out())[0]) - sentMs;
    expect(waitedMs).toBeGreaterThanOrEqual(2_900);
    expect(waitedMs).toBeLessThan(60_000);
  });

  it.each([
    ['throws', `throw new TypeError('broken');`, 'TypeError: broken'],
    ['throws something that is not an error', `throw 'broken';`, 'broken'],
    ['ends its process', 'process.exit(3);', 'the process ended: exit status 3'],
    [
      'dies of an error that nobody caught',
      `setTimeout(() => { throw new Error('later'); }); await new Promise(() => {});`,
      'the process ended: exit status 1',
    ],
    [
      'answers with a value that JSON cannot express',
      'return 1n;',
      'TypeError: Do not know how to serialize a BigInt',
    ],
    ['does not come back', 'for (;;);', 'the process ended: timed out after 5 s'],
  ])('whose first call %s gets the whole batch again', async (_, failure, message) => {
    const { records, onLog } = seeing();
    await using fixture = await startFixture(
      {
        ...QUICK,
        lambda: { Timeout: 5 },
        code: `export const handler = async ({ Records }) => {
          const first = Records[0].attributes.ApproximateReceiveCount === '1';
          await out(\`\${Records.length} \${first}\`);
          if (first) { ${failure} }
        };`,
      },
      { onLog, ...AT_ONCE },
    );
    await fixture.send(['a', 'b']);
    await fixture.untilIdle();
    expect(await fixture.out()).toEqual(['2 true', '2 false']);
    expect(fixture.pipeline.invocations()).toEqual({ worker: { invocations: 2, errors: 1 } });
    expect(records.map(({ line }) => line)).toContainEqual(expect.stringContaining(message));
  });

  it('with an invalid answer gets the whole batch again, which does not count as an error of the function', async () => {
    await using fixture = await startFixture(
      {
        ...QUICK,
        code: `export const handler = async ({ Records }) => {
          const first = Records[0].attributes.ApproximateReceiveCount === '1';
          await out(String(Records.length));
          return first ? { batchItemFailures: [{ itemIdentifier: '' }] } : undefined;
        };`,
      },
      AT_ONCE,
    );
    await fixture.send(['a', 'b']);
    await fixture.untilIdle();
    expect(await fixture.out()).toEqual(['2', '2']);
    expect(fixture.pipeline.invocations()).toEqual({ worker: { invocations: 2, errors: 0 } });
  });

  it('that cannot be loaded sends its messages to the dead-letter queue', async () => {
    const { records, onLog } = seeing();
    await using fixture = await startFixture(
      { ...QUICK, maxReceiveCount: 1, code: `throw new Error('not today');` },
      { onLog, ...AT_ONCE },
    );
    await fixture.send(['a']);
    await fixture.untilIdle();
    expect(await fixture.pipeline.messages('work-dead-letters')).toEqual(['a']);
    expect(records.map(({ line }) => line).join('\n')).toContain('not today');
  });

  it('runs in as many processes as it may, and these stay warm', async () => {
    await using fixture = await startFixture(
      {
        code: `export const handler = async () => { await out(String(process.pid)); await new Promise((r) => setTimeout(r, 50)); };`,
        mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
      },
      { concurrency: 8 },
    );
    await fixture.send(Array.from({ length: 12 }, () => 'x'));
    await fixture.untilIdle();
    const pids = await fixture.out();
    expect(pids.length).toBe(12);
    expect(new Set(pids).size).toBe(2);
  });
});

describe('killing handlers at random', () => {
  it('loses no message: what a killed handler held is delivered again, and nothing goes to the dead-letter queue', async () => {
    const { records, onLog } = seeing();
    await using fixture = await startFixture(
      {
        ...QUICK,
        code: `export const handler = async ({ Records }) => {
          await new Promise((r) => setTimeout(r, 30));
          for (const { body } of Records) await out(body);
        };`,
        maxReceiveCount: 1_000,
        mapping: { ScalingConfig: { MaximumConcurrency: 5 } },
      },
      { onLog, ...AT_ONCE },
    );
    const { pipeline } = fixture;
    expect(pipeline.killRandomHandler(() => 0)).toBe(false);
    const bodies = Array.from({ length: 60 }, (_, i) => String(i));
    await fixture.send(bodies);
    let turn = 0;
    while (pipeline.kills < 5) {
      turn = (turn + 0.37) % 1;
      pipeline.killRandomHandler(() => turn);
      await sleep(10);
    }
    await fixture.untilIdle();
    expect(new Set(await fixture.out())).toEqual(new Set(bodies));
    expect(await pipeline.messages('work-dead-letters')).toEqual([]);
    expect(pipeline.invocations().worker?.errors).toBe(5);
    expect(records.filter(({ line }) => line === 'the process ended: killed on purpose').length).toBe(5);
  });
});

describe('a schedule', () => {
  it('is not due before its first interval is over, and does not keep the pipeline busy', async () => {
    const Rule = {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Arn: { 'Fn::GetAtt': ['Worker', 'Arn'] } }],
      },
    };
    await using fixture = await startFixture({
      code: 'export const handler = () => out("called");',
      resources: { Rule },
    });
    await sleep(50);
    expect(await fixture.pipeline.idle()).toBe(true);
    expect(await fixture.out()).toEqual([]);
  });
});

import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reject } from '#domain/intake/rejects.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { buildReport, type Report } from '#local/replay/report.ts';
import { randomBelow, seededRandom } from '#simulator/random.ts';

const SEED = 11;
const GOOD = 1_000;
const BAD = 1_000;
const BATCH_EVENTS = 5;

const CAMPAIGN = {
  campaignId: 'sale',
  startsAt: '2026-11-10T12:00:00.000Z',
  endsAt: '2026-11-11T12:00:00.000Z',
  metrics: { windowSeconds: 3600, horizonHours: 1_000_000 },
};
/** A campaign that ended long ago, for orders that come beyond its horizon. */
const LONG_AGO = {
  campaignId: 'long-ago',
  startsAt: '2020-11-10T12:00:00.000Z',
  endsAt: '2020-11-11T12:00:00.000Z',
  metrics: { horizonHours: 1 },
};

const shuffle = (bodies: readonly string[], seed: number): string[] => {
  const random = seededRandom(seed);
  const shuffled = [...bodies];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomBelow(random, last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
};

type Change = Record<string, unknown>;

const order = (id: string, change: Change = {}, data: Change = {}) => ({
  specversion: '1.0',
  type: 'order.paid',
  id,
  source: 'urn:test',
  time: '2026-11-10T12:30:00.000Z',
  data: { orderId: id, memberId: `member-${id}`, brandId: 'lotus', channel: 'far', amountFen: 100, ...data },
  ...change,
});

/** Every kind of malformed body: how to make its text, and how it must be refused. */
const KINDS: [name: string, body: (id: string) => string, reason: string, field: string][] = [
  ['not JSON', (id) => `{"id":"${id}",`, 'not-json', 'body'],
  ['NaN', (id) => JSON.stringify(order(id)).replace(':100', ':NaN'), 'not-json', 'body'],
  ['empty', () => '[]', 'not-an-object', 'body'],
  ['a number', () => '42', 'not-an-object', 'event'],
  [
    'wrong version',
    (id) => JSON.stringify(order(id, { specversion: '0.3' })),
    'wrong-specversion',
    'specversion',
  ],
  ['wrong type', (id) => JSON.stringify(order(id, { type: 'order.lost' })), 'unknown-type', 'type'],
  ['missing', (id) => JSON.stringify(order(id, {}, { brandId: undefined })), 'missing-field', 'data.brandId'],
  ['unknown field', (id) => JSON.stringify(order(id, {}, { colour: 'red' })), 'unknown-field', 'data.colour'],
  ['negative', (id) => JSON.stringify(order(id, {}, { amountFen: -5 })), 'out-of-range', 'data.amountFen'],
  ['huge', (id) => JSON.stringify(order(id, {}, { amountFen: 1e15 })), 'out-of-range', 'data.amountFen'],
  [
    'text for a number',
    (id) => JSON.stringify(order(id, {}, { amountFen: '100' })),
    'wrong-type',
    'data.amountFen',
  ],
  ['bad time', (id) => JSON.stringify(order(id, { time: '2026-02-30T00:00:00Z' })), 'bad-time', 'time'],
  ['future time', (id) => JSON.stringify(order(id, { time: '2999-01-01T00:00:00Z' })), 'future-time', 'time'],
  [
    'beyond the horizon',
    (id) => JSON.stringify(order(id, { time: '2020-11-10T12:30:00Z' })),
    'beyond-horizon',
    'time',
  ],
  [
    'of no campaign',
    (id) => JSON.stringify(order(id, { time: '2021-06-01T00:00:00Z' })),
    'no-open-campaign',
    'time',
  ],
  ['9,000 nested arrays', () => `${'['.repeat(9_000)}${']'.repeat(9_000)}`, 'not-an-object', 'event'],
];

describe('a pipeline that gets 1,000 malformed bodies, of all kinds, among 1,000 good ones', () => {
  let pipeline: Pipeline;
  let report: Report;
  let rejects: Reject[];

  beforeAll(async () => {
    pipeline = await startPipeline({ context: { campaignWaitSeconds: '0' } });
    const client = new SQSClient({
      endpoint: pipeline.sqsEndpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const send = async (bodies: readonly string[], output = 'EventsQueueUrl') => {
      for (let first = 0; first < bodies.length; first += 10) {
        const entries = bodies
          .slice(first, first + 10)
          .map((body, i) => ({ Id: String(i), MessageBody: body }));
        await client.send(
          new SendMessageBatchCommand({ QueueUrl: pipeline.output(output), Entries: entries }),
        );
      }
    };
    const idle = async () => {
      while (!(await pipeline.idle())) await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const presale = (definition: typeof CAMPAIGN) =>
      JSON.stringify({ ...order(definition.campaignId), type: 'presale.started', data: definition });
    await send([presale(CAMPAIGN), presale(LONG_AGO as typeof CAMPAIGN)], 'ControlQueueUrl');
    await idle();

    const good = Array.from({ length: GOOD }, (_, i) => JSON.stringify(order(`good-${i}`)));
    const bad = Array.from({ length: BAD }, (_, i) => KINDS[i % KINDS.length]![1](`bad-${i}`));
    // Malformed bodies that are objects are sent in batches among good ones, the others alone.
    const isEvent = (body: string) => body.startsWith('{"specversion') && !body.includes('NaN');
    const events = shuffle([...good, ...bad.filter(isEvent)], SEED);
    const batches = Array.from(
      { length: Math.ceil(events.length / BATCH_EVENTS) },
      (_, i) => `[${events.slice(i * BATCH_EVENTS, (i + 1) * BATCH_EVENTS).join()}]`,
    );
    await send(shuffle([...batches, ...bad.filter((body) => !isEvent(body))], SEED));
    await idle();
    report = await buildReport({ pipeline, unreadable: 0, seconds: 0 });
    rejects = (await pipeline.messages('rejects')).map((body) => JSON.parse(body) as Reject);
  });

  afterAll(() => pipeline?.stop());

  it('counts every good one', () => {
    expect(report.accepted).toBe(GOOD);
    expect(report.campaigns.sale).toMatchObject({ orders: GOOD, grossFen: GOOD * 100 });
  });

  it('keeps every bad one in the rejects queue, with a reason that names the field', () => {
    const expected = new Map<string, number>();
    for (let i = 0; i < BAD; i++) {
      const [, , reason, field] = KINDS[i % KINDS.length]!;
      expected.set(`${reason} ${field}`, (expected.get(`${reason} ${field}`) ?? 0) + 1);
    }
    const found = new Map<string, number>();
    for (const { reason, field, message } of rejects) {
      expect(message.startsWith(`${field}: expected `)).toBe(true);
      found.set(`${reason} ${field}`, (found.get(`${reason} ${field}`) ?? 0) + 1);
    }
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(Object.values(report.rejected).reduce((sum, count) => sum + count, 0)).toBe(BAD);
  });

  it('keeps a bad one as it came, so that it can be corrected and sent again', () => {
    const kept = rejects.find(({ event }) => (event as { id?: string } | undefined)?.id === 'bad-8');
    expect(kept?.event).toEqual(order('bad-8', {}, { amountFen: -5 }));
  });

  it('retries no body for ever: nothing is left in a work queue or a dead-letter queue', async () => {
    for (const [queue, depth] of Object.entries(await pipeline.depths())) {
      if (queue !== 'rejects')
        expect({ queue, ...depth }).toEqual({ queue, visible: 0, inFlight: 0, delayed: 0 });
    }
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import type { ShownErasure } from '#local/operate/erase-member.ts';
import type { RunFile } from '#local/operate/run-file.ts';
import { coupons } from '../coupons/factories.ts';
import { instantRules } from '../free-orders/factory.ts';
import { temporaryDirectory } from '../local/replay/files.ts';
import { type Outcome, runScript, startScript } from '../support/run-start.ts';
import { isInItem } from '../support/traces.ts';

const MEMBER = 'the-member-to-be-forgotten';
const COMMAND = 'bin/zhihui.js';
const MINUTE_MS = 60_000;
const NOW_MS = Date.now();
const ORDERS = 12;
const WAIT_MS_MAX = 240_000;

const directory = temporaryDirectory();
const DATA = join(directory.path, 'data');
const LOG = join(directory.path, 'functions.log');
const at = (minutes: number): string => new Date(NOW_MS + minutes * MINUTE_MS).toISOString();

const event = (type: string, id: string, time: string, data: object) => ({
  specversion: '1.0',
  id,
  source: '/shop',
  type,
  time,
  data,
});
const order = (name: string, memberId: string, data: object = {}) =>
  event('order.paid', name, at(-20), {
    orderId: name,
    memberId,
    brandId: 'tea',
    channel: 'near',
    storeId: 's-1',
    amountFen: 20_000,
    ...data,
  });

/** A sale that is over, with an event that is refused: the member is in tables, in rejects and in the outbox. */
const SALE = [
  event('presale.started', 'open', at(-60), {
    campaignId: 'sale',
    startsAt: at(-50),
    endsAt: at(-10),
    coupons: coupons({ arms: { engine: 1, baseline: 99, control: 0 }, baselineOffer: 'ten' }),
    freeOrders: instantRules({ odds: { win: 1, in: 2 } }),
  }),
  event('member.updated', 'tier', at(-40), { memberId: MEMBER, tier: '88vip' }),
  ...Array.from({ length: ORDERS }, (_, i) => order(`o-own-${i}`, MEMBER)),
  ...Array.from({ length: ORDERS }, (_, i) => order(`o-other-${i}`, `other-${i}`)),
  order('o-refused', MEMBER, { amountFen: -1 }),
];
const FILE = directory.write('sale.ndjson', SALE.map((one) => JSON.stringify(one)).join('\n'));

const zhihui = (...args: string[]): Promise<Outcome> => runScript(COMMAND, [...args, '--data', DATA]);

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const givenUpMs = performance.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > givenUpMs) throw new Error(`${what}: expected within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
};

describe('a member that is erased with the real command line', () => {
  let run: ReturnType<typeof startScript>;
  let file: RunFile;
  let sqs: SQSClient;
  let dynamodb: DynamoDBClient;

  beforeAll(async () => {
    run = startScript(COMMAND, [
      'start',
      '--events',
      FILE,
      '--data',
      DATA,
      '--log',
      LOG,
      '--board-port',
      '0',
    ]);
    await until('the sale is played', async () => {
      if (run.child.exitCode !== null) throw new Error(run.text.stdout + run.text.stderr);
      return run.text.stdout.includes('Ctrl-C');
    });
    file = JSON.parse(readFileSync(join(DATA, 'run.json'), 'utf8')) as RunFile;
    const client = { region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS };
    sqs = new SQSClient({ endpoint: file.sqsEndpoint, ...client });
    dynamodb = new DynamoDBClient({ endpoint: file.dynamodbEndpoint, ...client });
  });
  afterAll(async () => {
    run.child.kill('SIGINT');
    await run.outcome;
    sqs.destroy();
    dynamodb.destroy();
    directory.remove();
  });

  const outputs = (ending: string) => Object.entries(file.outputs).filter(([name]) => name.endsWith(ending));

  /** The messages of a queue; all are taken out of it. */
  const drain = async (url: string): Promise<string[]> => {
    const bodies: string[] = [];
    for (;;) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
      );
      if (messages.length === 0) return bodies;
      for (const { Body: body, ReceiptHandle: handle } of messages) {
        bodies.push(body!);
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));
      }
    }
  };

  /** Where the member's id is found: in tables, in queues, and in the functions' log. */
  const traces = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const [name, table] of outputs('TableName')) {
      const { Items: items = [] } = await dynamodb.send(
        new ScanCommand({ TableName: table, ConsistentRead: true }),
      );
      expect(items.length, name).toBeGreaterThan(0);
      if (items.some((item) => isInItem(item, MEMBER))) found.push(name);
    }
    for (const [name, url] of outputs('QueueUrl'))
      if ((await drain(url)).some((body) => body.includes(MEMBER))) found.push(name);
    if (readFileSync(LOG, 'utf8').includes(MEMBER)) found.push('log');
    return found;
  };

  const gone = () =>
    until('the id is gone', async () => {
      const { stdout } = await zhihui('members', 'erased', MEMBER, '--json');
      return (JSON.parse(stdout) as ShownErasure).goneAt !== undefined;
    });

  const exported = async () => {
    const to = join(directory.path, 'draw.ndjson');
    await until('the draw is exported', async () => {
      const { status } = await zhihui('draw', 'export', 'sale', '--to', to);
      return status === 0;
    });
    const published = to.replace(/\.ndjson$/, '.published.ndjson');
    const verified = await runScript(COMMAND, ['verify', '--draw', to, '--published', published, '--json']);
    return { verified: verified.status, text: readFileSync(to, 'utf8') };
  };

  const grants = async () => {
    const { stdout } = await zhihui('grants', 'export');
    const all = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id: string; memberId: string; state: string });
    return { all, states: all.map(({ id, state }) => `${id} ${state}`).sort() };
  };

  it('is found nowhere, and no event that is sent again brings it back', async () => {
    // The draw function gets a tick with a time at which the draw is over.
    const body = JSON.stringify({ time: at(180) });
    await sqs.send(new SendMessageCommand({ QueueUrl: file.outputs.DrawQueueUrl!, MessageBody: body }));
    const before = await grants();
    const drawBefore = await exported();
    const own = before.all.filter(({ memberId }) => memberId === MEMBER);
    expect(own.some(({ id }) => id.startsWith('sale.coupon'))).toBe(true);
    expect(own.some(({ id }) => id.startsWith('sale.free'))).toBe(true);

    const erased = await zhihui('members', 'erase', MEMBER);
    expect(erased.stdout).toContain('nothing more is given to it');
    expect(erased).toMatchObject({ status: 0, stderr: '' });
    expect(erased.stdout).toContain('1 rejects that named it were deleted');
    process.stdout.write(erased.stdout);
    await gone();
    await drain(file.outputs.GrantsQueueUrl!);
    expect(await traces()).toEqual([]);

    const after = await grants();
    expect(after.states).toEqual(before.states);
    const drawAfter = await exported();
    expect(drawAfter).toEqual({ verified: 0, text: drawBefore.text });

    // All events are sent again.
    const sent = await zhihui('send', FILE);
    expect(sent.stdout).toContain('events sent');
    await until('everything is processed', async () => {
      const { stdout } = await zhihui('doctor', '--json');
      return !stdout.includes('waiting');
    });
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(await traces()).toEqual([]);
    expect((await grants()).states).toEqual(before.states);
    expect(await exported()).toEqual({ verified: 0, text: drawBefore.text });
    expect(await zhihui('member', 'show', MEMBER)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('expected a member that was not erased'),
    });
  }, 600_000);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import type { Closed } from '#local/operate/close-campaign.ts';
import type { RebuiltRows } from '#local/operate/rebuild.ts';
import type { RunFile } from '#local/operate/run-file.ts';
import { type Outcome, runScript, startScript, type Variables } from '../../support/run-start.ts';
import { temporaryDirectory } from '../replay/files.ts';
import { startStackStub } from './stack-stub.ts';

const directory = temporaryDirectory();
const DATA = join(directory.path, 'data');
const COMMAND = 'bin/zhihui.js';
const HOUR_MS = 3_600_000;
const NOW_MS = Date.now();
const ORDERS = 60;
const WAIT_MS_MAX = 60_000;

const ARMS = { engine: 1, baseline: 99, control: 0 };
/** Puts every member who is asked about in the arm that gives everybody the same coupon. */
const SALT = Array.from({ length: 1_000 }, (_, i) => `salt-${i}`).find((salt) =>
  ['early', 'meanwhile', 'late'].every((name) =>
    Array.from({ length: ORDERS }, (_, i) => armOf({ arms: ARMS, salt }, `m-${name}-${i}`)).every(
      (arm) => arm === 'baseline',
    ),
  ),
)!;

const definition = {
  campaignId: 'night',
  startsAt: new Date(NOW_MS - HOUR_MS).toISOString(),
  endsAt: new Date(NOW_MS + 24 * HOUR_MS).toISOString(),
  metrics: { windowSeconds: 60 },
  coupons: {
    budgets: [{ pool: 'platform', totalFen: 10_000_000, presaleShare: 0 }],
    offers: [
      {
        offerId: 'ten',
        pool: 'platform',
        thresholdFen: 5_000,
        discountFen: 1_000,
        scope: 'all',
        validHours: 24,
      },
    ],
    arms: ARMS,
    baselineOffer: 'ten',
    salt: SALT,
    objective: 'incremental-gmv',
    perMemberLimit: 3,
    shards: 4,
  },
};

const order = (name: string, data: object = {}) => ({
  specversion: '1.0',
  id: name,
  source: '/shop/orders',
  type: 'order.paid',
  time: new Date(NOW_MS - 60_000).toISOString(),
  data: { orderId: name, memberId: `m-${name}`, brandId: 'tea', channel: 'far', amountFen: 20_000, ...data },
});

const ordersFile = (name: string, count = ORDERS): string =>
  directory.write(
    `${name}.ndjson`,
    Array.from({ length: count }, (_, i) => JSON.stringify(order(`${name}-${i}`))).join('\n'),
  );

const zhihui = (...args: string[]): Promise<Outcome> => runScript(COMMAND, [...args, '--data', DATA]);
const zhihuiAlone = (...args: string[]): Promise<Outcome> => runScript(COMMAND, args);
const json = async <Value>(...args: string[]): Promise<Value> =>
  JSON.parse((await zhihui(...args, '--json')).stdout) as Value;

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const givenUpMs = performance.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > givenUpMs) throw new Error(`${what}: expected within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

type Grant = { id: string; memberId: string; state: string };
type Shown = {
  phase: string;
  pausedSince?: string;
  view: {
    headline: { orders: { value: number } };
    coupons: { issued: number; withheld: { reason: string; count: number }[] };
  };
};

describe('a night, with the real command line', () => {
  let run: ReturnType<typeof startScript>;
  let file: RunFile;
  let sqs: SQSClient;

  beforeAll(async () => {
    run = startScript(COMMAND, ['start', '--data', DATA]);
    await until(
      'the run is up',
      async () => run.text.stdout.includes('events queue') || run.child.exitCode !== null,
    );
    file = JSON.parse(readFileSync(join(DATA, 'run.json'), 'utf8')) as RunFile;
    sqs = new SQSClient({ endpoint: file.sqsEndpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  });
  afterAll(async () => {
    run.child.kill('SIGINT');
    await run.outcome;
    sqs.destroy();
    directory.remove();
  });

  const put = (url: string, body: unknown) =>
    sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(body) }));
  const grants = async (): Promise<Grant[]> =>
    (await zhihui('grants', 'export', '--campaign', 'night')).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Grant);
  const shown = () => json<Shown>('campaign', 'show', 'night');
  const counted = (orders: number) =>
    until(`${orders} orders are counted`, async () => (await shown()).view.headline.orders.value === orders);

  it('opens a campaign, sends it orders, and sees them', async () => {
    const campaign = directory.write('night.json', JSON.stringify(definition));
    const opened = await zhihui('campaign', 'open', campaign);
    expect(opened).toMatchObject({ status: 0, stdout: 'campaign night is open and takes orders\n' });
    expect((await zhihui('campaign', 'open', campaign)).stdout).toContain('is open already');
    const other = directory.write(
      'other.json',
      JSON.stringify({ ...definition, metrics: { windowSeconds: 30 } }),
    );
    expect(await zhihui('campaign', 'open', other)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'metrics.windowSeconds: expected 60, as campaign night was opened with',
      ),
    });
    expect(await zhihui('send', ordersFile('early'))).toMatchObject({
      status: 0,
      stdout: `${ORDERS} events sent, 0 not\n`,
    });
    await counted(ORDERS);
    await until('every member got a coupon', async () => (await grants()).length === ORDERS);
    expect((await zhihui('campaign', 'list')).stdout).toMatch(/\nnight +\S+ +\S+ +live +coupons\n$/);
    expect((await zhihui('campaign', 'show', 'night')).stdout).toContain(
      `coupons: ${ORDERS} issued, 0 redeemed, 0 expired`,
    );
  });

  it('says why a member got a coupon, and exports all coupons', async () => {
    const { status, stdout } = await zhihui('member', 'show', 'm-early-7');
    expect(status).toBe(0);
    expect(stdout).toContain('arm in campaign night: baseline');
    expect(stdout).toContain('ten, 10.00, live, of campaign night');
    expect(stdout).toContain("why: baseline's choice, with probability 1");
    expect(await zhihui('member', 'show', 'nobody')).toMatchObject({
      status: 2,
      stderr: 'error: expected a member with an order or a tier, got "nobody"\n',
    });
    const csv = join(directory.path, 'grants.csv');
    const exported = await zhihui('grants', 'export', '--csv', '--to', csv, '--json');
    expect(JSON.parse(exported.stdout)).toEqual({ file: csv, grants: ORDERS });
    const [head, ...lines] = readFileSync(csv, 'utf8').trim().split('\n');
    expect(head).toMatch(/^id,campaignId,memberId,kind,offerId,/);
    expect(lines).toHaveLength(ORDERS);
  });

  it('pauses: nothing is issued for any order, what was issued is redeemed, and resumes', async () => {
    const before = await grants();
    const paused = await zhihui('campaign', 'pause', 'night');
    expect(paused).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('nothing is issued from now on'),
    });
    console.log(paused.stdout.trim());
    const used = before
      .slice(0, 10)
      .map(({ id, memberId }, i) => order(`use-${i}`, { memberId, couponId: id }));
    const uses = directory.write('uses.ndjson', used.map((one) => JSON.stringify(one)).join('\n'));
    await zhihui('send', ordersFile('meanwhile'));
    await zhihui('send', uses);
    await counted(2 * ORDERS + used.length);
    await until(
      'coupons are redeemed',
      async () => (await grants()).filter(({ state }) => state === 'redeemed').length === used.length,
    );
    expect((await grants()).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
    await until('what was withheld is counted', async () => {
      const { pausedSince, view } = await shown();
      const withheld = view.coupons.withheld.find(({ reason }) => reason === 'paused');
      return pausedSince !== undefined && withheld?.count === ORDERS + used.length;
    });
    expect((await zhihui('doctor')).stdout).toContain('zhihui campaign resume night');
    expect(await zhihui('campaign', 'resume', 'night')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('campaign night goes on'),
    });
    await zhihui('send', ordersFile('late'));
    await until('coupons are issued again', async () => (await grants()).length === before.length + ORDERS);
    await counted(3 * ORDERS + used.length);
  });

  it('sets a ceiling for a pool and lifts it, and says which ceilings it cannot set', async () => {
    const capped = await zhihui('campaign', 'ceiling', 'night', 'platform', '500000');
    expect(capped.stdout).toContain('campaign night: pool platform gives at most 5,000.00');
    expect(capped.stdout).toMatch(/spent, [\d,.]+ held back/);
    console.log(capped.stdout.trim());
    expect((await zhihui('campaign', 'show', 'night')).stdout).toContain('held back by a ceiling: 95,000.00');
    expect(await zhihui('campaign', 'ceiling', 'night', 'platform', '10000000')).toMatchObject({ status: 0 });
    expect((await zhihui('campaign', 'show', 'night')).stdout).not.toContain('held back');
    expect((await zhihui('campaign', 'ceiling', 'night', 'platform', '10000001')).stderr).toContain(
      'FEN: expected at most 10000000, the budget of platform',
    );
    expect((await zhihui('campaign', 'ceiling', 'night', 'stores', '1')).stderr).toContain(
      'POOL: expected one of',
    );
    expect((await zhihui('campaign', 'ceiling', 'night', 'platform', '1.5')).status).toBe(2);
  });

  it('extends the campaign once, and says up to when it can be extended', async () => {
    const endsAt = new Date(NOW_MS + 30 * HOUR_MS).toISOString();
    const extended = await zhihui('campaign', 'extend', 'night', endsAt);
    expect(extended).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`campaign night ends at ${endsAt}, instead of ${definition.endsAt}`),
    });
    console.log(extended.stdout.trim());
    expect((await zhihui('campaign', 'list')).stdout).toContain(`extended from ${definition.endsAt}`);
    expect((await zhihui('campaign', 'show', 'night')).stdout).toContain(`to ${endsAt}`);
    for (const time of [endsAt, '2100-01-01T00:00:00Z'])
      expect(await zhihui('campaign', 'extend', 'night', time)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/TIME: expected a time after \S+, and no later than \S+, got/),
      });
    expect((await zhihui('campaign', 'extend', 'night', 'tomorrow')).status).toBe(2);
  });

  it('names what it cannot do', async () => {
    expect(await zhihui('campaign', 'pause', 'day')).toMatchObject({
      status: 2,
      stderr: 'error: expected the id of a campaign that was opened, got "day"\n',
    });
    const bad = directory.write(
      'bad.ndjson',
      `${JSON.stringify(order('bad', { amountFen: -5 }))}\nno json\n`,
    );
    const sent = await zhihui('send', bad, '--json');
    expect(sent.status).toBe(1);
    expect(JSON.parse(sent.stdout)).toMatchObject({ sent: 0, unsent: [{ line: 2 }, { line: 1 }] });
    expect(sent.stderr).toContain('line 1: data.amountFen: expected');
    const spread = directory.write('spread.json', JSON.stringify(order('bad', { amountFen: -5 }), null, 2));
    expect((await zhihui('send', spread)).stderr).toMatch(/line 1: data\.amountFen: expected[^\n]*\n$/);
    expect(await runScript(COMMAND, ['campaign', 'list', '--data', directory.path])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('expected a run that is up, got none'),
    });
  });

  it('mends a reject and sends it again', async () => {
    const before = (await shown()).view.headline.orders.value;
    await put(file.outputs.EventsQueueUrl!, order('negative', { amountFen: -5 }));
    await put(file.outputs.EventsQueueUrl!, order('hopeless', { memberId: 7 }));
    type Group = { count: number; reason: string; field: string };
    await until('both are refused', async () => (await json<Group[]>('rejects', 'list')).length === 2);
    expect((await zhihui('rejects', 'list')).stdout).toContain('out-of-range  data.amountFen');
    const preview = await zhihui('rejects', 'redrive', '--set', 'data.amountFen=1999', '--preview');
    expect(preview).toMatchObject({ status: 1, stdout: expect.stringContaining('1 would be sent, 1 not') });
    const redriven = await zhihui(
      'rejects',
      'redrive',
      '--set',
      'data.amountFen=1999',
      '--reason',
      'out-of-range',
    );
    expect(redriven).toMatchObject({ status: 0, stdout: expect.stringContaining('1 sent again, 0 not') });
    await counted(before + 1);
    expect(await json<Group[]>('rejects', 'show')).toMatchObject([{ field: 'data.memberId' }]);
    expect((await zhihui('rejects', 'redrive', '--set', 'data.memberId=m7')).status).toBe(0);
    await counted(before + 2);
    expect((await zhihui('rejects', 'list')).stdout).toBe('nothing was refused\n');
  });

  it('puts dead letters back into their queue', async () => {
    await put(file.outputs.CouponDeadLetterQueueUrl!, { campaigns: [], events: [] });
    expect(await json('dead-letters', 'list')).toMatchObject([{ queue: 'coupon', messages: 1 }]);
    expect(await zhihui('doctor')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('zhihui dead-letters redrive coupon'),
    });
    expect((await zhihui('dead-letters', 'redrive', 'coupon')).stdout).toBe('coupon: 1 put back\n');
    expect((await zhihui('dead-letters', 'list')).stdout).toBe('no dead letters\n');
    expect((await zhihui('dead-letters', 'list', 'copon')).stderr).toContain('got "copon"');
    expect(await zhihui('doctor')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('all is well'),
    });
  });

  it('shows the figures as they come', async () => {
    const { orders } = (await shown()).view.headline;
    const tailed = await zhihui('tail', '--every', '1', '--looks', '2');
    expect(tailed.status).toBe(0);
    expect(tailed.stdout.trim().split('\n')).toEqual([
      expect.stringContaining(`  ${orders.value} orders  net `),
      expect.stringContaining(`  ${orders.value} orders (0.0 a second)  net `),
    ]);
    expect(await zhihui('tail', 'day')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('got "day"'),
    });
  });

  it('exports the figures of brands, stores and the curve', async () => {
    const { orders } = (await shown()).view.headline;
    const { stdout } = await zhihui('metrics', 'export', 'night', '--csv');
    expect(stdout).toMatch(/^brandId,orders,refunds,grossFen,refundedFen,netFen\ntea,\d+,0,\d+,0,\d+\n$/);
    expect(stdout).toContain(`tea,${orders.value},`);
    const points = (await zhihui('metrics', 'export', 'night', '--of', 'curve')).stdout.trim().split('\n');
    const counts = points.map((line) => (JSON.parse(line) as { orders: number }).orders);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(orders.value);
    const none = join(directory.path, 'stores.ndjson');
    expect(await json('metrics', 'export', 'night', '--of', 'stores', '--to', none)).toEqual({
      file: none,
      stores: 0,
    });
    expect(await zhihui('metrics', 'export', 'night', '--of', 'shops')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--of: expected one of brands, stores, curve, got "shops"'),
    });
  });

  it('makes a damaged row of figures again from its events', async () => {
    const { headline } = (await shown()).view;
    const dynamodb = new DynamoDBClient({
      endpoint: file.dynamodbEndpoint,
      region: LOCAL_REGION,
      credentials: DUMMY_CREDENTIALS,
    });
    const table = file.outputs.MetricsTableName!;
    const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }));
    const row = items.find(({ window, item }) => window!.S!.startsWith('night#0#') && item!.S === 'ROW')!;
    await dynamodb.send(
      new PutItemCommand({ TableName: table, Item: { ...row, body: { B: Uint8Array.of(1) } } }),
    );
    dynamodb.destroy();
    const time = row.window!.S!.split('#')[2]!;
    const wrong = await zhihui('metrics', 'rebuild', 'night', '--from', 'noon');
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('--from: expected a time') });
    const { mended } = await json<RebuiltRows>('metrics', 'rebuild', 'night', '--from', time);
    expect(mended).toContainEqual({ level: 0, window: new Date(time).toISOString(), shard: 0 });
    expect((await shown()).view.headline).toEqual(headline);
    const again = await zhihui('metrics', 'rebuild', 'night', '--from', time);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining(' 0 rows made again') });
    expect((await zhihui('metrics', 'rebuild', 'nigth')).stderr).toContain('got "nigth"');
  });

  it('makes a campaign, opens it, and closes it for good: its coupons can be used, and no more are given', async () => {
    const dawn = join(directory.path, 'dawn.json');
    const from = new Date(NOW_MS - HOUR_MS).toISOString();
    const made = await zhihuiAlone(
      ...['campaign', 'init', dawn, '--id', 'dawn', '--from', from, '--presale', '0', '--arms', '1/99/0'],
    );
    expect(made).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('campaign dawn is well formed'),
    });
    const plan = await zhihui('campaign', 'plan', dawn);
    expect(plan).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/what its presale would give [\d,]+ members; nothing is written/),
    });
    expect((await zhihui('campaign', 'open', dawn)).status).toBe(0);
    const ofDawn = async (): Promise<Grant[]> =>
      (await zhihui('grants', 'export', '--campaign', 'dawn')).stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Grant);
    const before = (await shown()).view.headline.orders.value;
    await zhihui('send', ordersFile('dawn', 20));
    await until('coupons are given', async () => (await ofDawn()).length >= 15);
    await counted(before + 20);
    const closed = await json<Closed>('campaign', 'close', 'dawn');
    console.log(`closed after ${closed.tookMs} ms`);
    expect(closed).toMatchObject({ isInEffect: true, shards: 10, closed: 10 });
    const given = await ofDawn();
    const leftFen = Object.values(closed.notIssuedFen).reduce((sum, fen) => sum + fen, 0);
    expect(leftFen).toBe(10_000_000 - given.length * 1_000);
    expect((await zhihui('campaign', 'resume', 'dawn')).status).toBe(0);
    await zhihui('send', ordersFile('dusk', 20));
    const { id, memberId } = given[0]!;
    await zhihui(
      'send',
      directory.write('use.ndjson', JSON.stringify(order('use', { memberId, couponId: id }))),
    );
    await counted(before + 41);
    await until('the coupon is used', async () => (await ofDawn()).some(({ state }) => state === 'redeemed'));
    expect((await ofDawn()).map((one) => one.id).sort()).toEqual(given.map((one) => one.id).sort());
    await until('what was withheld is counted', async () =>
      (await zhihui('campaign', 'show', 'dawn')).stdout.includes('withheld: closed'),
    );
    expect((await zhihui('campaign', 'show', 'dawn')).stdout).toMatch(
      /closed since \S+: no more coupons; [\d,.]+ not issued/,
    );
    expect((await zhihui('campaign', 'list')).stdout).toMatch(/\ndawn .* closed since /);
    const decisions = await json<{ decisions: number }>(
      ...['decisions', 'export', 'dawn', '--open', '--to', join(directory.path, 'decisions.ndjson')],
    );
    expect(decisions.decisions).toBeLessThan(given.length);
    expect(await zhihui('campaign', 'close', 'day')).toMatchObject({ status: 2 });
  });

  it('lists, pauses and resumes campaigns of a stack that it is given by name, with the SDK’s own configuration', async () => {
    const stub = await startStackStub('night-stack', file.outputs);
    const config = directory.write('config', '[profile ops]\nregion = eu-central-1\n');
    const credentials = directory.write(
      'credentials',
      '[ops]\naws_access_key_id = AKIDOPS\naws_secret_access_key = secret\n',
    );
    const variables: Variables = {
      AWS_PROFILE: 'ops',
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_ENDPOINT_URL_CLOUDFORMATION: stub.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: file.dynamodbEndpoint,
      AWS_ENDPOINT_URL_SQS: file.sqsEndpoint,
    };
    const onStack = (...args: string[]) => runScript(COMMAND, args, undefined, variables);
    try {
      const listed = await onStack('campaign', 'list', '--stack', 'night-stack', '--json');
      expect(JSON.parse(listed.stdout)).toMatchObject([
        { campaignId: 'dawn', closedSince: expect.any(String) },
        { campaignId: 'night', phase: 'live' },
      ]);
      expect((await onStack('campaign', 'pause', 'night', '--stack', 'night-stack')).status).toBe(0);
      expect((await shown()).pausedSince).toBeDefined();
      expect((await onStack('campaign', 'resume', 'night', '--stack', 'night-stack')).status).toBe(0);
      const tailed = await onStack('tail', 'night', '--stack', 'night-stack', '--looks', '1');
      expect(tailed.stdout).toMatch(/^\d\d:\d\d:\d\d {2}[\d,]+ orders {2}net /);
      console.log(tailed.stdout.trim());
      expect(await onStack('doctor', '--stack', 'day-stack')).toMatchObject({
        status: 2,
        stderr: 'error: --stack day-stack: Stack with id day-stack does not exist\n',
      });
      expect(new Set(stub.signedFor)).toEqual(new Set(['eu-central-1 AKIDOPS']));
    } finally {
      await stub.stop();
    }
  });
});

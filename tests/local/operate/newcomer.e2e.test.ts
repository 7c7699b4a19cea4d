import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { figuresOf } from '#local/board/figures.ts';
import type { Closed } from '#local/operate/close-campaign.ts';
import type { PublishedDraw } from '#local/operate/draws.ts';
import { planCampaign } from '#local/operate/plan-campaign.ts';
import type { RebuiltRows } from '#local/operate/rebuild.ts';
import { readRejects } from '#local/operate/rejects.ts';
import { HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import { createProducer } from '#producer/producer.ts';
import type { Variables } from '../../support/run-start.ts';
import { hasProgram, inShell, inTerminal, type RealRun, startRealRun, until } from './real-run.ts';
import { startStackStub } from './stack-stub.ts';

const NOW_MS = Date.now();
const at = (ms: number): string => new Date(ms).toISOString();
const ENDS_AT = at(NOW_MS + 24 * HOUR_MS);

const MEMBERS = 12;
const VERIFIED = /\nVERIFIED\n$/;
const ORDERS = 30;
const USED = 10;

/** The options of `campaign init` in the order of its questions, with the answers. */
const ANSWERS: [option: string, answer: string][] = [
  ['id', 'night'],
  ['name', 'Night market'],
  ['from', at(NOW_MS - HOUR_MS / 2)],
  ['to', ENDS_AT],
  ['offers', '50-10'],
  ['budget', '100000'],
  ['presale', '0.5'],
  ['per-member', '3'],
  ['arms', '1/99/0'],
  ['free-orders', '1/2'],
  ['cap', '200'],
  ['quota', '100'],
];
const OPTIONS = ANSWERS.flatMap(([option, answer]) => [`--${option}`, answer]);

const event = (type: string, id: string, time: string, data: object) => ({
  specversion: '1.0',
  id,
  source: '/shop/orders',
  type,
  time,
  data,
});

/** An order that was paid a minute ago. Its member's id is the same as its own, unless `data` names another member. */
const order = (name: string, data: object = {}) =>
  event('order.paid', name, at(NOW_MS - MINUTE_MS), {
    ...{ orderId: name, memberId: name, brandId: 'tea', channel: 'near', storeId: 's-1', amountFen: 20_000 },
    ...data,
  });

const noTerminal = hasProgram('script', '--version') ? '' : ' (skipped: no util-linux script)';
const noAwsCli = hasProgram('aws', '--version') ? '' : ' (skipped: no AWS CLI)';

describe('in a newcomer’s sale, the real command line', () => {
  let run: RealRun;
  /** Ids of members of the campaign's baseline arm, who all get the same coupon. */
  let members: string[];
  let ordered = 0;
  const campaignFile = () => join(run.directory.path, 'night.json');
  const definitionIn = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as CampaignDefinition;

  beforeAll(async () => {
    run = await startRealRun();
  });
  afterAll(() => run.stop());

  const counted = (orders: number) =>
    until(`${orders} orders are counted`, async () => {
      ordered = (await run.shown('night')).view.headline.orders.value;
      return ordered === orders;
    });
  const grants = async () => (await run.grants('night')).filter(({ kind }) => kind === 'coupon');
  /** Waits until every order is judged in the draw. An order that wins while the campaign is paused is judged only later. */
  const judged = () =>
    until('every order is judged in the draw', async () => {
      const { wins, outcomes } = (await run.shown('night')).view.freeOrders!;
      return outcomes.reduce((sum, { count }) => sum + count, wins) === ordered;
    });
  /** Orders of some members. An order's id is made of the name of the batch and the member's id. */
  const ordersOf = (batch: string, some: readonly string[]) =>
    some.map((memberId) => order(`${batch}-${memberId}`, { memberId }));

  it('takes options as the answers to the questions of init', async () => {
    const init = () => run.alone(['campaign', 'init', campaignFile(), ...OPTIONS, '--force']);
    const wellFormed = { status: 0, stdout: expect.stringContaining('campaign night is well formed') };
    expect(await init()).toMatchObject(wellFormed);
    const isIn = (name: string) => armOf(definitionIn(campaignFile()).coupons!, name) === 'baseline';
    // The salt is random, and a member in a hundred is in another arm.
    while (!isIn('trial-member')) await init();
    members = Array.from({ length: 200 }, (_, i) => `m-${i}`).filter(isIn);
  });

  it.skipIf(noTerminal !== '')(`asks the questions of init in a terminal${noTerminal}`, () => {
    const file = join(run.directory.path, 'asked.json');
    const typed = ANSWERS.map(([, answer]) => answer).toSpliced(5, 0, '50-');
    const { status, stdout } = inTerminal(['campaign', 'init', file], typed);
    expect(stdout).toContain('the budget of all coupons [100000]: ');
    expect(stdout).toContain('expected an amount such as 10000');
    expect(status).toBe(0);
    const { coupons, ...rest } = definitionIn(campaignFile());
    const asked = definitionIn(file);
    expect(asked).toEqual({ ...rest, coupons: { ...coupons, salt: asked.coupons!.salt } });
  });

  it('checks the campaign with validate, says with plan what its presale gives to whom, and gives that with open', async () => {
    expect(await run.zhihui('campaign', 'plan', campaignFile())).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('no member is known yet'),
    });
    const known = members
      .slice(0, MEMBERS)
      .map((memberId) => event('member.updated', `tier-${memberId}`, at(NOW_MS), { memberId, tier: 'gold' }));
    await run.send('members', known);
    const definition = definitionIn(campaignFile());
    await until('the members are known', async () => {
      const plan = await planCampaign(run.target.runtime, definition);
      return plan.members.baseline === MEMBERS;
    });
    expect((await run.alone(['campaign', 'validate', campaignFile()])).stdout).toContain(
      'night is well formed',
    );
    const plan = await run.zhihui('campaign', 'plan', campaignFile());
    expect(plan.stdout).toContain('would give 12 members; nothing is written');
    expect(plan.stdout).toMatch(/\nbaseline, 50-10, gold +12 +120\.00 /);
    const opened = await run.zhihui('campaign', 'open', campaignFile());
    expect(opened).toMatchObject({ status: 0, stdout: 'campaign night is open and takes orders\n' });
    await until('the presale is over', async () => (await grants()).length === MEMBERS);
    expect((await grants()).map(({ memberId }) => memberId).sort()).toEqual(members.slice(0, MEMBERS).sort());
    expect((await run.zhihui('campaign', 'open', campaignFile())).stdout).toContain('is open already');
    const other = { ...definition, metrics: { windowSeconds: 30 } };
    expect(
      await run.zhihui('campaign', 'open', run.directory.write('other.json', JSON.stringify(other))),
    ).toMatchObject({ status: 2, stderr: expect.stringContaining('as campaign night was opened with') });
  });

  it.skipIf(noAwsCli !== '')(
    `has printed a command by which the AWS CLI sends an order${noAwsCli}`,
    async () => {
      const [command] = /^AWS_.* aws sqs send-message .*$/m.exec(run.printed())!;
      expect(inShell(command!)).toMatchObject({ status: 0, stdout: expect.stringContaining('MessageId') });
      await counted(1);
    },
  );

  it('has printed a command by which the AWS SDK sends the same order, which counts once; the page shows it and an order of a producer', async () => {
    const [command] = /^AWS_.* node --input-type=module -e '[^']*'$/m.exec(run.printed())!;
    expect(inShell(command!)).toMatchObject({ status: 0, stderr: '' });
    await counted(1);
    const sqs = new SQSClient({
      ...{ endpoint: run.file.sqsEndpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS },
    });
    const { runtime, output } = run.target;
    const producer = createProducer({ ...runtime, sqs, eventsQueueUrl: output('EventsQueueUrl') });
    const own = ordersOf('own', members.slice(0, 1));
    expect(await producer.send([...own, order('bad', { amountFen: -1 })])).toMatchObject({
      ...{ sent: 1, unsent: [{ kind: 'refused', index: 1 }] },
    });
    sqs.destroy();
    await counted(2);
    const [, page] = /live screen +(\S+)/.exec(run.printed())!;
    await until('the page shows them', async () => {
      const html = await (await fetch(`${page}board?locale=en&campaign=night`)).text();
      return figuresOf(html)?.orders === 2 && figuresOf(html)?.netFen === 39_900;
    });
    expect((await run.zhihui('campaign', 'list')).stdout).toMatch(
      /\nnight +\S+ +\S+ +live +coupons, free orders\n$/,
    );
  });

  it('says with member show why a member got its coupons, and lists all grants with grants export', async () => {
    await until('orders bring coupons', async () => (await grants()).length === MEMBERS + 2);
    const { status, stdout } = await run.zhihui('member', 'show', members[0]!);
    expect(status).toBe(0);
    expect(stdout).toContain('arm in campaign night: baseline');
    expect(stdout).toMatch(/50-10, 10\.00, live, of campaign night\n +granted \S+ in the presale, expires/);
    expect(stdout).toMatch(
      /granted \S+ for event \S+, expires \S+\n +why: baseline's choice, with probability 1/,
    );
    expect(await run.zhihui('member', 'show', 'nobody')).toMatchObject({
      ...{ status: 2, stderr: 'error: expected a member with an order or a tier, got "nobody"\n' },
    });
    await judged();
    const all = (await run.grants('night')).length;
    const csv = join(run.directory.path, 'grants.csv');
    const exported = await run.json('grants', 'export', '--csv', '--to', csv);
    expect(exported).toEqual({ file: csv, grants: all });
    const [head, ...lines] = readFileSync(csv, 'utf8').trim().split('\n');
    expect(head).toMatch(/^id,campaignId,memberId,kind,offerId,/);
    expect(lines).toHaveLength(all);
  });

  it('pauses the campaign, so that nothing is issued but coupons can be used, and resumes it', async () => {
    const before = await grants();
    const winsBefore = (await run.grants('night')).length - before.length;
    const orderedBefore = ordered;
    const paused = await run.zhihui('campaign', 'pause', 'night');
    expect(paused.stdout).toContain('campaign night is paused: nothing is issued from now on');
    expect(paused.status).toBe(0);
    const uses = before
      .slice(0, USED)
      .map(({ id, memberId }, i) => order(`use-${i}`, { memberId, couponId: id }));
    const meanwhile = ordersOf('meanwhile', members.slice(20, 20 + ORDERS));
    expect(await run.send('meanwhile', [...meanwhile, ...uses])).toMatchObject({
      ...{ status: 0, stdout: `${ORDERS + USED} events sent, 0 not\n` },
    });
    await counted(orderedBefore + ORDERS + USED);
    await until('coupons are redeemed', async () => {
      const redeemed = (await grants()).filter(({ state }) => state === 'redeemed');
      return redeemed.length === USED;
    });
    await until('what was withheld is counted', async () => {
      const { pausedSince, view } = await run.shown('night');
      const withheld = view.coupons!.withheld.find(({ reason }) => reason === 'paused');
      return pausedSince !== undefined && withheld?.count === ORDERS + USED;
    });
    expect((await grants()).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
    expect((await run.grants('night')).length - before.length).toBe(winsBefore);
    expect((await run.zhihui('doctor')).stdout).toContain('zhihui campaign resume night');
    expect(await run.zhihui('campaign', 'resume', 'night')).toMatchObject({
      ...{ status: 0, stdout: expect.stringContaining('campaign night goes on') },
    });
    await run.send('late', ordersOf('late', members.slice(50, 50 + ORDERS)));
    await until('coupons are issued again', async () => (await grants()).length === before.length + ORDERS);
    await counted(orderedBefore + 2 * ORDERS + USED);
    expect((await run.zhihui('campaign', 'show', 'night')).stdout).toContain(
      `coupons: ${before.length + ORDERS} issued, ${USED} redeemed, 0 expired`,
    );
  });
  it('sets a ceiling for a pool and lifts it, and says which ceilings it cannot set', async () => {
    const capped = await run.zhihui('campaign', 'ceiling', 'night', 'platform', '500000');
    expect(capped.stdout).toContain('campaign night: pool platform gives at most 5,000.00');
    expect(capped.stdout).toMatch(/spent, [\d,.]+ held back/);
    expect((await run.zhihui('campaign', 'show', 'night')).stdout).toContain(
      'held back by a ceiling: 95,000.00',
    );
    expect(await run.zhihui('campaign', 'ceiling', 'night', 'platform', '10000000')).toMatchObject({
      status: 0,
    });
    expect((await run.zhihui('campaign', 'show', 'night')).stdout).not.toContain('held back');
    expect((await run.zhihui('campaign', 'ceiling', 'night', 'platform', '10000001')).stderr).toContain(
      'FEN: expected at most 10000000, the budget of platform',
    );
    expect((await run.zhihui('campaign', 'ceiling', 'night', 'stores', '1')).stderr).toContain(
      'POOL: expected one of',
    );
    expect((await run.zhihui('campaign', 'ceiling', 'night', 'platform', '1.5')).status).toBe(2);
  });

  it('extends the campaign, and says which times can be its new end', async () => {
    const endsAt = at(NOW_MS + 30 * HOUR_MS);
    const extended = await run.zhihui('campaign', 'extend', 'night', endsAt);
    expect(extended).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`campaign night ends at ${endsAt}, instead of ${ENDS_AT}`),
    });
    expect((await run.zhihui('campaign', 'list')).stdout).toContain(`extended from ${ENDS_AT}`);
    expect((await run.zhihui('campaign', 'show', 'night')).stdout).toContain(`to ${endsAt}`);
    for (const time of [endsAt, '2100-01-01T00:00:00Z'])
      expect(await run.zhihui('campaign', 'extend', 'night', time)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/TIME: expected a time after \S+, and no later than \S+, got/),
      });
    expect((await run.zhihui('campaign', 'extend', 'night', 'tomorrow')).status).toBe(2);
  });

  it('says what it cannot do', async () => {
    expect(await run.zhihui('campaign', 'pause', 'day')).toMatchObject({
      status: 2,
      stderr: 'error: expected the id of a campaign that was opened, got "day"\n',
    });
    const bad = run.directory.write(
      'bad.ndjson',
      `${JSON.stringify(order('bad', { amountFen: -5 }))}\nno json\n`,
    );
    const sent = await run.zhihui('send', bad, '--json');
    expect(sent.status).toBe(1);
    expect(JSON.parse(sent.stdout)).toMatchObject({ sent: 0, unsent: [{ line: 2 }, { line: 1 }] });
    expect(sent.stderr).toContain('line 1: data.amountFen: expected');
    const inLines = JSON.stringify(order('bad', { amountFen: -5 }), null, 2);
    const spread = run.directory.write('spread.json', inLines);
    expect((await run.zhihui('send', spread)).stderr).toMatch(/line 1: data\.amountFen: expected[^\n]*\n$/);
    expect(await run.alone(['campaign', 'list', '--data', run.directory.path])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('expected a run that is up, got none'),
    });
  });

  it('mends a reject and sends it again', async () => {
    const before = ordered;
    await run.put('EventsQueueUrl', order('negative', { amountFen: -5 }));
    await run.put('EventsQueueUrl', order('hopeless', { memberId: 7 }));
    type Group = { count: number; reason: string; field: string };
    await until('both are refused', async () => (await readRejects(run.target, {})).length === 2);
    expect((await run.zhihui('rejects', 'list')).stdout).toContain('out-of-range  data.amountFen');
    const preview = await run.zhihui('rejects', 'redrive', '--set', 'data.amountFen=1999', '--preview');
    expect(preview).toMatchObject({ status: 1, stdout: expect.stringContaining('1 would be sent, 1 not') });
    const outOfRange = ['--set', 'data.amountFen=1999', '--reason', 'out-of-range'];
    const redriven = await run.zhihui('rejects', 'redrive', ...outOfRange);
    expect(redriven).toMatchObject({ status: 0, stdout: expect.stringContaining('1 sent again, 0 not') });
    await counted(before + 1);
    expect(await run.json<Group[]>('rejects', 'show')).toMatchObject([{ field: 'data.memberId' }]);
    expect((await run.zhihui('rejects', 'redrive', '--set', 'data.memberId=m7')).status).toBe(0);
    await counted(before + 2);
    expect((await run.zhihui('rejects', 'list')).stdout).toBe('nothing was refused\n');
  });

  it('puts dead letters back into their queue', async () => {
    await run.put('CouponDeadLetterQueueUrl', { campaigns: [], events: [] });
    expect(await run.json('dead-letters', 'list')).toMatchObject([{ queue: 'coupon', messages: 1 }]);
    expect(await run.zhihui('doctor')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('zhihui dead-letters redrive coupon'),
    });
    expect((await run.zhihui('dead-letters', 'redrive', 'coupon')).stdout).toBe('coupon: 1 put back\n');
    expect((await run.zhihui('dead-letters', 'list')).stdout).toBe('no dead letters\n');
    expect((await run.zhihui('dead-letters', 'list', 'copon')).stderr).toContain('got "copon"');
    expect(await run.zhihui('doctor')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('all is well'),
    });
  });

  it('shows the figures as they come', async () => {
    const tailed = await run.zhihui('tail', '--every', '1', '--looks', '2');
    expect(tailed.status).toBe(0);
    expect(tailed.stdout.trim().split('\n')).toEqual([
      expect.stringContaining(`  ${ordered} orders  net `),
      expect.stringContaining(`  ${ordered} orders (0.0 a second)  net `),
    ]);
    expect((await run.zhihui('tail', 'day')).stderr).toContain('got "day"');
  });

  it('exports the figures of brands, stores and the curve', async () => {
    const { orders } = (await run.shown('night')).view.headline;
    const { stdout } = await run.zhihui('metrics', 'export', 'night', '--csv');
    expect(stdout).toMatch(/^brandId,orders,refunds,grossFen,refundedFen,netFen\n/);
    expect(stdout).toContain(`\ntrial-brand,1,0,19900,0,19900\n`);
    expect(stdout).toContain(`\ntea,${orders.value - 1},0,`);
    const points = (await run.zhihui('metrics', 'export', 'night', '--of', 'curve')).stdout
      .trim()
      .split('\n');
    const counts = points.map((line) => (JSON.parse(line) as { orders: number }).orders);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(orders.value);
    const to = join(run.directory.path, 'stores.ndjson');
    expect(await run.json('metrics', 'export', 'night', '--of', 'stores', '--to', to)).toEqual({
      ...{ file: to, stores: 1 },
    });
    expect(await run.zhihui('metrics', 'export', 'night', '--of', 'shops')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--of: expected one of brands, stores, curve, got "shops"'),
    });
  });

  it('makes a damaged row of figures again from its events', async () => {
    const { headline } = (await run.shown('night')).view;
    const { dynamodb } = run.target.runtime;
    const table = run.target.output('MetricsTableName');
    const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }));
    const row = items.find(({ window, item }) => window!.S!.startsWith('night#0#') && item!.S === 'ROW')!;
    await dynamodb.send(
      new PutItemCommand({ TableName: table, Item: { ...row, body: { B: Uint8Array.of(1) } } }),
    );
    const time = row.window!.S!.split('#')[2]!;
    const wrong = await run.zhihui('metrics', 'rebuild', 'night', '--from', 'noon');
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('--from: expected a time') });
    const { mended } = await run.json<RebuiltRows>('metrics', 'rebuild', 'night', '--from', time);
    expect(mended).toContainEqual({ level: 0, window: new Date(time).toISOString(), shard: 0 });
    expect((await run.shown('night')).view.headline).toEqual(headline);
    // Until all decisions are counted, a rebuild may find the blocks of some before the rollup does.
    await until('a rebuild finds every row right', async () => {
      const { status, stdout } = await run.zhihui('metrics', 'rebuild', 'night', '--from', time);
      return status === 0 && stdout.includes(' 0 rows made again');
    });
    expect((await run.zhihui('metrics', 'rebuild', 'nigth')).stderr).toContain('got "nigth"');
  });

  it('publishes the draw while it lasts and when it is over, exports it, and verifies it from the files alone', async () => {
    await judged();
    const before = await run.json<PublishedDraw>('draw', 'publish', 'night');
    expect(before).toMatchObject({ published: 'draws/night/published.ndjson', slots: 0 });
    expect(before.export).toBeUndefined();
    const file = join(run.directory.path, 'draw.ndjson');
    expect(await run.zhihui('draw', 'export', 'night', '--to', file)).toMatchObject({
      ...{
        status: 2,
        stderr: expect.stringContaining('an instant draw is over an hour after its announced end'),
      },
    });
    // The draw gets a time at which it is over, as it will get one from the schedule tomorrow.
    await run.put('DrawQueueUrl', { time: at(NOW_MS + 26 * HOUR_MS) });
    await until(
      'the draw is over',
      async () => (await run.shown('night')).view.freeOrders?.seed !== undefined,
    );
    const over = await run.zhihui('draw', 'publish', 'night');
    expect(over.stdout).toContain(`export      s3://${run.file.outputs.PublicationsBucketName}/draws/night/`);
    expect((await run.zhihui('draw', 'export', 'night', '--to', file)).status).toBe(0);
    const published = join(run.directory.path, 'draw.published.ndjson');
    const verified = await run.alone(['verify', '--draw', file, '--published', published]);
    expect(verified).toMatchObject({ status: 0, stdout: expect.stringMatching(VERIFIED) });
    const { outcomes } = JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1)!);
    const won = (await run.grants('night')).filter(({ kind }) => kind === 'free-order').length;
    expect(outcomes).toEqual({ won, 'not-drawn': ordered - won - 1, 'wrong-channel': 1 });
    expect(won).toBeGreaterThan(0);
  });

  it('works on a stack that is given by its name, with the SDK’s own configuration', async () => {
    const { sqsEndpoint, dynamodbEndpoint, secretsManagerEndpoint, outputs } = run.file;
    const stub = await startStackStub('night-stack', outputs);
    const variables: Variables = {
      AWS_PROFILE: 'ops',
      AWS_CONFIG_FILE: run.directory.write('config', '[profile ops]\nregion = eu-central-1\n'),
      AWS_SHARED_CREDENTIALS_FILE: run.directory.write(
        'credentials',
        '[ops]\naws_access_key_id = AKIDOPS\naws_secret_access_key = secret\n',
      ),
      AWS_ENDPOINT_URL_CLOUDFORMATION: stub.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
      AWS_ENDPOINT_URL_S3: sqsEndpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerEndpoint!,
      AWS_ENDPOINT_URL_SQS: sqsEndpoint,
    };
    const onStack = (...args: string[]) => run.alone([...args, '--stack', 'night-stack'], variables);
    try {
      const listed = await onStack('campaign', 'list', '--json');
      expect(JSON.parse(listed.stdout)).toMatchObject([{ campaignId: 'night', phase: 'live' }]);
      expect((await onStack('campaign', 'pause', 'night')).status).toBe(0);
      expect((await run.shown('night')).pausedSince).toBeDefined();
      expect((await onStack('campaign', 'resume', 'night')).status).toBe(0);
      const tailed = await onStack('tail', 'night', '--looks', '1');
      expect(tailed.stdout).toMatch(/^\d\d:\d\d:\d\d {2}[\d,]+ orders {2}net /);

      const erased = await onStack('members', 'erase', members[3]!);
      expect(erased).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing more is given') });
      expect((await onStack('members', 'erased', members[3]!)).stdout).toContain('has been erased since');
      expect((await run.zhihui('member', 'show', members[3]!)).stderr).toContain('that was not erased');

      const { root } = JSON.parse((await onStack('draw', 'publish', 'night', '--json')).stdout);
      const file = join(run.directory.path, 'stack.ndjson');
      expect(await onStack('draw', 'export', 'night', '--to', file)).toMatchObject({
        ...{ status: 0, stdout: expect.stringContaining(' lines; ') },
      });
      expect(readFileSync(file, 'utf8')).toContain(root);
      expect((await onStack('draw', 'verify', 'night')).stdout).toMatch(VERIFIED);

      const unknown = await run.alone(['doctor', '--stack', 'day-stack'], variables);
      expect(unknown.stderr).toBe('error: --stack day-stack: Stack with id day-stack does not exist\n');
      expect(unknown.status).toBe(2);
      expect(new Set(stub.signedFor)).toEqual(new Set(['eu-central-1 AKIDOPS']));
    } finally {
      await stub.stop();
    }
  });

  it('closes the campaign for good: coupons can be used but no more are given; and says how much money is left', async () => {
    const given = await grants();
    const orderedBefore = ordered;
    const closed = await run.json<Closed>('campaign', 'close', 'night');
    expect(closed).toMatchObject({ isInEffect: true, shards: 10, closed: 10 });
    const leftFen = Object.values(closed.notIssuedFen).reduce((sum, fen) => sum + fen, 0);
    expect(leftFen).toBe(10_000_000 - given.length * 1_000);
    expect((await run.zhihui('campaign', 'resume', 'night')).status).toBe(0);
    const { id, memberId } = given.find(({ state }) => state === 'live')!;
    const dusk = ordersOf('dusk', members.slice(100, 110));
    await run.send('dusk', [...dusk, order('use-last', { memberId, couponId: id })]);
    await counted(orderedBefore + 11);
    await until('the coupon is used', async () =>
      (await grants()).some((grant) => grant.id === id && grant.state === 'redeemed'),
    );
    await until('what was withheld is counted', async () =>
      (await run.shown('night')).view.coupons!.withheld.some(({ reason }) => reason === 'closed'),
    );
    expect((await grants()).map((grant) => grant.id).sort()).toEqual(given.map((grant) => grant.id).sort());
    expect((await run.zhihui('campaign', 'show', 'night')).stdout).toMatch(
      /closed since \S+: no more coupons; [\d,.]+ not issued/,
    );
    expect((await run.zhihui('campaign', 'list')).stdout).toMatch(/\nnight .* closed since /);
    const file = join(run.directory.path, 'decisions.ndjson');
    const decisions = await run.json<{ decisions: number }>(
      ...['decisions', 'export', 'night', '--open', '--to', file],
    );
    expect(decisions.decisions).toBeLessThan(given.length);
    expect(await run.zhihui('campaign', 'close', 'day')).toMatchObject({ status: 2 });
  });
});

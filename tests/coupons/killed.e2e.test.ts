import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { tableEnvironment } from '#local/aws/table-environment.ts';
import { sqsSender } from '#local/replay/producer.ts';
import { seededRandom } from '../support/random.ts';

/** The sample sale: one campaign with coupons, its members, orders and refunds. */
const EVENTS = readFileSync(new URL('#events/sale.ndjson', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const PACK = 20;
/** Fewer than a message's deliveries, so that none can run out of them. */
const KILLS_MAX = 4;

type Opening = { type: string; data: unknown };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
  Object.assign(process.env, tableEnvironment(pipeline), {
    METRICS_TABLE: pipeline.output('MetricsTableName'),
    GRANTS_TABLE: pipeline.output('GrantsTableName'),
  });
});
afterAll(() => pipeline.stop());

const send = async (lines: readonly string[]): Promise<void> => {
  const { send: put, close } = sqsSender(pipeline.sqsEndpoint, pipeline.output('EventsQueueUrl'));
  for (let first = 0; first < lines.length; first += PACK) {
    const body = `[${lines.slice(first, first + PACK).join()}]`;
    await put([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
  }
  close();
};
const untilIdle = async (): Promise<void> => {
  while (!(await pipeline.idle())) await sleep(20);
};

/** Ends busy processes of the handlers now and then while some work is done. */
const amongDeaths = async (work: () => Promise<void>): Promise<void> => {
  const random = seededRandom(5);
  let isOver = false;
  const killer = (async () => {
    while (!isOver && pipeline.kills < KILLS_MAX) {
      await sleep(random() * 100);
      pipeline.killRandomHandler(random);
    }
  })();
  await work();
  isOver = true;
  await killer;
};

test('the sample sale keeps its books to the fen, and tells of every coupon, though handler processes are killed', async () => {
  const { readTotal } = await import('#domain/metrics/rollup/read.ts');
  const { readBudgets } = await import('#domain/campaigns/budget-items.ts');
  const { campaignBudgets } = await import('#domain/campaigns/campaign-budgets.ts');
  const { sumOf } = await import('#domain/campaigns/budget.ts');
  const { dynamodb } = await import('#platform/dynamodb.ts');
  const { allGrants, heldFen } = await import('../support/coupon-world.ts');
  const opening = EVENTS.find((line) => (JSON.parse(line) as Opening).type === 'presale.started')!;
  const parsed = parseCampaignDefinition((JSON.parse(opening) as Opening).data);
  if (!parsed.ok) throw new Error(parsed.rejection.message);
  const { definition } = parsed;
  const { campaignId, coupons } = definition;

  await send([opening]);
  await untilIdle();
  await amongDeaths(async () => {
    const others = EVENTS.filter((line) => line !== opening);
    await send([...others, ...others.slice(0, 100)]);
    await untilIdle();
  });
  expect(pipeline.kills).toBeGreaterThan(0);
  for (const [queue, { visible }] of Object.entries(await pipeline.depths())) {
    if (queue.endsWith('dead-letters')) expect(visible, queue).toBe(0);
  }

  const grants = (await allGrants(dynamodb, campaignId, pipeline.output('GrantsTableName'))).filter(
    ({ kind }) => kind === 'coupon',
  );
  expect(grants.length).toBeGreaterThan(10);
  const held = heldFen(grants);
  const remaining = await readBudgets(campaignId);
  for (const { budget, totalFen } of campaignBudgets(campaignId, coupons!)) {
    expect(sumOf(remaining.get(budget.key)!) + (held[budget.key] ?? 0)).toBe(totalFen);
  }

  const told = (await pipeline.messages('grants'))
    .flatMap((body) => JSON.parse(body) as { id: string; type: string }[])
    .filter(({ type }) => type === 'coupon.granted');
  expect(new Set(told.map(({ id }) => id))).toEqual(new Set(grants.map(({ id }) => id)));

  const { row } = await readTotal(campaignSettings(definition));
  expect(row.conflicts).toBe(0);
  const countOf = (label: string): number => row.tallies.get(label)?.count ?? 0;
  const byArm = Map.groupBy(
    grants,
    ({ budget, offer }) => `${budget.slice(0, budget.indexOf('/'))}/${offer}`,
  );
  expect(byArm.size).toBeGreaterThan(1);
  for (const [label, some] of byArm) {
    expect(row.tallies.get(`coupon-issued/${label}`)).toEqual({
      count: some.length,
      fen: sumOf(some.map(({ faceFen }) => faceFen)),
    });
    const redeemed = some.filter(({ state }) => state === 'redeemed').length;
    expect(countOf(`coupon-redeemed/${label}`) - countOf(`coupon-returned/${label}`)).toBe(redeemed);
  }
});

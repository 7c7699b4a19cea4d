import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { demandBucketOf } from '#domain/allocation/demand.ts';
import { sumOf } from '#domain/campaigns/budget.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import { totalKey } from '#domain/metrics/levels.ts';
import { demandLabel } from '#domain/metrics/model-calls.ts';
import { SURE_PART } from '#domain/pacing/forecast.ts';
import { campaignSettings, formatTime } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type Dynoxide, hasDynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { campaign, coupons, faultsOf, readBooks } from '../support/presale-world.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';

const random = seededRandom(5);
const weather = new Weather(random);
const queues = new Queues(random, weather);
vi.mock('#platform/queue.ts', () => ({
  sendAll: (...parameters: Parameters<typeof queues.sendAll>) => queues.sendAll(...parameters),
}));

const HOUR_MS = 3_600_000;
const COUPONS = 120;
/** Beyond the grace that late orders have. */
const LONG_AGO_MS = HOUR_MS;

describe.skipIf(!hasDynoxide)('the pacer', () => {
  let dynoxide: Dynoxide;
  let consume: (event: SQSEvent) => ReturnType<typeof import('#lambdas/presale/handler.ts').handler>;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    const { handler } = await import('#lambdas/pacer/handler.ts');
    weather.strike((await import('#platform/dynamodb.ts')).dynamodb);
    consume = async (event) => (await handler(event, {} as Context))!;
  });
  afterAll(() => dynoxide.stop());

  const section = coupons({ arms: { engine: 100, baseline: 0, control: 0 }, perMemberLimit: 1 });
  const [five] = section.offers;

  /** Opens a campaign whose coupons were given at a time, one a member. */
  const open = async (campaignId: string, givenMs: number): Promise<Grant[]> => {
    const tables = await import('#domain/campaigns/campaigns-table.ts');
    const { openingItems } = await import('#domain/campaigns/opening.ts');
    const { carryOut } = await import('#domain/grants/grants-table.ts');
    const { budgetOf } = await import('#domain/campaigns/campaign-budgets.ts');
    const definition = campaign({
      campaignId,
      coupons: section,
      startsAt: formatTime(Date.now() - 2 * HOUR_MS),
      endsAt: formatTime(Date.now() + 2 * HOUR_MS),
    });
    await tables.registerCampaign(runtime, definition);
    await tables.putItemsOnce(runtime, campaignId, openingItems(definition));
    await tables.listCampaign(runtime, definition);
    const grants = Array.from({ length: COUPONS }, (_, i) =>
      couponGrant({
        campaignId,
        member: `m${i}`,
        slot: 0,
        offer: five!,
        arm: 'engine',
        trigger: eventIdOf('test', `${campaignId}-${i}`),
        grantedMs: givenMs,
        reason: { arm: 'engine', propensity: 1 },
      }),
    );
    const claims = grants.map((grant) => ({
      draws: [{ grant, budget: budgetOf(campaignId, section, grant.budget) }],
    }));
    const outcomes = await carryOut(claims, random);
    expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
    return grants;
  };

  const tick = async (): Promise<void> => {
    queues.put('pacer', {});
    while (await queues.deliver({ pacer: { consume, batch: 10 } }));
  };

  test('turns a call of the clock into a message', async () => {
    const { handler } = await import('#lambdas/pacer/handler.ts');
    await handler({ time: '2026-11-11T00:00:00Z' } as never, {} as Context);
    expect(queues.of('pacer').map(({ body }) => JSON.parse(body))).toEqual([
      { time: '2026-11-11T00:00:00Z' },
    ]);
    queues.messages.clear();
  });

  test('frees the money of expired coupons to the fen, and tells of each, though it dies before telling', async () => {
    const expired = await open('expired', Date.now() - LONG_AGO_MS - five!.validHours * HOUR_MS);
    await open('valid', Date.now());
    // The first worker lets all of them expire and dies before it tells: the next one finds nothing left to expire.
    const { sendAll } = queues;
    let hasDied = false;
    queues.sendAll = async (url, messages) => {
      if (url === 'metrics' && !hasDied) {
        hasDied = true;
        throw new Error('died');
      }
      return sendAll(url, messages);
    };
    await tick();
    weather.rates = { death: 0.02, lostAnswer: 0.03, conflict: 0.1, throttle: 0.1 };
    await tick();
    weather.rates = NO_FAULTS;
    await tick();
    const books = await readBooks(dynoxide.client, 'expired');
    expect(faultsOf(books, section)).toEqual([]);
    expect(new Set(books.grants.map(({ state }) => state))).toEqual(new Set(['expired']));
    const valid = await readBooks(dynoxide.client, 'valid');
    expect(faultsOf(valid, section)).toEqual([]);
    expect(new Set(valid.grants.map(({ state }) => state))).toEqual(new Set(['live']));
    const told = queues
      .of('metrics')
      .flatMap(({ body }) => JSON.parse(body).events as [id: string, time: number, label: string][]);
    expect(new Set(told.map(([id]) => id)).size).toBe(expired.length);
    expect(new Set(told.map(([, , label]) => label))).toEqual(new Set(['coupon-expired/engine/five']));
    expect(hasDied).toBe(true);
  });

  test('moves the price of a budget that is not spent as planned', async () => {
    const { readPrices, writePrices } = await import('#domain/campaigns/prices.ts');
    const { advance, readProgress } = await import('#domain/campaigns/progress-items.ts');
    const key = 'engine/platform';
    await open('paced', Date.now());
    await writePrices('paced', { [key]: 0.5 }, 0);
    for (const segment of Array.from({ length: 32 }, (_, i) => String(i).padStart(5, '0'))) {
      const issued = { campaign: 'paced', item: `ISSUE#32#${segment}` };
      await advance(issued, await readProgress(issued), { isDone: true });
    }
    await tick();
    expect((await readPrices('paced')).prices[key]).toBe(0.5);
    // A minute ago there was as much left as there is now.
    const place = { campaign: 'paced', item: 'PACE' };
    const reading = await readProgress(place);
    const latest = JSON.parse(Buffer.from(reading.body!).toString());
    const earlier = JSON.stringify({ ...latest, atMs: latest.atMs - 60_000 });
    await advance(place, reading, { isDone: false, body: Buffer.from(earlier) });
    await tick();
    expect((await readPrices('paced')).prices[key]).toBeLessThan(0.5);
  });

  test('solves a price anew from the demand that orders told of, once there are enough of them', async () => {
    const { readPrices, writePrices } = await import('#domain/campaigns/prices.ts');
    const { advance, readProgress } = await import('#domain/campaigns/progress-items.ts');
    const { putRow } = await import('#domain/metrics/metrics-table.ts');
    const { packRowParts } = await import('#domain/metrics/rollup/row-codec.ts');
    const { emptyRow } = await import('#domain/metrics/rollup/row.ts');
    const { readDefinition } = await import('#domain/campaigns/campaigns-table.ts');
    const { readBudgets } = await import('#domain/campaigns/budget-items.ts');
    const key = 'engine/platform';
    await open('told', Date.now());
    await writePrices('told', { [key]: 0.5 }, 0);
    for (const segment of Array.from({ length: 32 }, (_, i) => String(i).padStart(5, '0'))) {
      const issued = { campaign: 'told', item: `ISSUE#32#${segment}` };
      await advance(issued, await readProgress(issued), { isDone: true });
    }
    await tick();
    const leftFen = sumOf((await readBudgets('told')).get(key)!);
    // Half of the sale has told of a demand twice as much as there is money for in the other half, in two equal parts.
    const settings = campaignSettings((await readDefinition('told'))!);
    const row = emptyRow();
    const bucket = demandBucketOf(3);
    for (const [at, count] of [
      [bucket, 50],
      [bucket + 40, 50],
    ] as const) {
      const calls = count * (section.offers.length + 1);
      row.tallies.set(demandLabel(key, at), { count: calls, fen: Math.round(leftFen / SURE_PART) });
    }
    row.newestMs = Date.now();
    expect(
      await putRow(settings, totalKey(settings), { blocks: 1, version: 'v', parts: packRowParts(row) }),
    ).toBe(true);
    const place = { campaign: 'told', item: 'PACE' };
    const reading = await readProgress(place);
    const latest = JSON.parse(Buffer.from(reading.body!).toString());
    const earlier = JSON.stringify({ ...latest, atMs: latest.atMs - 60_000 });
    await advance(place, reading, { isDone: false, body: Buffer.from(earlier) });
    await tick();
    // All of the dear part and none of the cheap one: the price lies between the two.
    const price = (await readPrices('told')).prices[key]!;
    expect(price).toBeGreaterThan(3);
    expect(price).toBeLessThan(3 * 2 ** 5.2);
    expect(demandBucketOf(price)).toBeGreaterThanOrEqual(bucket);
  });
});

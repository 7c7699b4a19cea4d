import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { demandBucketOf } from '#domain/allocation/demand.ts';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import {
  listCampaign,
  putItemsOnce,
  readDefinition,
  registerCampaign,
} from '#domain/campaigns/campaigns-table.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { readPrices, writePrices } from '#domain/campaigns/prices.ts';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { noteReached } from '#domain/campaigns/reached.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import { totalKey } from '#domain/metrics/levels.ts';
import { demandLabel } from '#domain/metrics/model-calls.ts';
import { emptyRow } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { putRow } from '#domain/metrics/row-items.ts';
import { SURE_PART } from '#domain/pacing/forecast.ts';
import { paceCampaigns } from '#domain/pacing/pace-campaigns.ts';
import { fixPlan } from '#domain/presale/plan-item.ts';
import { campaignSettings, formatTime } from '#events/contract.ts';
import { makeHandler } from '#lambdas/pacer/handler.ts';
import { sumOf } from '#platform/collections.ts';
import { eventIdOf } from '#platform/hash.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { budgetIn } from '../support/layouts.ts';
import { campaign, coupons, faultsOf, issueAll, readBooks } from '../support/presale-world.ts';
import { consumerOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const random = seededRandom(5);
const weather = new Weather(random);
const queues = new Queues(random, weather);

const HOUR_MS = 3_600_000;
const COUPONS = 120;
/** Longer than an order may be late, and longer than a coupon takes to settle after it expires. */
const LONG_AGO_MS = 25 * HOUR_MS;

describe('the pacer', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let handler: ReturnType<typeof makeHandler>;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    weather.strike(dynoxide.client);
    const outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs }, random });
    runtime = makeRuntime(outside);
    handler = makeHandler(outside);
  });
  afterAll(() => dynoxide.stop());

  const section = coupons({ arms: { engine: 100, baseline: 0, control: 0 }, perMemberLimit: 1 });
  const [five] = section.offers;

  /** Opens a campaign whose coupons were all given at `givenMs`, one to each member. */
  const open = async (campaignId: string, givenMs: number): Promise<Grant[]> => {
    const definition = campaign({
      campaignId,
      coupons: section,
      startsAt: formatTime(Date.now() - 2 * HOUR_MS),
      endsAt: formatTime(Date.now() + 2 * HOUR_MS),
    });
    const { layout } = (await registerCampaign(runtime, definition)).stored;
    await putItemsOnce(runtime, campaignId, openingItems(layout, definition.coupons));
    await listCampaign(runtime, definition);
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
        idKey: idKeyIn(campaignId),
      }),
    );
    const claims = grants.map((grant) => ({
      debits: [{ grant, budget: budgetIn(campaignId, section, grant.budget) }],
    }));
    const outcomes = await carryOut(runtime, claims);
    expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
    return grants;
  };

  const tick = async (): Promise<void> => {
    queues.put('pacer', {});
    while (await queues.deliver({ pacer: { consume: consumerOf(handler), batch: 10 } }));
  };

  it('turns a scheduled call into a message', async () => {
    await handler({ time: '2026-11-11T00:00:00Z' } as never, {} as Context);
    expect(queues.of('pacer').map(({ body }) => JSON.parse(body))).toEqual([
      { time: '2026-11-11T00:00:00Z' },
    ]);
    queues.messages.clear();
  });

  /** Stores the time up to which all orders have been processed, as the health function does. */
  const dealtWithUpTo = async (quietMs: number): Promise<void> => {
    const item = { campaign: '#quiet', item: 'ORDERS' };
    const body = Buffer.from(JSON.stringify({ quietMs, emptyMs: {} }));
    await advance(runtime, item, await readProgress(runtime, item), { isDone: false, body });
  };

  it('frees the money of expired coupons to the fen and publishes each expiry, even if a worker crashes before publishing', async () => {
    const expired = await open('expired', Date.now() - LONG_AGO_MS - five!.validHours * HOUR_MS);
    await dealtWithUpTo(Date.now());
    await open('valid', Date.now());
    // The first worker expires all of them and crashes before publishing, so the next one finds nothing left
    // to expire.
    const send = vi.spyOn(queues.sqs, 'send').mockRejectedValueOnce(new Error('died') as never);
    await tick();
    expect(send.mock.calls[0]![0].input).toMatchObject({ QueueUrl: 'metrics' });
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
    const published = queues
      .of('metrics')
      .flatMap(({ body }) => JSON.parse(body).events as [id: string, time: number, label: string][]);
    expect(new Set(published.map(([id]) => id)).size).toBe(expired.length);
    expect(new Set(published.map(([, , label]) => label))).toEqual(new Set(['coupon-expired/engine/five']));
  });

  it('frees the money of a coupon only once the coupon has settled, no order from before then is expected, and all such orders are processed', async () => {
    const states = async (campaignId: string) =>
      new Set((await readBooks(dynoxide.client, campaignId)).grants.map(({ state }) => state));
    await open('unsettled', Date.now() - LONG_AGO_MS + 2 * HOUR_MS - five!.validHours * HOUR_MS);
    const grants = await open('behind', Date.now() - LONG_AGO_MS - five!.validHours * HOUR_MS);
    const freeMs = grants[0]!.expiresMs + 24 * HOUR_MS;
    const sweepNow = async () => {
      const progress = { campaign: '#sweep', item: 'GRANTS' };
      await advance(runtime, progress, await readProgress(runtime, progress), { isDone: false });
      await tick();
    };
    await dealtWithUpTo(freeMs - 1);
    await sweepNow();
    expect(await states('behind')).toEqual(new Set(['live']));
    await dealtWithUpTo(freeMs);
    // Orders come, but with times at which the coupons have not settled yet.
    await noteReached(runtime, freeMs - 1, Date.now());
    await sweepNow();
    expect(await states('behind')).toEqual(new Set(['live']));
    // An hour without an order: the clock alone decides.
    const item = { campaign: '#reached', item: 'ORDERS' };
    const body = Buffer.from(JSON.stringify({ newestMs: freeMs - 1, atMs: Date.now() - HOUR_MS }));
    await advance(runtime, item, await readProgress(runtime, item), { isDone: false, body });
    await sweepNow();
    expect(await states('behind')).toEqual(new Set(['expired']));
    expect(await states('unsettled')).toEqual(new Set(['live']));
  });

  it('moves the price of a budget that is not spent as planned', async () => {
    const key = 'engine/platform';
    await open('paced', Date.now());
    await writePrices(runtime, 'paced', { [key]: 0.5 }, 0);
    await issueAll(runtime, 'paced');
    await tick();
    expect((await readPrices(runtime, 'paced')).prices[key]).toBe(0.5);
    // A minute ago there was as much left as there is now.
    const place = { campaign: 'paced', item: 'PACE' };
    const reading = await readProgress(runtime, place);
    const latest = JSON.parse(Buffer.from(reading.body!).toString());
    const earlier = JSON.stringify({ ...latest, atMs: latest.atMs - 60_000 });
    await advance(runtime, place, reading, { isDone: false, body: Buffer.from(earlier) });
    await tick();
    expect((await readPrices(runtime, 'paced')).prices[key]).toBeLessThan(0.5);
  });

  it('paces the other campaigns if one fails, and says which one failed', async () => {
    await open('broken', Date.now());
    await open('later', Date.now());
    for (const campaignId of ['broken', 'later']) {
      await issueAll(runtime, campaignId);
    }
    const place = { campaign: 'broken', item: 'PACE' };
    const known = await readProgress(runtime, place);
    const broken = await advance(runtime, place, known, { isDone: false, body: Buffer.from('no reading') });
    const { failures } = await paceCampaigns(runtime, Date.now());
    expect([...failures.keys()]).toEqual(['broken']);
    expect((await readProgress(runtime, { campaign: 'later', item: 'PACE' })).body).toBeDefined();
    await advance(runtime, place, broken, { isDone: false });
  });

  describe('solves a price again once there are enough orders', () => {
    const key = 'engine/platform';
    const bucket = demandBucketOf(3);
    const place = (campaignId: string) => ({ campaign: campaignId, item: 'PACE' });
    const storedIn = async (campaignId: string) =>
      JSON.parse(Buffer.from((await readProgress(runtime, place(campaignId))).body!).toString());

    /** The price after a tick. `changes` are made in what the pacer remembers of the tick before. */
    const solved = async (campaignId: string, changes: object = {}): Promise<number> => {
      await open(campaignId, Date.now());
      await writePrices(runtime, campaignId, { [key]: 0.5 }, 0);
      await issueAll(runtime, campaignId);
      await tick();
      const leftFen = sumOf((await readBudgets(runtime, campaignId)).get(key)!);
      // The first half of the sale has shown a demand for twice the money that is left, in two parts that cost the same.
      const settings = campaignSettings((await readDefinition(runtime, campaignId))!);
      const row = emptyRow();
      for (const [at, count] of [
        [bucket, 50],
        [bucket + 40, 50],
      ] as const) {
        const calls = count * (section.offers.length + 1);
        row.tallies.set(demandLabel(key, at), { count: calls, fen: Math.round(leftFen / SURE_PART) });
      }
      row.newestMs = Date.now();
      expect(
        await putRow(runtime, settings, totalKey(settings), {
          row: {
            blocks: 1,
            version: 'v',
            madeOf: { kind: 'children', counts: [1] },
            parts: packRowParts(row),
          },
          before: undefined,
        }),
      ).toBe(true);
      const latest = await storedIn(campaignId);
      const earlier = JSON.stringify({ ...latest, ...changes, atMs: latest.atMs - 60_000 });
      const reading = await readProgress(runtime, place(campaignId));
      await advance(runtime, place(campaignId), reading, { isDone: false, body: Buffer.from(earlier) });
      await tick();
      return (await readPrices(runtime, campaignId)).prices[key]!;
    };

    /** The price is between the two parts of the observed demand: it buys the part that is worth more, and not the other. */
    const expectObserved = (price: number): void => {
      expect(price).toBeGreaterThan(3);
      expect(price).toBeLessThan(3 * 2 ** 5.2);
      expect(demandBucketOf(price)).toBeGreaterThanOrEqual(bucket);
    };
    const planFor = (campaignId: string) =>
      fixPlan(runtime, campaignId, {
        pricings: {},
        opening: {},
        demand: { [key]: [[bucket + 200, 1_000]] },
      });

    it('from the observed demand', async () => {
      expectObserved(await solved('observed'));
    });

    it('with the mix of the audience’s demand, if the audience was counted', async () => {
      await planFor('counted');
      expect(demandBucketOf(await solved('counted'))).toBeGreaterThan(bucket + 100);
      expect(await storedIn('counted')).not.toHaveProperty('audienceFactor');
    });

    it('without the mix of the audience’s demand if that comes from a former model, also at later ticks', async () => {
      await planFor('remodelled');
      expectObserved(await solved('remodelled', { audienceFactor: 0.6 }));
      expect(await storedIn('remodelled')).toHaveProperty('audienceFactor');
    });
  });
});

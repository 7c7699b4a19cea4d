import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readView } from '#domain/board/read.ts';
import type { BoardView } from '#domain/board/view.ts';
import { writePrices } from '#domain/campaigns/prices.ts';
import { commitmentsOf } from '#domain/free-orders/draw/keys.ts';
import { addPending, removePending } from '#domain/metrics/pending-items.ts';
import { campaignSettings } from '#events/contract.ts';
import { makeHandler } from '#lambdas/board/handler.ts';
import { writeHealth } from '#platform/health-item.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { testOutside } from '../support/runtime.ts';
import {
  COUPONS,
  count,
  countCalls,
  decisionMetrics,
  KEYS,
  LAST_YEAR,
  type Order,
  openCampaign,
  orderMetric,
  ordersOf,
  START_MS,
  THIS_YEAR,
} from './read-sale.ts';

const BRANDS = 4_000;
const MINUTE_MS = 60_000;
/** Forty minutes of the sale and half a window (5 s) have passed. */
const ELAPSED_MS = 40 * MINUTE_MS + 5_000;
const NOW_MS = START_MS + ELAPSED_MS;
const CALLS_MAX = 14;
const ANSWER_BYTES_MAX = 200 * 1024;
const DEBIT_FEN = 1_234_500;

const thisYear = ordersOf(THIS_YEAR, { brands: BRANDS, orders: 14_000 }, 1, ELAPSED_MS);
const lastYear = ordersOf(LAST_YEAR, { brands: BRANDS, orders: 9_000 }, 2);

const signed = ({ kind, amountFen }: Order): number => (kind === 'paid' ? amountFen : -amountFen);
const netOf = (orders: readonly Order[]): number => orders.reduce((sum, order) => sum + signed(order), 0);
const netByBrand = (orders: readonly Order[]): Map<string, number> => {
  const nets = new Map<string, number>();
  for (const order of orders) nets.set(order.brand, (nets.get(order.brand) ?? 0) + signed(order));
  return nets;
};
const paidCount = (orders: readonly Order[]): number => orders.filter(({ kind }) => kind === 'paid').length;

describe('the screen of a sale', () => {
  let dynoxide: Dynoxide;
  let outside: Outside;
  let runtime: Runtime;
  let counted: { calls: string[] };
  const callsOf = async (look: () => Promise<unknown>): Promise<string[]> => {
    const before = counted.calls.length;
    await look();
    return counted.calls.slice(before);
  };

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    outside = testOutside({ clients: { dynamodb: dynoxide.client } });
    runtime = makeRuntime(outside);
    await openCampaign(runtime, LAST_YEAR);
    await openCampaign(runtime, THIS_YEAR);
    await writePrices(runtime, THIS_YEAR.campaignId, { 'engine/platform': 0.25 }, 0);
    await writeHealth(runtime, { atMs: NOW_MS, rejects: 3, deadLetters: 0 });
    await dynoxide.client.send(
      new PutItemCommand({
        TableName: 'Campaigns',
        Item: {
          campaign: { S: `${THIS_YEAR.campaignId}#BUDGET#engine/platform#00` },
          item: { S: 'BUDGET#engine/platform#00' },
          remaining: { N: String(Math.floor((100_000_000 * 70) / 85 / 8) - DEBIT_FEN) },
        },
      }),
    );
    await count(
      runtime,
      LAST_YEAR,
      lastYear.map((order) => orderMetric(LAST_YEAR, order)),
    );
    await count(runtime, THIS_YEAR, [
      ...thisYear.map((order) => orderMetric(THIS_YEAR, order)),
      ...decisionMetrics(THIS_YEAR),
    ]);
    counted = countCalls(dynoxide.client);
  });
  afterAll(() => dynoxide?.stop());

  it('is read in at most fourteen calls by a new process, and in fewer by one that has read it before', async () => {
    const worker = makeRuntime(outside);
    const first = await callsOf(() => readView(worker, undefined, NOW_MS));
    expect(first.length, first.join()).toBeLessThanOrEqual(CALLS_MAX);
    const again = await callsOf(() => readView(worker, undefined, NOW_MS));
    expect(again.length, again.join()).toBeLessThan(first.length);
    const asked = await callsOf(() => readView(worker, THIS_YEAR.campaignId, NOW_MS));
    expect(asked.length, asked.join()).toBeLessThan(first.length);
  });

  it('is complete once the sale is over and every event is counted', async () => {
    const endsAtMs = Date.parse(THIS_YEAR.endsAt);
    const worker = makeRuntime(outside);
    expect((await readView(worker, THIS_YEAR.campaignId, endsAtMs - 1))!.isComplete).toBe(false);
    expect((await readView(worker, THIS_YEAR.campaignId, endsAtMs))!.isComplete).toBe(true);
  });

  it('does not move the watermark back when an event comes late, and says from when on figures change', async () => {
    const endsAtMs = Date.parse(THIS_YEAR.endsAt);
    const before = (await readView(makeRuntime(outside), THIS_YEAR.campaignId, endsAtMs))!;
    const late = { startMs: START_MS + 60_000, shard: 0, blockId: 'late' };
    await addPending(runtime, campaignSettings(THIS_YEAR), [late]);
    // Another process, which has shown no watermark yet.
    const worker = makeRuntime(outside);
    const view = (await readView(worker, THIS_YEAR.campaignId, endsAtMs))!;
    expect(view).toMatchObject({
      watermarkMs: before.watermarkMs,
      isComplete: false,
      reopenedFromMs: late.startMs,
    });
    const answer = await makeHandler(outside)({ campaign: THIS_YEAR.campaignId, locale: 'en' });
    expect(answer).toContain('late events are changing figures from');
    await removePending(runtime, campaignSettings(THIS_YEAR), [{ ...late, isInSet: false }]);
    const after = (await readView(worker, THIS_YEAR.campaignId, endsAtMs))!;
    expect(after).toMatchObject({ watermarkMs: before.watermarkMs, isComplete: true });
    expect(after.reopenedFromMs).toBeUndefined();
  });

  it('shows sales and brands as the orders say, and last year up to the same elapsed time', async () => {
    const view = (await readView(runtime, undefined, NOW_MS))!;
    const windowEndMs = LAST_YEAR_START_MS + Math.ceil(ELAPSED_MS / 10_000) * 10_000;
    const before = lastYear.filter(({ timeMs }) => timeMs < windowEndMs);
    expect(view).toMatchObject({
      campaignId: THIS_YEAR.campaignId,
      nowMs: NOW_MS,
      watermarkMs: Math.max(...thisYear.map(({ timeMs }) => timeMs)),
    });
    expect(view.headline).toMatchObject({
      netFen: { value: netOf(thisYear), lastYear: netOf(before) },
      orders: { value: paidCount(thisYear), lastYear: paidCount(before) },
    });
    const nets = netByBrand(thisYear);
    const netsBefore = netByBrand(before);
    const lineFen = THIS_YEAR.metrics!.brandLineFen!;
    expect(view.brands).toMatchObject({
      lineFen,
      aboveLine: [...nets.values()].filter((fen) => fen >= lineFen).length,
      doubled: [...nets].filter(([brand, fen]) => {
        const beforeFen = netsBefore.get(brand) ?? 0;
        return beforeFen > 0 && fen > 2 * beforeFen;
      }).length,
      active: new Set(thisYear.map(({ brand }) => brand)).size,
    });
    expect(view.brands.aboveLine).toBeGreaterThan(3);
    expect(view.brands.doubled).toBeGreaterThan(100);
    const byNet = [...nets].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
    expect(view.brands.leaders.map(({ brand, netFen }) => [brand, netFen])).toEqual(byNet.slice(0, 20));
    for (const { brand, lastYearNetFen } of view.brands.leaders)
      expect(lastYearNetFen).toBe(netsBefore.get(brand));
    for (const channel of ['far', 'near'] as const) {
      const ofChannel = thisYear.filter((order) => order.channel === channel);
      expect(view.channels.find((one) => one.channel === channel)).toEqual({
        channel,
        netFen: netOf(ofChannel),
        orders: paidCount(ofChannel),
      });
    }
    const stores = [...Map.groupBy(thisYear, ({ store }) => store)]
      .filter(([store]) => store !== undefined)
      .map(([store, orders]) => ({
        store,
        netFen: netOf(orders),
        orders: paidCount(orders),
        missingFen: 0,
        missingOrders: 0,
      }))
      .sort((a, b) => b.netFen - a.netFen);
    expect(stores.length).toBeGreaterThan(20);
    expect(view.stores).toEqual(stores.slice(0, 20));
  });

  it('knows when brands crossed the line, and when last year’s total was passed', async () => {
    const view = (await readView(runtime, undefined, NOW_MS))!;
    const lineFen = THIS_YEAR.metrics!.brandLineFen!;
    const firstEnd = (orders: readonly Order[], reached: (fen: number) => boolean): number | undefined => {
      let fen = 0;
      const byTime = orders.toSorted((a, b) => a.timeMs - b.timeMs);
      for (const [i, order] of byTime.entries()) {
        fen += signed(order);
        const endMs = (Math.floor(order.timeMs / 10_000) + 1) * 10_000;
        const isLastOfWindow = (byTime[i + 1]?.timeMs ?? Number.POSITIVE_INFINITY) >= endMs;
        if (isLastOfWindow && reached(fen)) return endMs;
      }
      return undefined;
    };
    for (const { brand, crossedAtMs } of view.brands.leaders) {
      const ofBrand = thisYear.filter((order) => order.brand === brand);
      expect(crossedAtMs, brand).toBe(firstEnd(ofBrand, (fen) => fen >= lineFen));
    }
    const passedAtMs = firstEnd(thisYear, (fen) => fen > netOf(lastYear));
    expect(passedAtMs).toBeDefined();
    expect(view.milestones).toContainEqual({ kind: 'passed-last-year', atMs: passedAtMs });
  });

  it('draws both years by the minute, with the right sums, and last year to its end', async () => {
    const { curve } = (await readView(runtime, undefined, NOW_MS))!;
    expect(curve.windowMs).toBe(MINUTE_MS);
    expect(curve.points.map(({ elapsedMs }) => elapsedMs)).toEqual(
      Array.from({ length: 41 }, (_, i) => i * MINUTE_MS),
    );
    expect(curve.lastYear).toHaveLength(60);
    const sumOf = (points: BoardView['curve']['points']) =>
      points.reduce((sum, { netFen }) => sum + netFen, 0);
    expect(sumOf(curve.points)).toBe(netOf(thisYear));
    expect(sumOf(curve.lastYear)).toBe(netOf(lastYear));
  });

  it('says what was decided, how much money is left, how much should be spent by now, and what was rejected or failed', async () => {
    const view = (await readView(runtime, undefined, NOW_MS))!;
    const totalFen = COUPONS.budgets.reduce((sum, budget) => sum + budget.totalFen, 0);
    expect(view.coupons).toMatchObject({
      budgetFen: totalFen,
      remainingFen: totalFen - DEBIT_FEN,
      issued: 80,
      redeemed: 14,
      returned: 1,
      expired: 0,
      againstTerms: 0,
      overdraftFen: 0,
      withheld: [
        { reason: 'budget-spent', count: 9 },
        { reason: 'control-arm', count: 7 },
      ],
      refused: [{ reason: 'below-threshold', count: 3 }],
      modelCalls: 20_030,
    });
    const presaleFen = 40_000_000;
    const elapsed = ELAPSED_MS / (60 * MINUTE_MS);
    const plannedFen = presaleFen + (totalFen - presaleFen) * elapsed;
    expect(Math.abs(view.coupons!.plannedSpentFen - plannedFen)).toBeLessThan(10);
    expect(view.coupons!.pools.map(({ arm, pool, price }) => [arm, pool, price])).toEqual([
      ['engine', 'platform', 0.25],
      ['engine', 'near', 0],
      ['baseline', 'platform', 0],
      ['baseline', 'near', 0],
    ]);
    expect(view.experiment?.arms.map(({ arm, eligible, issued }) => [arm, eligible, issued])).toEqual([
      ['engine', 7_000, 60],
      ['baseline', 1_500, 20],
      ['control', 1_500, 0],
    ]);
    expect(view.freeOrders).toMatchObject({
      mode: 'instant',
      wins: 4,
      revoked: 1,
      awardedFen: 7_500,
      outcomes: [
        { outcome: 'not-drawn', count: 30 },
        { outcome: 'wrong-channel', count: 9 },
      ],
      seedCommitment: commitmentsOf(KEYS).seedCommitment,
      seed: undefined,
      odds: { win: 1, in: 100 },
    });
    expect(Math.round(view.freeOrders!.participants)).toBe(34);
    expect(view.health).toEqual({ atMs: NOW_MS, rejects: 3, deadLetters: 0 });
  });

  it('answers in at most 200 KB, in both languages', async () => {
    const handler = makeHandler(outside);
    for (const locale of ['zh-CN', 'en']) {
      const answer = await handler({ campaign: THIS_YEAR.campaignId, locale });
      expect(answer).toContain(`data-orders="${paidCount(thisYear)}"`);
      expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(ANSWER_BYTES_MAX);
    }
  });

  it('can also show last year’s sale, with nothing to compare and no coupons', async () => {
    expect(await readView(runtime, LAST_YEAR.campaignId, NOW_MS)).toMatchObject({
      headline: { netFen: { value: netOf(lastYear), lastYear: undefined } },
      brands: { doubled: undefined },
      curve: { lastYear: [] },
      coupons: undefined,
      experiment: undefined,
      freeOrders: undefined,
    });
  });

  it('does not exist for a campaign that was never opened', async () => {
    expect(await readView(runtime, 'nothing', NOW_MS)).toBeUndefined();
    const handler = makeHandler(outside);
    expect(await handler({ campaign: 'nothing', locale: 'en' })).toContain('There is no campaign nothing');
  });
});

const LAST_YEAR_START_MS = Date.parse(LAST_YEAR.startsAt);

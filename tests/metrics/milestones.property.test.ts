import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { putMilestoneItem } from '#domain/metrics/milestone-items.ts';
import { readMilestones } from '#domain/metrics/rollup/milestones.ts';
import { packMilestones, unpackMilestones } from '#domain/metrics/rollup/milestones-codec.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { emptyRow, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { metricEvents, paid, START_MS, settings } from './factories.ts';
import { consistent, runWorkers, workerRuns } from './workers.ts';
import { append, metricsWorld, rowsRead, storedMilestones, type World, writesOf } from './world.ts';

const HOUR_MS = 3_600_000;
const NOTHING = { row: emptyRow(), crossings: new Map() };

const signOf = ({ label }: MetricEvent): number => (label.startsWith('paid') ? 1 : -1);

/** The ends of the base windows with the sums of the events up to then, computed directly from the list of events. */
const amountsOf = (campaign: CampaignSettings, events: readonly MetricEvent[]) => {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const windows = Map.groupBy(distinct, ({ timeMs }) => Math.floor(timeMs / campaign.windowMs));
  let sumFen = 0;
  return [...windows]
    .sort(([a], [b]) => a - b)
    .map(([index, ofWindow]) => {
      sumFen += ofWindow.reduce((sum, event) => sum + signOf(event) * event.amountFen, 0);
      return { atMs: Math.min((index + 1) * campaign.windowMs, campaign.endsAtMs), sumFen };
    });
};

const brandMilestones = (campaign: CampaignSettings, events: readonly MetricEvent[]) =>
  [...Map.groupBy(events, ({ brand }) => brand)]
    .filter(([brand]) => brand !== '')
    .flatMap(([brand, ofBrand]) => {
      const reached = amountsOf(campaign, ofBrand).find(({ sumFen }) => sumFen >= brandLineFenOf(campaign));
      return reached === undefined ? [] : [{ kind: 'brand-line', brand, atMs: reached.atMs }];
    })
    .sort((a, b) => a.atMs - b.atMs || (a.brand < b.brand ? -1 : 1));

const passing = (campaign: CampaignSettings, events: readonly MetricEvent[], lastYearFen: number) =>
  amountsOf(campaign, events)
    .filter(({ sumFen }) => lastYearFen > 0 && sumFen > lastYearFen)
    .slice(0, 1)
    .map(({ atMs }) => ({ kind: 'passed-last-year', atMs }));

const totalOf = (world: World, campaign: CampaignSettings) => readTotal(world.aside, campaign);

/** Campaigns whose trees have two to four levels, and which start on or off the grid of their windows. */
const campaigns = fc
  .record({
    shards: fc.constantFrom(1, 3),
    windowMs: fc.constantFrom(10_000, 60_000),
    offsetMs: fc.constantFrom(0, 3_333),
    hours: fc.constantFrom(1, 3),
    brandLineFen: fc.constantFrom(1, 5_000_000_000, 10_000_000_000, 20_000_000_000),
  })
  .map(({ offsetMs, hours, ...rest }) =>
    settings({ ...rest, startsAtMs: START_MS - offsetMs, endsAtMs: START_MS - offsetMs + hours * HOUR_MS }),
  );

const batchesOver = (spanMs: number) =>
  fc
    .array(
      metricEvents(spanMs, 20).filter((events) => events.length > 0),
      { minLength: 1, maxLength: 6 },
    )
    .map(consistent);

describe('milestones', () => {
  it('are a function of the set of events, however workers overlap, in whatever order they run, and whichever crash', async () => {
    let milestones = 0;
    await fc.assert(
      fc.asyncProperty(
        campaigns,
        fc.constantFrom(600_000, 50 * 60_000).chain(batchesOver),
        fc.integer({ min: -1, max: 60_000_000_000 }),
        workerRuns(),
        async (campaign, batches, lastYearFen, run) => {
          const world = await runWorkers(campaign, batches, run);
          const lastYear = rowOfEvents(
            lastYearFen > 0 ? [toBlockEvent(paid({ amountFen: lastYearFen }))] : [],
          );
          const found = await readMilestones(world.aside, campaign, await totalOf(world, campaign), lastYear);
          const brands = brandMilestones(campaign, batches.flat());
          const passed = passing(campaign, batches.flat(), lastYearFen);
          expect(found.filter(({ kind }) => kind === 'brand-line')).toEqual(brands);
          expect(found.filter(({ kind }) => kind === 'passed-last-year')).toEqual(passed);
          expect(found.map(({ atMs }) => atMs)).toEqual(found.map(({ atMs }) => atMs).sort((a, b) => a - b));
          milestones += found.length;
        },
      ),
      { numRuns: 100 },
    );
    expect(milestones).toBeGreaterThan(100);
  });

  it('are not written again by a rollup without new events', async () => {
    const campaign = settings({ brandLineFen: 1_000 });
    const world = metricsWorld();
    const windows = await append(world, campaign, [paid()]);
    await rollUp(world.runtime, campaign, windows);
    world.calls.length = 0;
    await rollUp(world.runtime, campaign, windows);
    expect(writesOf(world, 'MILESTONES')).toEqual([]);
    const total = await totalOf(world, campaign);
    expect(await readMilestones(world.aside, campaign, total, undefined)).toHaveLength(1);
  });

  const campaign = settings({ brandLineFen: 1_000 });
  let world = metricsWorld();
  beforeEach(() => {
    world = metricsWorld();
  });
  const rollUpAll = async (...events: MetricEvent[]) => {
    await rollUp(world.runtime, campaign, await append(world, campaign, events));
    return readMilestones(world.aside, campaign, await totalOf(world, campaign), undefined);
  };
  const lotusAt = (offsetMs: number) => [{ kind: 'brand-line', brand: 'lotus', atMs: START_MS + offsetMs }];
  const order = (name: string, timeMs: number, amountFen: number, label = 'paid/far') =>
    paid({ order: name, timeMs: START_MS + timeMs, amountFen, label });

  it('stay after a later refund', async () => {
    expect(await rollUpAll(order('a', 65_000, 1_000))).toEqual(lotusAt(70_000));
    expect(await rollUpAll(order('b', 130_000, 1_000, 'refunded/far'))).toEqual(lotusAt(70_000));
  });

  it('are not reached if a refund in the same base window keeps the sum below the line', async () => {
    expect(await rollUpAll(order('a', 61_000, 1_000), order('b', 62_000, 1, 'refunded/far'))).toEqual([]);
    expect(await rollUpAll(order('c', 300_000, 1))).toEqual(lotusAt(310_000));
  });

  it('move to the time that a late event gives them, or disappear', async () => {
    expect(await rollUpAll(order('a', 5_000, 600), order('b', 600_000, 600))).toEqual(lotusAt(610_000));
    expect(await rollUpAll(order('c', 300_000, 400))).toEqual(lotusAt(310_000));
    expect(await rollUpAll(order('d', 6_000, 500, 'refunded/far'))).toEqual(lotusAt(610_000));
    expect(await rollUpAll(order('e', 7_000, 500, 'refunded/far'))).toEqual([]);
  });

  it('move within rows that have not changed, if earlier rows have changed', async () => {
    expect(await rollUpAll(order('a', 65_000, 600), order('b', 75_000, 600))).toEqual(lotusAt(80_000));
    expect(await rollUpAll(order('c', 5_000, 500))).toEqual(lotusAt(70_000));
  });

  const coverFirstMinutes = async () => {
    for (let minute = 1; minute <= 10; minute++)
      await rollUpAll(order(`m${minute}`, minute * 60_000, 1, 'paid/far'));
  };

  it('are recorded once rows cover them, and not searched for again if nothing new concerns them', async () => {
    await rollUpAll(order('a', 5_000, 1_000));
    await coverFirstMinutes();
    expect(unpackMilestones((await storedMilestones(world, campaign))!.body)).toMatchObject([
      { brand: 'lotus', atMs: START_MS + 10_000 },
    ]);
    world.calls.length = 0;
    const total = await readTotal(world.runtime, campaign);
    expect(await readMilestones(world.runtime, campaign, total, undefined)).toEqual(lotusAt(10_000));
    const partitions = rowsRead(world).flat();
    expect(partitions.filter((partition) => partition.startsWith('sale#0#2026-11-10T12:00'))).toEqual([]);
    expect(partitions.length).toBeGreaterThan(0);
  });

  it('are found even if their record is wrong', async () => {
    await rollUpAll(order('a', 5_000, 1_000));
    await coverFirstMinutes();
    const { blocks } = await readTotal(world.aside, campaign);
    const wrong = [
      { brand: 'jade', atMs: START_MS + 10_000, proof: 'abcdEF_-' },
      { brand: 'lotus', atMs: START_MS + 70_000, proof: 'abcdEF_-' },
    ];
    await putMilestoneItem(world.aside, campaign, { blocks, body: packMilestones(wrong) });
    expect(await rollUpAll(order('b', 700_000, 1))).toEqual(lotusAt(10_000));
  });

  it('of brands are only the earliest 500', async () => {
    const events = Array.from({ length: 700 }, (_, i) =>
      paid({ order: `o${i}`, brand: `brand-${i}`, timeMs: START_MS + (i % 70) * 30_000 }),
    );
    const expected = brandMilestones(campaign, events).slice(0, 500);
    expect(await rollUpAll(...events)).toEqual(expected);
  });

  it('do not exist for a campaign without orders, with or without a campaign to compare with', async () => {
    expect(await readMilestones(world.aside, campaign, NOTHING, undefined)).toEqual([]);
    expect(await readMilestones(world.aside, campaign, NOTHING, emptyRow())).toEqual([]);
  });

  it('are read back as they were written', () => {
    const milestones = fc
      .array(
        fc.record({
          brand: fc.string({ unit: 'grapheme' }),
          atMs: fc.integer({ min: 0, max: 4e12 }),
          proof: fc.constantFrom('', 'abcdEF_-'),
        }),
      )
      .map((list) => list.sort((a, b) => a.atMs - b.atMs));
    fc.assert(
      fc.property(milestones, (list) => {
        expect(unpackMilestones(packMilestones(list))).toEqual(list);
      }),
    );
  });

  it('of 35 brands, as many as a real sale announced, fit in one write unit', () => {
    const list = Array.from({ length: 35 }, (_, i) => ({
      brand: `brand-${1_000 + i * 37}`,
      atMs: START_MS + i * 90_000,
      proof: fingerprintOf(String(i)).slice(0, 8),
    }));
    const KEY_BYTES = 'window double11-2026#2#2026-11-10T12:00:00Z#0 item MILESTONES blocks body'.length + 8;
    expect(packMilestones(list).length + KEY_BYTES).toBeLessThanOrEqual(1_024);
  });
});

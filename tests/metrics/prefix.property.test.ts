import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { levelsOf } from '#domain/metrics/levels.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { readPrefixAndTotal } from '#domain/metrics/rollup/prefix.ts';
import { elapsedAt, prefixKeys } from '#domain/metrics/rollup/prefix-keys.ts';
import { appendInto, emptyRow, type Row, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { readPrefix } from '../support/prefix.ts';
import { metricEvents, paid, START_MS, settings } from './factories.ts';
import { consistent } from './workers.ts';
import { append, metricsWorld, rowsRead } from './world.ts';

const HOUR_MS = 3_600_000;

/** The row of the base windows that have ended `elapsedMs` after the start, made directly from the events. */
const expectedPrefix = (
  campaign: CampaignSettings,
  events: readonly MetricEvent[],
  elapsedMs: number,
): Row => {
  const windowOf = (timeMs: number) => Math.floor(timeMs / campaign.windowMs) * campaign.windowMs;
  const untilMs = campaign.startsAtMs + elapsedMs;
  const isOver = untilMs >= campaign.endsAtMs;
  const elapsed = events.filter(({ timeMs }) => isOver || windowOf(timeMs) + campaign.windowMs <= untilMs);
  const row = emptyRow();
  for (const [, ofWindow] of [...Map.groupBy(elapsed, ({ timeMs }) => windowOf(timeMs))].sort(
    ([a], [b]) => a - b,
  )) {
    appendInto(row, rowOfEvents(ofWindow.map(toBlockEvent)));
  }
  return row;
};

const bytesOf = (row: Row): string => Buffer.from(packRowParts({ ...row, series: [] })[0]!).toString('hex');

/** Campaigns of an hour to a day, on and off the grid of their windows, so that trees have two to five levels. */
const campaigns = fc
  .record({
    shards: fc.constantFrom(1, 3),
    windowMs: fc.constantFrom(7_000, 10_000, 60_000, 900_000),
    offsetMs: fc.constantFrom(0, 1, 3_333, 1_234_567),
    spanMs: fc.constantFrom(HOUR_MS, 3 * HOUR_MS + 4_321, 24 * HOUR_MS),
  })
  .map(({ offsetMs, spanMs, ...rest }) =>
    settings({ ...rest, startsAtMs: START_MS + offsetMs, endsAtMs: START_MS + offsetMs + spanMs }),
  );

/** A campaign, events in it, and elapsed times to look at, from before its start to after its end. */
const looks = campaigns.chain((campaign) => {
  const spanMs = campaign.endsAtMs - campaign.startsAtMs;
  return fc.record({
    campaign: fc.constant(campaign),
    events: metricEvents(spanMs, 40)
      .map((events) =>
        consistent([events])[0]!.map((event) => ({
          ...event,
          timeMs: event.timeMs + campaign.startsAtMs - START_MS,
        })),
      )
      .filter((events) => events.length > 0),
    elapsed: fc.array(fc.integer({ min: -1, max: spanMs + 1 }), { minLength: 1, maxLength: 6 }),
  });
});

describe('the part of a campaign that had elapsed', () => {
  it('is the row of its base windows that had ended, in whatever order times are asked for', async () => {
    await fc.assert(
      fc.asyncProperty(looks, async ({ campaign, events, elapsed }) => {
        const world = metricsWorld();
        const { runtime } = world;
        await rollUp(runtime, campaign, await append(world, campaign, events));
        for (const elapsedMs of elapsed) {
          const { prefix, total } = await readPrefixAndTotal(runtime, campaign, elapsedMs);
          expect(bytesOf(prefix)).toBe(bytesOf(expectedPrefix(campaign, events, elapsedMs)));
          expect(bytesOf(total)).toBe(bytesOf(expectedPrefix(campaign, events, Number.POSITIVE_INFINITY)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('includes new events, even if it was read before', async () => {
    await fc.assert(
      fc.asyncProperty(looks, fc.nat(), async ({ campaign, events, elapsed }, at) => {
        const world = metricsWorld();
        const { runtime } = world;
        const cut = at % events.length;
        if (cut > 0) await rollUp(runtime, campaign, await append(world, campaign, events.slice(0, cut)));
        for (const elapsedMs of elapsed) await readPrefix(runtime, campaign, elapsedMs);
        await rollUp(runtime, campaign, await append(world, campaign, events.slice(cut)));
        for (const elapsedMs of elapsed) {
          expect(bytesOf(await readPrefix(runtime, campaign, elapsedMs))).toBe(
            bytesOf(expectedPrefix(campaign, events, elapsedMs)),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is made of few rows, the longest first: at most the fan-in for each level below the total', () => {
    fc.assert(
      fc.property(campaigns, fc.double({ min: 0, max: 1, noNaN: true }), (campaign, share) => {
        const keys = prefixKeys(campaign, share * (campaign.endsAtMs - campaign.startsAtMs));
        expect(keys.length).toBeLessThanOrEqual(60 * (levelsOf(campaign).length - 1));
        const lengths = keys.map(({ level }) => levelsOf(campaign)[level]!.lengthMs);
        expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
      }),
    );
    const hour = settings({ startsAtMs: START_MS, endsAtMs: START_MS + HOUR_MS });
    expect(prefixKeys(hour, 30 * 60_000 + 25_000)).toHaveLength(30 + 2);
    expect(prefixKeys(hour, HOUR_MS)).toHaveLength(1);
    expect(prefixKeys(hour, 9_999)).toEqual([]);
  });

  it('takes as many calls to read as the total while nothing new has come and no window has ended, else one more', async () => {
    const campaign = settings({ endsAtMs: START_MS + HOUR_MS });
    const world = metricsWorld();
    const { runtime } = world;
    const events = Array.from({ length: 60 }, (_, i) =>
      paid({ order: `o${i}`, timeMs: START_MS + i * 60_000 }),
    );
    await rollUp(runtime, campaign, await append(world, campaign, events));
    const callsOf = async (elapsedMs: number) => {
      world.calls.length = 0;
      await readPrefix(runtime, campaign, elapsedMs);
      return rowsRead(world).map((keys) => keys.length);
    };
    const ofTotal = await callsOf(HOUR_MS);
    expect(ofTotal.length).toBeLessThanOrEqual(3);
    expect(await callsOf(31 * 60_000)).toEqual([...ofTotal, 31]);
    expect(await callsOf(31 * 60_000 + 9_000)).toEqual(ofTotal);
    expect(await callsOf(31 * 60_000 + 20_000)).toEqual([...ofTotal, 2]);
    expect(await callsOf(32 * 60_000)).toEqual([...ofTotal, 1]);
    expect(await callsOf(HOUR_MS)).toEqual(ofTotal);
  });

  it('is remembered for four campaigns, and read again after a fifth was asked for', async () => {
    const world = metricsWorld();
    const { runtime } = world;
    const campaigns = Array.from({ length: 5 }, (_, i) =>
      settings({ campaignId: `c${i}`, endsAtMs: START_MS + HOUR_MS }),
    );
    for (const campaign of campaigns)
      await rollUp(runtime, campaign, await append(world, campaign, [paid()]));
    const rowsOf = async (campaign: CampaignSettings) => {
      world.calls.length = 0;
      await readPrefix(runtime, campaign, 31 * 60_000);
      return rowsRead(world).flat().length;
    };
    const [first, second, third, fourth, fifth] = campaigns as [CampaignSettings, ...CampaignSettings[]];
    const anew = await rowsOf(first);
    for (const campaign of [second!, third!, fourth!]) expect(await rowsOf(campaign)).toBe(anew);
    const again = await rowsOf(first);
    expect(again).toBeLessThan(anew);
    // When a remembered campaign is read again, the process forgets no other campaign.
    expect(await rowsOf(fourth!)).toBe(again);
    expect(await rowsOf(fifth!)).toBe(anew);
    expect(await rowsOf(fifth!)).toBe(again);
    expect(await rowsOf(first)).toBe(anew);
  });

  it('is empty for a campaign without orders', async () => {
    const { runtime } = metricsWorld();
    expect(bytesOf(await readPrefix(runtime, settings({ campaignId: 'silent' }), HOUR_MS))).toBe(
      bytesOf(emptyRow()),
    );
  });
});

describe('the elapsed time of a moment', () => {
  it('runs to the end of its base window, and is at most the length of the campaign', () => {
    const campaign = settings({ startsAtMs: START_MS + 4_000, endsAtMs: START_MS + 33_000 });
    expect(elapsedAt(campaign, START_MS + 4_000)).toBe(6_000);
    expect(elapsedAt(campaign, START_MS + 9_999)).toBe(6_000);
    expect(elapsedAt(campaign, START_MS + 10_000)).toBe(16_000);
    expect(elapsedAt(campaign, START_MS + 32_999)).toBe(29_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childrenOf,
  isPastHorizon,
  latestEndOf,
  levelsOf,
  MAX_FAN_IN,
  MAX_TOTAL_FAN_IN,
  parentOf,
  type RowKey,
  totalKey,
  windowStartOf,
} from '#domain/metrics/levels.ts';
import { extendedSettings } from '#events/contract.ts';
import { START_MS, settings } from './factories.ts';

const campaigns = fc
  .record({
    windowSeconds: fc.constantFrom(1, 7, 10, 60, 300, 3600, 86_400, 604_800),
    offsetMs: fc.integer({ min: 0, max: 86_400_000 }),
    spanHours: fc.integer({ min: 1, max: 24 * 365 * 2 }),
    shards: fc.constantFrom(1, 2, 10, 60),
  })
  .map(({ windowSeconds, offsetMs, spanHours, shards }) =>
    settings({
      windowMs: windowSeconds * 1000,
      startsAtMs: START_MS + offsetMs,
      endsAtMs: START_MS + offsetMs + spanHours * 3_600_000,
      shards,
    }),
  );

const text = ({ level, startMs, shard }: RowKey) => `${level}/${startMs}/${shard}`;

describe('the tree of rows', () => {
  it('leads from every base window up to the one total, and each row on the way lists the rows below it', () => {
    fc.assert(
      fc.property(
        campaigns,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (campaign, share) => {
          const levels = levelsOf(campaign);
          const timeMs = campaign.startsAtMs + Math.floor(share * (campaign.endsAtMs - campaign.startsAtMs));
          let key: RowKey = {
            level: 0,
            startMs: windowStartOf(campaign, timeMs),
            shard: campaign.shards - 1,
          };
          for (;;) {
            const parent = parentOf(campaign, levels, key);
            if (parent === undefined) break;
            const children = childrenOf(campaign, levels, parent);
            expect(children.map(text)).toContain(text(key));
            const isTotal = parent.level === levels.length - 1;
            expect(children.length).toBeLessThanOrEqual(isTotal ? MAX_TOTAL_FAN_IN : MAX_FAN_IN);
            expect(new Set(children.map(text)).size).toBe(children.length);
            for (const child of children) expect(parentOf(campaign, levels, child)).toEqual(parent);
            key = parent;
          }
          expect(key).toEqual(totalKey(campaign));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a campaign of some hours has windows, minutes, hours and the total', () => {
    const lengths = levelsOf(settings({ endsAtMs: START_MS + 30 * 3_600_000 })).map(
      ({ lengthMs }) => lengthMs,
    );
    expect(lengths).toEqual([10_000, 60_000, 3_600_000, 240 * 3_600_000]);
  });

  it('of a campaign of some weeks also has days, right below the total', () => {
    const lengths = levelsOf(settings({ endsAtMs: START_MS + 21 * 86_400_000 })).map(
      ({ lengthMs }) => lengthMs,
    );
    expect(lengths).toEqual([10_000, 60_000, 3_600_000, 86_400_000, 239.5 * 86_400_000]);
  });

  it('is the same before and after an extension, even to about four times the length', () => {
    fc.assert(
      fc.property(campaigns, fc.double({ min: 0, max: 1, noNaN: true }), (campaign, share) => {
        const latestMs = latestEndOf(campaign);
        const rest = latestMs - campaign.endsAtMs;
        const extended = extendedSettings(campaign, campaign.endsAtMs + Math.floor(share * rest));
        const levels = levelsOf(campaign);
        expect(levelsOf(extended)).toEqual(levels);
        expect(totalKey(extended)).toEqual(totalKey(campaign));
        expect(latestEndOf(extended)).toBe(latestMs);
        // When a campaign is opened, its total has room for at least four times as many rows as are below it. So the campaign can
        // be extended by three times its length, less the length of a few of these rows.
        expect(rest).toBeGreaterThanOrEqual(
          3 * (campaign.endsAtMs - campaign.startsAtMs) - 4 * levels.at(-2)!.lengthMs,
        );
        const last = { level: 0, startMs: windowStartOf(campaign, latestMs - 1), shard: 0 };
        let key: RowKey = last;
        for (
          let parent = parentOf(campaign, levels, key);
          parent !== undefined;
          parent = parentOf(campaign, levels, key)
        ) {
          expect(childrenOf(campaign, levels, parent).map(text)).toContain(text(key));
          key = parent;
        }
        expect(key).toEqual(totalKey(campaign));
      }),
      { numRuns: 300 },
    );
  });

  it('counts a window as past its horizon only when its end is longer ago than the horizon', () => {
    const campaign = settings({ horizonMs: 1000 });
    expect(isPastHorizon(campaign, START_MS, START_MS + 11_000)).toBe(false);
    expect(isPastHorizon(campaign, START_MS, START_MS + 11_001)).toBe(true);
  });
});

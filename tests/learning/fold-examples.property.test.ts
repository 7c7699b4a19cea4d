import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Example } from '#domain/learning/example.ts';
import { examplesSettings } from '#domain/learning/example-windows.ts';
import { putExamples } from '#domain/learning/examples-table.ts';
import { foldExamples, hasPendingExamples, readUseStatistics } from '#domain/learning/fold-examples.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import { encodeUseStatistics, issuedIn, useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { extendedSettings } from '#events/contract.ts';
import { coupons, offer } from '../coupons/factories.ts';
import { settings } from '../metrics/factories.ts';
import { METRICS_TABLE, metricsWorld, type World } from '../metrics/world.ts';
import { consistent, examples, START_MS } from './examples.ts';

const HOUR_MS = 3_600_000;
const CAMPAIGN = settings({ startsAtMs: START_MS, endsAtMs: START_MS + HOUR_MS, shards: 2 });
const OF_EXAMPLES = examplesSettings(CAMPAIGN, coupons({ offers: [offer({ validHours: 6 })] }));
const LATEST_MS = START_MS + 100 * HOUR_MS;

const hexOf = (statistics: ReturnType<typeof useStatisticsOf>): string =>
  Buffer.from(encodeUseStatistics(statistics)).toString('hex');

const stored = async (world: World) => readUseStatistics(world.aside, [CAMPAIGN]);

const batches = fc.array(examples(12), { minLength: 1, maxLength: 5 });

describe('folding examples', () => {
  it('by overlapping workers that are killed anywhere and run again ends at the same model, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.scheduler(),
        fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 6 }),
        async (all, scheduler, deaths) => {
          const sets = consistent(all);
          let calls = 0;
          const world = metricsWorld(async (call) => {
            await scheduler.schedule(Promise.resolve(), call);
            if (deaths.includes(calls++)) throw new Error('killed');
          });
          const worker = async (some: readonly Example[]) => {
            for (;;) {
              try {
                await putExamples(world.runtime, OF_EXAMPLES, some);
                await foldExamples(world.runtime, OF_EXAMPLES, LATEST_MS);
                return;
              } catch (error) {
                if (!(error instanceof Error) || error.message !== 'killed') throw error;
              }
            }
          };
          await scheduler.waitFor(Promise.all(sets.map(worker)));
          world.turn = async () => {};
          const expected = useStatisticsOf(sets.flat());
          const actual = await stored(world);
          expect(hexOf(actual)).toBe(hexOf(expected));
          const about = { version: 1, incrementalShare: 0.2 };
          expect(JSON.stringify(solveUseModel(actual, about))).toBe(
            JSON.stringify(solveUseModel(expected, about)),
          );
          expect(await hasPendingExamples(world.aside, CAMPAIGN)).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves out a window until orders have reached its end', async () => {
    const world = metricsWorld();
    const at = (hours: number, n: number): Example => ({
      ...fc.sample(
        examples(1).filter((some) => some.length === 1),
        { numRuns: 1, seed: n },
      )[0]![0]!,
      kind: 'issued',
      timeMs: START_MS + hours * HOUR_MS,
    });
    await putExamples(world.aside, OF_EXAMPLES, [at(1, 1), at(4, 2)]);
    const [first, second] = [START_MS + 2 * HOUR_MS, START_MS + 5 * HOUR_MS];
    expect(await foldExamples(world.aside, OF_EXAMPLES, first - 1)).toBe(false);
    expect(issuedIn(await stored(world))).toBe(0);
    expect(await foldExamples(world.aside, OF_EXAMPLES, first)).toBe(true);
    expect(issuedIn(await stored(world))).toBe(1);
    expect(await hasPendingExamples(world.aside, CAMPAIGN)).toBe(true);
    expect(await foldExamples(world.aside, OF_EXAMPLES, second)).toBe(true);
    expect(issuedIn(await stored(world))).toBe(2);
    expect(await foldExamples(world.aside, OF_EXAMPLES, second)).toBe(false);
  });

  it('writes to other partitions than those of the metrics of the campaign', async () => {
    const world = metricsWorld();
    const [some] = fc.sample(
      examples(30).filter((list) => list.length > 5),
      { numRuns: 1, seed: 5 },
    );
    await putExamples(world.aside, OF_EXAMPLES, some!);
    await foldExamples(world.aside, OF_EXAMPLES, LATEST_MS);
    const partitions = [...world.tables.items(METRICS_TABLE)].map(({ window }) => window!.S!);
    expect(partitions.length).toBeGreaterThan(0);
    for (const partition of partitions) expect(partition).toMatch(`${CAMPAIGN.campaignId}#examples#`);
  });

  it('of a campaign that was extended keeps the length of its windows, and takes later examples', async () => {
    const extended = extendedSettings(CAMPAIGN, START_MS + 700 * HOUR_MS);
    const offers = coupons({ offers: [offer({ validHours: 600 })] });
    const [before, after] = [examplesSettings(CAMPAIGN, offers), examplesSettings(extended, offers)];
    expect(after.windowMs).toBe(before.windowMs);
    expect(after.endsAtMs - before.endsAtMs).toBe(699 * HOUR_MS);
    const world = metricsWorld();
    const [some] = fc.sample(
      examples(30).filter((list) => list.length > 5),
      { numRuns: 1, seed: 7 },
    );
    const late = some!.map((example) => ({ ...example, timeMs: START_MS + 900 * HOUR_MS }));
    await putExamples(world.aside, before, late);
    await foldExamples(world.aside, after, START_MS + 2_000 * HOUR_MS);
    expect(hexOf(await stored(world))).toBe(hexOf(useStatisticsOf(late)));
  });

  it('by a worker that does not know of an extension takes no later window out of the total', async () => {
    const extended = extendedSettings(CAMPAIGN, START_MS + 700 * HOUR_MS);
    const offers = coupons({ offers: [offer({ validHours: 600 })] });
    const [before, after] = [examplesSettings(CAMPAIGN, offers), examplesSettings(extended, offers)];
    const world = metricsWorld();
    const [some] = fc.sample(
      examples(30).filter((list) => list.length > 5),
      { numRuns: 1, seed: 8 },
    );
    const early = some!.map((example) => ({ ...example, timeMs: START_MS }));
    const late = some!.map((example) => ({
      ...example,
      id: example.id.split('').reverse().join(''),
      timeMs: START_MS + 900 * HOUR_MS,
    }));
    const sum = useStatisticsOf(late);
    await putExamples(world.aside, after, late);
    await foldExamples(world.aside, after, START_MS + 2_000 * HOUR_MS);
    await putExamples(world.aside, before, early);
    await expect(foldExamples(world.aside, before, START_MS + 2_000 * HOUR_MS)).rejects.toThrow(
      /level 1, .* expected to be written within \d+ attempts, got a conflict in each/,
    );
    expect(hexOf(await stored(world))).toBe(hexOf(sum));
    expect(await foldExamples(world.aside, after, START_MS + 2_000 * HOUR_MS)).toBe(true);
    expect(hexOf(await stored(world))).toBe(hexOf(useStatisticsOf([...early, ...late])));
  });

  it('changes only the count of late examples for an example that comes after its window was sealed', async () => {
    const world = metricsWorld();
    const [some] = fc.sample(
      examples(30).filter((list) => list.length > 9),
      { numRuns: 1, seed: 6 },
    );
    const [all] = consistent([some!.map((example) => ({ ...example, timeMs: START_MS }))]);
    const byId = [...new Map(all!.map((example) => [example.id, example])).values()];
    await putExamples(world.aside, OF_EXAMPLES, byId.slice(1));
    await foldExamples(world.aside, OF_EXAMPLES, LATEST_MS);
    world.time.nowMs += OF_EXAMPLES.horizonMs + 200 * 24 * HOUR_MS;
    await putExamples(world.aside, OF_EXAMPLES, byId.slice(0, 1));
    await foldExamples(world.aside, OF_EXAMPLES, LATEST_MS);
    const expected = useStatisticsOf(byId.slice(1));
    expect(hexOf({ ...(await stored(world)), tooLate: 0 })).toBe(hexOf(expected));
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { shareRollUp } from '#domain/metrics/rollup/share.ts';
import { type CampaignSettings, extendedSettings } from '#events/contract.ts';
import { metricEvents, START_MS, settings } from './factories.ts';
import { consistent, runWorkers } from './workers.ts';
import { append, metricsWorld, pendingOf, type World } from './world.ts';

const HOUR_MS = 3_600_000;

const totalBytes = async (world: World, campaign: CampaignSettings): Promise<string> =>
  Buffer.from(packRowParts((await readTotal(world.aside, campaign)).row)[0]!).toString('hex');

it('an extended sale has the figures of one that was as long from the start, even if some workers do not know of the extension', async () => {
  await fc.assert(
    fc.asyncProperty(
      // The end lies within a window of most levels.
      fc.record({ shards: fc.constantFrom(1, 3), minutes: fc.constantFrom(37, 60, 100) }),
      // Four hours: the tree of the shortest of these sales carries no later event.
      fc.array(metricEvents(4 * HOUR_MS, 20), { minLength: 1, maxLength: 5 }),
      fc.scheduler(),
      fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 6 }),
      async ({ shards, minutes }, all, scheduler, deaths) => {
        const campaign = settings({ shards, windowMs: 60_000, endsAtMs: START_MS + minutes * 60_000 });
        const extended = extendedSettings(campaign, START_MS + 4 * HOUR_MS);
        const sets = consistent(all.filter((events) => events.length > 0));
        let calls = 0;
        const world = await runWorkers(campaign, sets, {
          scheduler,
          deaths,
          rollUpBy: (runtime, _, windows) =>
            shareRollUp(runtime, calls++ % 2 === 0 ? extended : campaign, windows),
        });
        expect(await pendingOf(world, extended)).toEqual([]);
        const calm = metricsWorld();
        for (const events of sets)
          await shareRollUp(calm.aside, extended, await append(calm, extended, events));
        expect(await totalBytes(world, extended)).toBe(await totalBytes(calm, extended));
      },
    ),
    { numRuns: 30 },
  );
});

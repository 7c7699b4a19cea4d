import { expect, it } from 'vitest';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { readCounts } from '#domain/presale/count-members.ts';
import { progressKey } from '#domain/presale/segment.ts';
import { coupons, definition } from '../coupons/factories.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';

const SEGMENTS = [0, 1].map((index) => ({ campaignId: 'sale', index, segments: 2 }));

it('the counts of segments are read in the order of the segments, and not before all of them are complete', async () => {
  const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
  await open(runtime, definition('sale', coupons({})));
  const count = async (index: number, isDone: boolean): Promise<void> => {
    const key = await progressKey(runtime, SEGMENTS[index]!, 'plan');
    const body = Uint8Array.of(index);
    await advance(runtime, key, await readProgress(runtime, key), { isDone, body });
  };
  await count(1, true);
  await count(0, false);
  const read = () => readCounts(runtime, 'sale', SEGMENTS, 'plan');
  await expect(read()).rejects.toThrow('segment 0: expected to be counted (plan), got a part');
  await count(0, true);
  expect((await read()).map((bytes) => [...bytes])).toEqual([[0], [1]]);
});

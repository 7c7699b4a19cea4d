import { expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { scriptedWorkload } from './workload/index.ts';

it('grants coupons and free orders whatever the names of ids and campaigns are, even `constructor`', async () => {
  const workload = scriptedWorkload('reserved-names');
  const granted = new Map<string, number>();
  const run = await judgedRun(
    synthesizeStack(),
    {
      ...workload,
      start: (stage) => {
        stage.onGrant(({ type, data: { campaignId } }) => {
          const what = `${type} ${campaignId}`;
          granted.set(what, (granted.get(what) ?? 0) + 1);
        });
        workload.start(stage);
      },
    },
    { seed: 1, faults: new Set(FAULTS) },
  );
  expect(run.violations).toEqual([]);
  for (const what of [
    'coupon.granted constructor',
    'coupon.granted valueOf',
    'free-order.granted valueOf',
    'free-order.granted toString',
  ])
    expect(granted.get(what) ?? 0, what).toBeGreaterThan(3);
}, 60_000);

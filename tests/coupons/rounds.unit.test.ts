import { describe, expect, it } from 'vitest';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { eventId, open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { coupons, definition, offer, order, START_MS } from './factories.ts';

const CAMPAIGN = 'rounds';

const world = async (section = coupons(), hooks: Hooks = {}) => {
  const runtime = testRuntime({
    clients: { dynamodb: emulatedTables(hooks) },
    clock: { nowMs: () => START_MS + 60_000, wait: async () => {} },
  });
  await open(runtime, definition(CAMPAIGN, section));
  return runtime;
};

const tasksOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    event: order({ id: eventId(`o${i}`), orderId: `o${i}`, timeMs: START_MS + 1_000 * i }),
    campaigns: [CAMPAIGN],
  }));

const OPTIONS = { nowMs: START_MS + 60_000 };

describe('the orders of one member', () => {
  it('are published as they are committed, before the next of them is', async () => {
    const steps: string[] = [];
    const runtime = await world(coupons(), {
      after: async ({ name }) => {
        if (name === 'TransactWriteItems' && steps.length > 0) steps.push('committed');
      },
    });
    steps.push('begun');
    const { reports } = await processMemberEvents(runtime, tasksOf(3), {
      ...OPTIONS,
      publish: async (some) => {
        for (const { grants } of some) steps.push(...grants.map(() => 'published'));
      },
    });
    expect(reports).toHaveLength(3);
    expect(steps.slice(1)).toEqual(Array.from({ length: 3 }, () => ['committed', 'published']).flat());
  });

  it('pass over any number of slots that are taken, of which the member does not know', async () => {
    const taken = 30;
    const section = coupons({ perMemberLimit: taken + 1 });
    const runtime = await world(section);
    const debits = Array.from({ length: taken }, (_, slot) => ({
      grant: couponGrant({
        campaignId: CAMPAIGN,
        member: 'm1',
        slot,
        offer: offer(),
        arm: 'engine',
        trigger: `elsewhere-${slot}`,
        grantedMs: START_MS,
        reason: {},
      }),
      budget: { campaignId: CAMPAIGN, key: 'engine/platform', shards: section.shards! },
    }));
    await carryOut(
      runtime,
      debits.map((debit) => ({ debits: [debit] })),
    );
    const { reports, failures } = await processMemberEvents(runtime, tasksOf(1), OPTIONS);
    expect([...failures.values()]).toEqual([]);
    expect(reports.flatMap(({ grants }) => grants.map(({ slot }) => slot))).toEqual([String(taken)]);
  });
});

import { describe, expect, it } from 'vitest';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import { readGrantsOf } from '#domain/grants/grant-statements.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { couponIdBy, idKeyIn } from '../support/coupon-ids.ts';
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
  it('are published one by one: each is published before the next one is committed', async () => {
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

  it('find the coupon of a late part, even if its order was forgotten and a refund started the order’s account again', async () => {
    const runtime = await world(coupons({ perMemberLimit: 1 }));
    const coupon = couponIdBy(eventId('first-paid-0'), CAMPAIGN, 'm1', 0);
    const take = async (...changes: Partial<OrderEvent>[]) => {
      const tasks = changes.map((one, i) => ({
        event: order({ id: eventId(`${one.orderId}-${one.kind ?? 'paid'}-${one.brand ?? i}`), ...one }),
        campaigns: [CAMPAIGN],
      }));
      const { failures } = await processMemberEvents(runtime, tasks, OPTIONS);
      expect([...failures.values()]).toEqual([]);
    };
    const used = { orderId: 'X', timeMs: START_MS + 2_000 };
    await take({ orderId: 'first', timeMs: START_MS });
    await take({ ...used, brand: 'a', couponId: coupon });
    for (let i = 0; i < 9; i++) await take({ orderId: `other-${i}`, timeMs: START_MS + 3_000 + i });
    await take({ ...used, kind: 'refunded', brand: 'b', amountFen: 30_000, timeMs: START_MS + 5_000 });
    await take({ ...used, brand: 'b', amountFen: 30_000 });
    const [grant] = await readGrantsOf(runtime, 'm1');
    expect(grant).toMatchObject({ id: coupon, state: 'redeemed' });
    expect(grant!.redemption!.lines).toHaveLength(3);
  });

  it('pass over any number of slots that are taken although the member’s item does not say so', async () => {
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
        idKey: idKeyIn(CAMPAIGN),
      }),
      budget: { campaignId: CAMPAIGN, key: 'engine/platform', shards: section.shards!, hasOwnKeys: true },
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

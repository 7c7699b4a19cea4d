import { describe, expect, it } from 'vitest';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import type { MemberWork } from '#domain/coupons/member-write.ts';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { applyWriteOutcome } from '#domain/coupons/write-outcomes.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import { readGrant } from '#domain/grants/grant-statements.ts';
import { newMember, readMembers } from '#domain/members/members-table.ts';
import { coupons, definition, order, START_MS } from '../coupons/factories.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { budgetIn } from '../support/layouts.ts';
import { testRuntime } from '../support/runtime.ts';

const CAMPAIGN = definition('sale', coupons({ arms: { engine: 100, baseline: 0, control: 0 } }));
const SECTION = CAMPAIGN.coupons!;

const grantOf = (slot: number, trigger: string): Grant =>
  couponGrant({
    campaignId: 'sale',
    member: 'm1',
    slot,
    offer: SECTION.offers[0]!,
    arm: 'engine',
    trigger,
    grantedMs: START_MS,
    reason: {},
    idKey: idKeyIn('sale'),
  });

const debitOf = (grant: Grant) => ({
  grant,
  budget: budgetIn('sale', SECTION, budgetKeyOf('engine', SECTION.offers[0]!.pool)),
});

const opened = async () => {
  const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
  await open(runtime, CAMPAIGN);
  return runtime;
};

describe('a write that is based on an outdated read', () => {
  it('does not change a grant', async () => {
    const runtime = await opened();
    await carryOut(runtime, [{ debits: [debitOf(grantOf(0, 'a'))] }]);
    const change = async (grant: NonNullable<Awaited<ReturnType<typeof readGrant>>>, orderId: string) =>
      carryOut(runtime, [
        {
          debits: [],
          change: {
            grant,
            state: 'redeemed',
            redemption: { orderId, paidFen: 1, refundedFen: 0, lines: [], otherOrders: [] },
          },
        },
      ]);
    const first = (await readGrant(runtime, grantOf(0, 'a')))!;
    expect(await change(first, 'o1')).toEqual([{ kind: 'done' }]);
    const second = (await readGrant(runtime, grantOf(0, 'a')))!;
    expect(await change(second, 'o2')).toEqual([{ kind: 'done' }]);
    expect(await change(second, 'o3')).toEqual([{ kind: 'stale' }]);
    expect((await readGrant(runtime, grantOf(0, 'a')))?.redemption?.orderId).toBe('o2');
  });

  it('does not replace a member', async () => {
    const runtime = await opened();
    const give = (slot: number, member: ReturnType<typeof newMember>) =>
      carryOut(runtime, [{ debits: [debitOf(grantOf(slot, `o${slot}`))], member }]);
    await give(0, newMember('m1'));
    const read = (await readMembers(runtime, ['m1'])).get('m1')!;
    expect(await give(1, read)).toEqual([{ kind: 'done' }]);
    expect(await give(2, read)).toEqual([{ kind: 'stale' }]);
  });

  it('does not replace progress', async () => {
    const runtime = await opened();
    const key = { campaign: 'sale', item: 'PLAN#1#00000' };
    const first = await advance(runtime, key, await readProgress(runtime, key), {
      isDone: false,
      cursor: 'a',
    });
    await advance(runtime, key, first, { isDone: false, cursor: 'b' });
    expect(await advance(runtime, key, first, { isDone: false, cursor: 'c' })).toMatchObject({
      cursor: 'b',
      version: 2,
    });
  });
});

describe('a coupon’s slot that turns out to be taken', () => {
  const workOf = (eventId: string): MemberWork => ({
    member: newMember('m1'),
    tasks: [{ event: order({ id: eventId }), campaigns: ['sale'], ids: [] }],
    next: 0,
    misses: 0,
    remainders: new Map(),
    halted: new Map(),
    slotFloors: new Map(),
  });
  const meet = (work: MemberWork, trigger: string): boolean =>
    applyWriteOutcome(
      { work, claim: undefined, member: undefined, next: 1, reports: [] },
      { kind: 'known', grant: { ...grantOf(3, trigger), state: 'live', changes: 0 } },
    );

  it('is passed over if another order has taken it, and counts as a failed attempt if the order itself has', () => {
    const others = workOf('mine');
    expect([meet(others, 'another'), others.slotFloors.get('sale'), others.misses]).toEqual([true, 4, 0]);
    const own = workOf('mine');
    expect([meet(own, 'mine'), own.slotFloors.get('sale'), own.misses]).toEqual([true, undefined, 1]);
  });
});

describe('the tier of a member', () => {
  it('is the latest one by the events’ times, whichever event arrives last', async () => {
    const runtime = await opened();
    const hear = (id: string, timeMs: number, tier: string) =>
      processMemberEvents(
        runtime,
        [{ event: { kind: 'tier', id: id.padEnd(16, '.'), timeMs, member: 'm1', tier }, campaigns: [] }],
        { nowMs: START_MS + 60_000 },
      );
    await hear('new', START_MS + 2_000, 'gold');
    await hear('old', START_MS + 1_000, 'plain');
    expect((await readMembers(runtime, ['m1'])).get('m1')?.tier).toBe('gold');
  });
});

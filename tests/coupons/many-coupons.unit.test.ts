import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MAX_GIVEN_FOR_ORDER } from '#domain/coupons/apply-order.ts';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import type { CouponReport } from '#domain/coupons/report.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import { readGrantsOf } from '#domain/grants/grant-statements.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { eventId, open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { coupons, definition, offer, order, START_MS } from './factories.ts';

const NOW_MS = START_MS + 60_000;
const COUPONS_EACH = 19;

const world = async (campaigns: number, changes: Parameters<typeof coupons>[0] = {}) => {
  const runtime = testRuntime({
    clients: { dynamodb: emulatedTables() },
    // A call that is tried again waits in real time, because the tables keep real time too.
    clock: { nowMs: () => NOW_MS, wait: (ms) => sleep(ms) },
  });
  const ids = Array.from({ length: campaigns }, (_, i) => `sale-${i}`);
  const section = coupons({ perMemberLimit: COUPONS_EACH + 1, shards: 1, ...changes });
  for (const id of ids) await open(runtime, definition(id, section));
  const take = async (inCampaigns: readonly string[], ...changed: Partial<OrderEvent>[]) => {
    const tasks = changed.map((one) => ({
      event: order({ id: eventId(`${one.orderId}-${one.kind ?? 'paid'}-${one.couponId ?? ''}`), ...one }),
      campaigns: inCampaigns,
    }));
    const { failures, reports } = await processMemberEvents(runtime, tasks, { nowMs: NOW_MS });
    expect([...failures.values()]).toEqual([]);
    return reports;
  };
  const give = async (trigger: string): Promise<string[]> => {
    const grants = ids.flatMap((campaignId) =>
      Array.from({ length: COUPONS_EACH }, (_, slot) =>
        couponGrant({
          ...{ campaignId, member: 'm1', slot, offer: offer(), arm: 'engine', trigger },
          ...{ grantedMs: START_MS, reason: {} },
          idKey: idKeyIn(campaignId),
        }),
      ),
    );
    const budgetOf = (campaignId: string) => ({
      campaignId,
      key: 'engine/platform',
      shards: 1,
      hasOwnKeys: true,
    });
    const claims = grants.map((grant) => ({ debits: [{ grant, budget: budgetOf(grant.campaignId) }] }));
    for (const one of claims) await carryOut(runtime, [one]);
    return grants.map(({ id }) => id);
  };
  const states = async () => (await readGrantsOf(runtime, 'm1')).map(({ state }) => state);
  return { runtime, ids, take, give, states };
};

const effectsOf = ({ coupons: changed }: CouponReport): Map<string, number> =>
  new Map(changed.map(({ grant, effects }) => [grant.id, effects]));

describe('an order with many coupons', () => {
  it('brings coupons in a limited number of campaigns, and the other campaigns withhold theirs and give a reason', async () => {
    const { ids, take, states } = await world(60);
    const [report] = await take(ids, { orderId: 'o1' });
    const results = Map.groupBy(report!.decisions, ({ result }) => result);
    expect(results.get('given')).toHaveLength(MAX_GIVEN_FOR_ORDER);
    expect(results.get('enough-for-order')).toHaveLength(60 - MAX_GIVEN_FOR_ORDER);
    expect(await states()).toHaveLength(MAX_GIVEN_FOR_ORDER);
  });

  it('uses more coupons than are written at once, and a refund gives all of them back, each once', async () => {
    const { take, give, states } = await world(3);
    const given = (await give('elsewhere')).slice(0, 41);
    const cart = { orderId: 'cart', amountFen: 6_000 };
    await take([], ...given.map((couponId) => ({ ...cart, couponId })));
    expect((await states()).filter((state) => state === 'redeemed')).toHaveLength(41);
    const whole = { ...cart, kind: 'refunded' as const, amountFen: 41 * 6_000, timeMs: START_MS + 9_000 };
    const [report] = await take([], whole);
    expect(await states()).not.toContain('redeemed');
    expect(report!.coupons).toHaveLength(41);
    const [again] = await take([], whole);
    expect(effectsOf(again!)).toEqual(effectsOf(report!));
  });

  it('when refunded, voids all coupons that it earned, even if they are more than a transaction can write', async () => {
    const { take, give, states } = await world(6, { fallsWithOrder: true });
    await take([], { orderId: 'o1' });
    const earned = await give(eventId('o1-paid-'));
    const [report] = await take([], { orderId: 'o1', kind: 'refunded', timeMs: START_MS + 9_000 });
    expect(new Set(await states())).toEqual(new Set(['expired']));
    expect(report!.coupons).toHaveLength(earned.length);
  });
});

import { describe, expect, it } from 'vitest';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { erasedMemberOf } from '#domain/members/tombstones.ts';
import { eventIdOf } from '#platform/hash.ts';
import { order } from '../coupons/factories.ts';
import { instantRules, slotRules } from '../free-orders/factory.ts';
import { allGrants, debitedFen, heldFen, outbox } from '../support/coupon-world.ts';
import { CAMPAIGN, type ErasureWorld, erasureWorld } from '../support/erasure-world.ts';
import { LONG_AFTER_MS } from '../support/free-order-functions.ts';
import { exportAndVerify, leftOf, START_MS } from '../support/free-order-world.ts';

const MEMBER = 'the-member-to-be-forgotten';
const OTHERS = 6;
const ORDERS = 8;
const INSTANT = instantRules({ odds: { win: 1, in: 2 } });
const SLOTS = slotRules({ prizes: 10 });

const near = (name: string, changes: Partial<OrderEvent> = {}): OrderEvent =>
  order({
    id: eventIdOf('/test', name),
    orderId: name,
    timeMs: START_MS + 60_000,
    channel: 'near',
    storeId: 'store-1',
    ...changes,
  });

const ordersOf = (member: string, changes: Partial<OrderEvent> = {}): OrderEvent[] =>
  Array.from({ length: ORDERS }, (_, i) => near(`o-${member.slice(0, 12)}-${i}`, { member, ...changes }));

const couponsOf = async ({ dynamodb }: ErasureWorld, ofMember: (member: string) => boolean) =>
  (await allGrants(dynamodb, CAMPAIGN)).filter((grant) => grant.kind === 'coupon' && ofMember(grant.member));

/** A sale in which the member and others ordered, and the member used a coupon. */
const saleOf = async (world: ErasureWorld) => {
  const others = Array.from({ length: OTHERS }, (_, i) => ordersOf(`other-${i}`)).flat();
  const own = ordersOf(MEMBER);
  await world.order([...others, ...own]);
  const [used, unused] = (await couponsOf(world, (member) => member === MEMBER)).sort(
    (a, b) => Number(a.slot) - Number(b.slot),
  );
  const using = near('o-using', { member: MEMBER, couponId: used!.id, timeMs: START_MS + 120_000 });
  await world.order([using]);
  return { others, own, used: used!, unused: unused!, using };
};

const books = async ({ dynamodb, runtime, definition }: ErasureWorld) => {
  const grants = await allGrants(dynamodb, CAMPAIGN);
  const held = heldFen(grants.filter(({ kind }) => kind === 'coupon'));
  expect(held).toEqual(await debitedFen(runtime, definition));
  const wins = grants.filter(({ kind }) => kind === 'free-order');
  const left = await leftOf(runtime, CAMPAIGN);
  const { quota, budgetFen } = definition.freeOrders!;
  expect(left.quota).toBe(quota - wins.length);
  expect(left.budgetFen).toBe(budgetFen - wins.reduce((sum, { faceFen }) => sum + faceFen, 0));
  return { coupons: grants.length - wins.length, wins: wins.length, held };
};

const endDraw = async (world: ErasureWorld): Promise<void> => {
  world.pass(LONG_AFTER_MS - START_MS);
  for (let tick = 0; tick < 4; tick++) await world.tick(LONG_AFTER_MS + tick * 60_000);
};

describe('an erased member', () => {
  it.each([
    ['instant', INSTANT],
    ['slot', SLOTS],
  ] as const)('leaves no trace of its id; the books and the draw stay right (%s)', async (mode, rules) => {
    const world = await erasureWorld(rules);
    const { own, others, using } = await saleOf(world);
    const before = await books(world);
    expect(before.coupons).toBeGreaterThan(3);
    const traced = new Set((await world.traces(MEMBER)).map((trace) => trace.split(' ')[0]));
    expect(traced).toEqual(new Set(['Members', 'Grants', 'Draws']));

    await world.erase(MEMBER);
    expect(await world.traces(MEMBER)).toEqual([]);
    expect(await books(world)).toEqual(before);

    // Redelivered orders, even days later, bring nothing back.
    await world.order([...own, using, ...others]);
    world.pass(5 * 86_400_000);
    await world.order([...own, using]);
    expect(await world.traces(MEMBER)).toEqual([]);
    expect(await books(world)).toEqual(before);

    await endDraw(world);
    const { verdict, lines } = await exportAndVerify(world.runtime, CAMPAIGN);
    expect(verdict).toMatchObject({ ok: true, findings: [] });
    expect(lines.join('')).not.toContain(MEMBER);
    expect(lines.length).toBeGreaterThan(others.length + own.length);
    const { name } = await erasedMemberOf(world.runtime, MEMBER);
    const wins = (await allGrants(world.dynamodb, CAMPAIGN)).filter(({ kind }) => kind === 'free-order');
    expect(wins.some(({ member }) => member === name)).toBe(true);
    expect(await world.traces(MEMBER)).toEqual([]);
    if (mode === 'slot') expect(wins.length).toBeGreaterThan(before.wins);
    await books(world);
  });

  it('is given nothing more, but its coupons can still be redeemed and given back', async () => {
    const world = await erasureWorld(INSTANT);
    const { used, unused, using } = await saleOf(world);
    const before = await books(world);
    await world.erase(MEMBER);
    const { name } = await erasedMemberOf(world.runtime, MEMBER);
    world.queues.messages.clear();
    const late = near('o-late', { member: MEMBER, couponId: unused.id });
    await world.order([late, near('o-new', { member: MEMBER })]);
    const states = async () =>
      new Map((await couponsOf(world, (member) => member === name)).map(({ id, state }) => [id, state]));
    expect((await states()).get(unused.id)).toBe('redeemed');
    const refund = near('refund', {
      kind: 'refunded',
      orderId: using.orderId,
      member: MEMBER,
      brand: using.brand,
    });
    await world.order([refund]);
    expect((await states()).get(used.id)).toBe('live');
    expect(await books(world)).toEqual(before);
    expect(await world.traces(MEMBER)).toEqual([]);
    // No profile, tier or slots are left: only the lines of its orders, which expire, and the tombstone.
    const left = (await world.items('Members')).filter(({ member }) => member!.S!.startsWith(' '));
    expect(left.map((item) => [Object.keys(item).sort(), Object.keys(item.body?.M ?? {}).sort()])).toEqual(
      expect.arrayContaining([
        [
          ['body', 'expiresAt', 'member'],
          ['accounts', 'version'],
        ],
        [['erasedMs', 'goneMs', 'member'], []],
      ]),
    );
    expect(left).toHaveLength(2);
    // The used coupon's order is refunded, which may revoke a win of that order; no further grant is published.
    expect(outbox(world.queues).filter((id) => !id.endsWith('.revoked'))).toEqual([]);
  });

  it('has its grants published under the name that replaces its id if its orders come again, as after a crash before publishing', async () => {
    const world = await erasureWorld(INSTANT);
    const { own } = await saleOf(world);
    await world.erase(MEMBER);
    world.queues.messages.clear();
    await world.order(own);
    const events = world.queues.of('grants').flatMap(({ body }) => JSON.parse(body) as { subject: string }[]);
    expect(events.length).toBeGreaterThan(3);
    for (const { subject } of events) expect(subject).toMatch(/^erased:[\w-]{22}$/);
    expect(JSON.stringify(world.queues.of('grants'))).not.toContain(MEMBER);
  });

  it('is erased completely even if a worker crashes once, at any call', async () => {
    let calls = 0;
    let deathAt = Number.POSITIVE_INFINITY;
    let isArmed = false;
    const die = async (): Promise<void> => {
      if (isArmed && ++calls === deathAt) throw new Error('the worker dies');
    };
    const run = async (at: number) => {
      calls = 0;
      deathAt = at;
      isArmed = false;
      const world = await erasureWorld(INSTANT, { before: die, after: die });
      await saleOf(world);
      const before = await books(world);
      isArmed = true;
      await world.erase(MEMBER);
      isArmed = false;
      expect(await world.traces(MEMBER), `death at call ${at}`).toEqual([]);
      expect(await books(world), `death at call ${at}`).toEqual(before);
    };
    await run(Number.POSITIVE_INFINITY);
    const total = calls;
    expect(total).toBeGreaterThan(40);
    for (let at = 1; at <= total; at += 3) await run(at);
  });
});

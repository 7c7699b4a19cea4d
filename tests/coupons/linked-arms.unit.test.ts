import { describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import { armFigures } from '#domain/experiment/arm-figures.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { emptyRow, type Row } from '#domain/metrics/rollup/row.ts';
import { eventId } from '../support/coupon-world.ts';
import { type LinkedWorld, link, linkedWorld, ordering } from '../support/linked-world.ts';
import { coupons, definition, order, START_MS } from './factories.ts';

/** A linked member in the comparison of arms. */

const NOW_MS = START_MS + 3_600_000;
const SECTION = coupons({ arms: { engine: 40, baseline: 30, control: 30 }, baselineOffer: 'ten' });
const paid = ordering(order);

/** An id that falls into an arm. */
const idIn = (arm: string, prefix: string): string => {
  for (let i = 0; ; i++) if (armOf(SECTION, `${prefix}${i}`) === arm) return `${prefix}${i}`;
};
const GUEST = idIn('engine', 'guest');
const MEMBER = idIn('control', 'member');

/** An arm's figures, with orders counted in it as intake counts them. */
const figuresOf = ({ counted }: LinkedWorld, arm: 'engine' | 'control', orders: readonly OrderEvent[]) => {
  const row: Row = emptyRow();
  const add = (label: string, fen: number): void => {
    const tally = row.tallies.get(label) ?? { count: 0, fen: 0 };
    row.tallies.set(label, { ...tally, count: tally.count + 1, fen: tally.fen + fen } as typeof tally);
  };
  for (const { label, amountFen } of counted.values()) add(label, amountFen);
  for (const { kind, channel, member, amountFen } of orders)
    add(`${kind}/${channel}/${armOf(SECTION, member)}`, amountFen);
  return armFigures(row, arm);
};

describe('an alias in the comparison of arms', () => {
  it('keeps its own arm; its orders from the link on, and the coupons that they bring, are left out', async () => {
    const world = await linkedWorld(definition('sale', SECTION), NOW_MS);
    const before = [paid(GUEST, 'g1'), paid(MEMBER, 'o1')];
    await world.deliver(...before);
    expect(figuresOf(world, 'engine', before)).toMatchObject({ eligible: 1, orders: 1, issued: 1 });
    await world.deliver(link(GUEST, MEMBER, START_MS + 60_000));
    const couponId = (await world.grantsOf(GUEST))[0]!.id;
    const after = [
      paid(GUEST, 'g2', { couponId }),
      { ...paid(GUEST, 'g2'), id: eventId('back'), kind: 'refunded' as const, amountFen: 500 },
      paid(MEMBER, 'o2'),
    ];
    for (const one of [...after, ...after, ...before]) await world.deliver(one);
    const all = [...before, ...after];
    expect((await world.grantsOf(MEMBER)).map(({ budget }) => budget)).toEqual(['engine/platform']);
    expect(figuresOf(world, 'engine', all)).toMatchObject({
      ...{ eligible: 1, orders: 1, netFen: 20_000, issued: 1, redeemed: 1 },
    });
    expect(figuresOf(world, 'control', all)).toMatchObject({ eligible: 1, orders: 2, issued: 0 });
    const [given] = await world.grantsOf(MEMBER);
    const using = paid(MEMBER, 'o3', { couponId: given!.id });
    await world.deliver(using);
    expect(world.labels()['coupon-redeemed/engine/ten']).toBe(2);
    expect(figuresOf(world, 'engine', [...all, using])).toMatchObject({ issued: 1, redeemed: 1 });
  });

  it('is counted in no arm if it orders only after the link, while its member is counted once', async () => {
    const world = await linkedWorld(definition('sale', SECTION), NOW_MS);
    await world.deliver(link(GUEST, MEMBER, START_MS));
    const orders = [paid(GUEST, 'g1'), paid(MEMBER, 'o1'), paid(MEMBER, 'o2')];
    for (const one of [...orders, ...orders]) await world.deliver(one);
    expect(figuresOf(world, 'engine', orders)).toMatchObject({ eligible: 0, orders: 0, issued: 0 });
    expect(figuresOf(world, 'control', orders)).toMatchObject({ eligible: 1, orders: 2 });
  });

  it('does not keep its member from being counted once, even if the alias ordered before the link', async () => {
    const world = await linkedWorld(definition('sale', SECTION), NOW_MS);
    const orders = [paid(GUEST, 'g0', { timeMs: START_MS - 1_000 }), paid(GUEST, 'g1')];
    await world.deliver(...orders);
    await world.deliver(link(GUEST, MEMBER, START_MS + 2_000));
    const own = [paid(MEMBER, 'o1'), paid(MEMBER, 'o2')];
    for (const one of [...own, ...own]) await world.deliver(one);
    expect(figuresOf(world, 'control', own)).toMatchObject({ eligible: 1, orders: 2 });
  });

  it('keeps its own arm even for an order that comes too late to be decided', async () => {
    const world = await linkedWorld(definition('sale', SECTION), NOW_MS);
    await world.deliver(paid(GUEST, 'g1'), paid(MEMBER, 'o1'));
    await world.deliver(link(GUEST, MEMBER, START_MS + 60_000));
    const newer = Array.from({ length: 40 }, (_, i) => ({
      ...paid(MEMBER, `newer-${i}`),
      timeMs: START_MS + 600_000 + i,
    }));
    for (const one of newer) await world.deliver(one);
    await world.deliver({ ...paid(GUEST, 'late'), timeMs: START_MS + 120_000 });
    const labels = world.labels();
    expect(labels['coupon-withheld/engine/too-late-to-decide']).toBe(1);
    expect(labels['coupon-withheld/engine/control']).toBeUndefined();
  });
});

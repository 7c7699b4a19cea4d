import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { BrokenWorld, campaign, grantItem, text, usedBy } from '../../support/oracle-world.ts';
import { type OrderFields, paid, refunded } from '../workload/events.ts';
import { couponAccounts } from './invariants/coupon-accounts.ts';
import { couponIds } from './invariants/coupon-ids.ts';
import { couponMetrics, decisions } from './invariants/coupon-metrics.ts';
import { couponReturns } from './invariants/coupon-returns.ts';
import { couponUses } from './invariants/coupon-uses.ts';
import { moneyFreed } from './invariants/money-freed.ts';
import { propensities } from './invariants/propensities.ts';

const AT_MS = Date.parse('2026-11-10T16:01:00.000Z');
const HOUR_MS = 3_600_000;
const fields = (changes: Partial<OrderFields> = {}): OrderFields => ({
  id: 'e1',
  timeMs: AT_MS,
  order: 'o1',
  member: 'm1',
  fen: 6_000,
  brand: 'brand-a',
  coupon: 'c1.00.m1',
  ...changes,
});
const redeemed = (order: string, fen = 6_000, back = 0) =>
  grantItem({ state: text('redeemed'), redemption: usedBy(order, fen, back) });
const returned = (order: string) => grantItem({ redemption: usedBy(order, 6_000, 6_000) });

const world = (...invariants: ConstructorParameters<typeof BrokenWorld>[0]) =>
  new BrokenWorld(invariants).open(campaign());

describe('coupon-returns', () => {
  it('lets a coupon come back from an order that was refunded in full', async () => {
    const begun = world(couponReturns)
      .send(paid(fields()))
      .send(refunded(fields({ id: 'b1' })));
    expect(await begun.write(grantItem()).write(redeemed('o1')).write(returned('o1')).end()).toEqual([]);
  });

  it('sees a coupon that comes back for the refund of another part of its order', async () => {
    const begun = world(couponReturns)
      .send(paid(fields()))
      .send(paid(fields({ id: 'e2', brand: 'brand-b', coupon: undefined, fen: 9_000 })))
      .send(refunded(fields({ id: 'b1', brand: 'brand-b', coupon: undefined, fen: 9_000 })));
    expect(await begun.write(grantItem()).write(redeemed('o1')).write(returned('o1')).end()).toEqual([
      'coupon-returns: c1.00.m1: came back from order o1, which was not refunded',
    ]);
  });

  it('sees a coupon that a second order uses while the first one holds it', async () => {
    const begun = world(couponReturns).send(paid(fields())).write(grantItem()).write(redeemed('o1'));
    expect(await begun.write(redeemed('o2')).end()).toEqual([
      'coupon-returns: c1.00.m1: used by order o2 while order o1 holds it',
    ]);
  });

  it('lets an order that inherited a coupon lose it to an older order that comes later, but not to a newer one', async () => {
    const at = (order: string, ms: number) => paid(fields({ id: order, order, timeMs: AT_MS + ms }));
    const begun = world(couponReturns)
      .send(at('o1', 0))
      .send(at('heir', 2))
      .write(grantItem(), redeemed('o1'))
      .send(refunded(fields({ id: 'b1' })))
      .write(redeemed('heir'));
    expect(await begun.send(at('older', 1)).write(redeemed('older')).end()).toEqual([]);
    expect(await begun.send(at('newer', 3)).write(redeemed('newer')).end()).toEqual([
      'coupon-returns: c1.00.m1: used by order newer while order older holds it',
    ]);
  });

  it('sees a coupon that an older order takes from the order that used it first', async () => {
    const begun = world(couponReturns)
      .send(paid(fields({ timeMs: AT_MS + 1 })))
      .send(paid(fields({ id: 'e2', order: 'older' })))
      .write(grantItem(), redeemed('o1'));
    expect(await begun.write(redeemed('older')).end()).toEqual([
      'coupon-returns: c1.00.m1: used by order older while order o1 holds it',
    ]);
  });
});

describe('coupon-uses', () => {
  it('sees a coupon that is still live although an order used it, even if the order broke a term of the coupon', async () => {
    const begun = world(couponUses)
      .write(grantItem())
      .send(paid(fields({ fen: 1 })));
    expect(await begun.end()).toEqual(['coupon-uses: c1.00.m1: live, though order o1 used it']);
  });

  it('holds if a stranger names a coupon, and if the order that used it was refunded', async () => {
    const begun = world(couponUses)
      .write(grantItem())
      .send(paid(fields({ member: 'm2' })))
      .send(paid(fields({ id: 'e2', order: 'o2' })))
      .send(refunded(fields({ id: 'b2', order: 'o2' })));
    expect(await begun.end()).toEqual([]);
  });
});

describe('money-freed', () => {
  it('sees money that is freed although an order used the coupon in time', async () => {
    const begun = world(moneyFreed)
      .write(grantItem())
      .send(paid(fields()))
      .wait(26 * HOUR_MS);
    expect(await begun.write(grantItem({ state: text('expired') })).end()).toEqual([
      'money-freed: c1.00.m1: its money is free, though order o1 used it in time',
    ]);
  });

  it.each([0, 2, 24])(
    'sees money that is freed %i h after the grant, before the settlement is over',
    async (hours) => {
      const begun = world(moneyFreed)
        .write(grantItem())
        .wait(hours * HOUR_MS)
        .write(grantItem({ state: text('expired') }));
      expect(await begun.end()).toEqual(['money-freed: c1.00.m1: its money is free before it is settled']);
    },
  );
});

describe('coupon-accounts', () => {
  it('sees a payment that counts twice, and a refund that was never sent', async () => {
    const begun = world(couponAccounts).send(paid(fields())).write(redeemed('o1'));
    expect(await begun.end()).toEqual([]);
    expect(await begun.write(redeemed('o1', 12_000, 5)).end()).toEqual([
      'coupon-accounts: c1.00.m1: 12000 fen paid, expected 6000 or 6000',
      'coupon-accounts: c1.00.m1: 5 fen refunded, expected 0 or 0 or 0',
    ]);
  });

  it('does not expect a refund that names no coupon and belongs to no campaign with coupons', async () => {
    const { coupons, freeOrders: _, ...others } = campaign();
    expect(coupons).toBeDefined();
    const startsAt = '2026-11-10T15:00:00Z';
    const back = (id: string, timeMs: number) =>
      refunded(fields({ id, coupon: undefined, fen: 1_500, timeMs }));
    const found = (timeMs: number) =>
      world(couponAccounts)
        .open({ ...others, campaignId: 'long', startsAt })
        .send(paid(fields()))
        .send(back('b1', AT_MS))
        .send(back('b2', timeMs))
        .write(redeemed('o1', 6_000, 1_500))
        .end();
    expect(await found(Date.parse(campaign().startsAt) - 1)).toEqual([]);
    expect(await found(AT_MS)).toHaveLength(1);
  });
});

describe('coupon-metrics', () => {
  it('sees coupons that are counted too often, or not at all', async () => {
    const tallies = new Map([['coupon-expired/engine/ten', { count: 1, fen: 1_000 }]]);
    const begun = world(couponMetrics).write(grantItem()).show({ campaignId: 'c1', tallies });
    expect(await begun.end()).toEqual([
      'coupon-metrics: c1: the metrics say that 0 coupons are issued, the grants 1',
      'coupon-metrics: c1: the metrics say that 1 coupons are expired, the grants 0',
    ]);
  });
});

describe('decisions', () => {
  const withheld = (label: string, count = 1) => new Map([[label, { count, fen: 0 }]]);

  it('holds if each order was decided on once', async () => {
    const begun = world(decisions).send(paid(fields({ coupon: undefined })));
    begun.show({ campaignId: 'c1', tallies: withheld('coupon-withheld/engine/budget-empty') });
    expect(await begun.end()).toEqual([]);
  });

  it('sees an order without a decision, and one with two', async () => {
    const begun = world(decisions).send(paid(fields({ coupon: undefined })));
    begun.show({ campaignId: 'c1' });
    expect(await begun.end()).toEqual(['decisions: c1: 0 decisions and 0 too late on 1 orders']);
    begun.show({ campaignId: 'c1', tallies: withheld('coupon-withheld/engine/budget-empty', 2) });
    expect(await begun.end()).toContain('decisions: c1: 2 decisions and 0 too late on 1 orders');
  });

  it('lets an order count as too late to be decided, instead of its decision or in addition to it', async () => {
    const begun = world(decisions).send(paid(fields({ coupon: undefined })));
    const decided = withheld('coupon-withheld/engine/budget-empty');
    const tooLate = withheld('coupon-withheld/engine/too-late-to-decide');
    for (const tallies of [tooLate, new Map([...decided, ...tooLate])])
      expect(await begun.show({ campaignId: 'c1', tallies }).end()).toEqual([]);
  });

  it('sees an outcome that no decision of the campaign can have', async () => {
    const begun = world(decisions).send(paid(fields({ coupon: undefined })));
    begun.show({ campaignId: 'c1', tallies: withheld('coupon-withheld/engine/control') });
    expect(await begun.end()).toEqual([
      'decisions: c1: coupon-withheld/engine/control was counted, which is not a possible result of its decisions',
    ]);
  });

  it('sees refusals of coupons that nobody named', async () => {
    const begun = world(decisions);
    begun.show({ campaignId: 'c1', tallies: new Map([['coupon-refused/used', { count: 1, fen: 0 }]]) });
    expect(await begun.end()).toEqual([
      'decisions: c1: 1 coupons refused, but orders named only 0 of its coupons',
    ]);
  });
});

describe('propensities', () => {
  it('sees logged probabilities far below the true ones', async () => {
    const begun = world(propensities);
    for (let i = 0; i < 200; i++) {
      begun.send(paid(fields({ id: `e${i}`, member: `m${i}`, coupon: undefined })));
      const trigger = [...begun.oracle.ledger.orders.keys()].at(-1)!;
      begun.write(
        grantItem({
          member: text(`m${i}`),
          trigger: text(trigger),
          reason: text(JSON.stringify({ arm: 'engine', propensity: 0.46 })),
        }),
      );
    }
    expect(await begun.end()).toEqual([
      'propensities: c1 ten: inverse propensities add up to 434.8 in 200 orders',
    ]);
  });
});

describe('coupon-ids', () => {
  /** Computed by other means than the oracle's and the pipeline's. */
  const KEYED = 'c1.coupon.00.VLr-3cOdvVsOuFho.x9AcMiNr';
  const FORMER = 'c1.00.BAJqsA4UyF7m';
  const openKeyed = (): BrokenWorld => {
    const item = { campaign: text('c1'), item: text('DEFINITION'), body: text(JSON.stringify(campaign())) };
    return new BrokenWorld([couponIds]).write(['campaigns', { ...item, couponIds: text('keyed') }]);
  };
  const openFormer = (): BrokenWorld => new BrokenWorld([couponIds]).open(campaign());

  it('holds if each campaign names its coupons in its own form', async () => {
    expect(
      await openKeyed()
        .write(grantItem({ id: text(KEYED) }))
        .end(),
    ).toEqual([]);
    expect(
      await openFormer()
        .write(grantItem({ id: text(FORMER) }))
        .end(),
    ).toEqual([]);
  });

  it('sees an id in the other form, and an id of another member, slot or cause', async () => {
    const fault = (id: string, expected = KEYED) => [`coupon-ids: ${id} of m1: expected ${expected}`];
    expect(
      await openKeyed()
        .write(grantItem({ id: text(FORMER) }))
        .end(),
    ).toEqual(fault(FORMER));
    expect(
      await openFormer()
        .write(grantItem({ id: text(KEYED) }))
        .end(),
    ).toEqual(fault(KEYED, FORMER));
    const changes: Record<string, AttributeValue>[] = [
      { member: text('m2') },
      { grant: text('c1#coupon#1') },
      { trigger: text('another') },
    ];
    for (const change of changes) {
      const item = grantItem({ id: text(KEYED), ...change });
      const found = await openKeyed().write(item).end();
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`coupon-ids: ${KEYED} of`);
    }
  });
});

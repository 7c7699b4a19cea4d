import { describe, expect, it } from 'vitest';
import { lookLine, lookOf, looksAt } from '#local/operate/tail.ts';
import type { Target } from '#local/operate/target.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { BARE, CLOSED, FULL, PAUSED } from '../../board/views.ts';
import { emulatedTables } from '../../support/emulated-tables.ts';
import { testRuntime } from '../../support/runtime.ts';

describe('a look at a sale', () => {
  it('has the figures of the screen, and the rate of orders since the previous look', () => {
    const orders = FULL.headline.orders.value;
    const before = {
      ...FULL,
      nowMs: FULL.nowMs - 4 * SECOND_MS,
      headline: { ...FULL.headline, orders: { ...FULL.headline.orders, value: orders - 10 } },
    };
    const look = lookOf(FULL, before);
    expect(look).toMatchObject({
      orders,
      ordersPerSecond: 2.5,
      netFen: FULL.headline.netFen.value,
      issued: FULL.coupons!.issued,
      spentFen: FULL.coupons!.budgetFen - FULL.coupons!.remainingFen,
      wins: FULL.freeOrders!.wins,
    });
    expect(lookLine(look)).toMatch(/^\d\d:\d\d:\d\d {2}[\d,]+ orders \(2\.5 a second\) {2}net [\d,.]+ {2}/);
    expect(lookLine(look)).not.toMatch(/paused|closed|refused|stuck/);
  });

  it('has no rate at first, nor if the number of orders fell', () => {
    expect(lookOf(FULL, undefined)).not.toHaveProperty('ordersPerSecond');
    const more = {
      ...FULL.headline,
      orders: { ...FULL.headline.orders, value: FULL.headline.orders.value + 1 },
    };
    const before = { ...FULL, nowMs: FULL.nowMs - SECOND_MS, headline: more };
    expect(lookOf(FULL, before)).not.toHaveProperty('ordersPerSecond');
  });

  it('leaves out what the sale does not have, and shows what an operator must know', () => {
    expect(lookLine(lookOf(BARE, undefined))).not.toMatch(/coupons|spent|won/);
    expect(lookLine(lookOf(PAUSED, undefined))).toMatch(/paused since \d\d:\d\d:\d\d$/);
    expect(lookLine(lookOf(CLOSED, undefined))).toMatch(/closed since \d\d:\d\d:\d\d$/);
    const ill = { ...FULL, health: { atMs: FULL.nowMs, rejects: 3, deadLetters: 1_200 } };
    expect(lookLine(lookOf(ill, undefined))).toMatch(/3 refused {2}1,200 stuck/);
  });

  it('is refused if no campaign is open, or if there is none with the given id', async () => {
    const target = { runtime: testRuntime({ clients: { dynamodb: emulatedTables() } }) } as Target;
    const looks = (campaignId?: string) => looksAt(target, campaignId, 1, async () => false).next();
    await expect(looks()).rejects.toThrow('expected a campaign that is open, got none');
    await expect(looks('day')).rejects.toThrow('got "day"');
  });
});

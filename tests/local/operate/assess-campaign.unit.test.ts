import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Assessment, assessCampaign, planLines } from '#local/operate/assess-campaign.ts';
import { coupons, definition, offer } from '../../coupons/factories.ts';
import { instantRules, slotRules } from '../../free-orders/factory.ts';
import { temporaryDirectory } from '../replay/files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const NOW_MS = Date.parse('2026-11-10T12:30:00.000Z');
const assess = (value: unknown): Assessment =>
  assessCampaign(
    directory.write('campaign.json', typeof value === 'string' ? value : JSON.stringify(value)),
    NOW_MS,
  );
const faultsOf = (value: unknown): string[] => {
  const assessed = assess(value);
  return assessed.valid ? [] : assessed.faults;
};
const warningsOf = (value: unknown): string[] => {
  const assessed = assess(value);
  if (!assessed.valid) throw new Error(`expected a plan, got ${assessed.faults.join('; ')}`);
  return assessed.plan.warnings;
};
const ARMS = { engine: 70, baseline: 20, control: 10 };
const SALE = definition('sale', coupons({ arms: ARMS, baselineOffer: 'ten' }));

describe('a definition that is not well formed', () => {
  it('has every fault named at once, in the order of its fields', () => {
    const faults = faultsOf({
      ...SALE,
      startsAt: 'soon',
      coupons: { ...SALE.coupons, perMemberLimit: 0, budgets: [], colour: 'red' },
      mode: 'fast',
    });
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
      'startsAt',
      'coupons.budgets',
      'coupons.perMemberLimit',
      'coupons.colour',
      'mode',
    ]);
  });

  it('has every broken rule named if its fields are right', () => {
    const faults = faultsOf({ ...SALE, endsAt: SALE.startsAt, compareWith: 'sale' });
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual(['endsAt', 'compareWith']);
  });

  it('may be a text that is not JSON, a value that is no object, or an event of another type', () => {
    expect(faultsOf('{')).toHaveLength(1);
    expect(faultsOf([])[0]).toContain('definition: expected an object');
    const paid = JSON.parse(readFileSync('events/order.paid.json', 'utf8')) as object;
    expect(faultsOf({ ...paid, data: SALE })).toHaveLength(1);
  });
});

describe('a definition that is well formed', () => {
  it('has a plan that shows the members and the money of each arm, the shards and the odds', () => {
    const assessed = assess({
      ...SALE,
      coupons: { ...SALE.coupons, budgets: [{ pool: 'platform', totalFen: 900_000, presaleShare: 0.5 }] },
      freeOrders: instantRules({ odds: { win: 1, in: 100 }, quota: 50, capFen: 1_000 }),
    });
    expect(assessed.valid && planLines(assessed.plan)).toEqual([
      'campaign sale is well formed',
      '  members: engine 70 %, baseline 20 %, control 10 %',
      '  engine/platform: 7,000.00, of that 3,500.00 in the presale, in 4 shards',
      '  baseline/platform: 2,000.00, of that 1,000.00 in the presale, in 4 shards',
      '  free orders: 1 in 100 orders that take part, at most 50',
    ]);
  });

  it('has a plan that shows the prizes of each slot and the number of slots', () => {
    const assessed = assess({ ...SALE, freeOrders: slotRules({ slotSeconds: 3_600, prizes: 3 }) });
    expect(assessed.valid && assessed.plan.odds).toBe('3 prizes in each of 24 slots, at most 1,000');
  });

  it('has a warning for what is allowed but probably a mistake, and for nothing else', () => {
    expect(warningsOf(SALE)).toEqual([]);
    expect(warningsOf({ ...SALE, coupons: coupons() })).toEqual([
      expect.stringContaining('without a control arm'),
    ]);
    const money = (totalFen: number, shards: number) =>
      warningsOf({
        ...SALE,
        coupons: coupons({
          arms: ARMS,
          baselineOffer: 'ten',
          shards,
          budgets: [{ pool: 'platform', totalFen, presaleShare: 0 }],
          offers: [offer()],
        }),
      });
    expect(money(1_000, 1)).toEqual([
      'engine/platform: 7.77 is less than its smallest coupon, 10.00',
      'baseline/platform: 2.23 is less than its smallest coupon, 10.00',
    ]);
    expect(money(9_000, 10)).toEqual([
      expect.stringContaining('engine/platform: a shard holds 7.00, less than a coupon'),
      expect.stringContaining('baseline/platform: a shard holds 2.00, less than a coupon'),
    ]);
    expect(warningsOf({ ...SALE, compareWith: 'last-year' })).toEqual([
      expect.stringContaining('campaign last-year is to be opened first'),
    ]);
    expect(warningsOf({ ...SALE, freeOrders: instantRules({ quota: 10_000 }) })).toEqual([
      expect.stringContaining('more than the budget of 100,000.00'),
    ]);
    const past = { ...SALE, startsAt: '2025-11-10T12:00:00.000Z', endsAt: '2025-11-11T12:00:00.000Z' };
    expect(warningsOf(past)).toEqual([expect.stringContaining('is over')]);
  });
});

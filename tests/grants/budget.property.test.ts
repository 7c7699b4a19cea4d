import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armBudgetFen, armOf, comparesArms, spendingArms } from '#domain/campaigns/arms.ts';
import { planDebits, poolOf, splitBudget } from '#domain/campaigns/budget.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { sumOf } from '#platform/collections.ts';
import { coupons, offer } from '../coupons/factories.ts';

const MAX_BUDGET_FEN = 9_000_000_000_000;
const remainders = fc.array(fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }), {
  minLength: 1,
  maxLength: 20,
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a budget', () => {
  it('is split without losing a fen, into shards that differ by one at the most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: MAX_BUDGET_FEN }),
        fc.integer({ min: 1, max: 96 }),
        (total, shards) => {
          const amounts = splitBudget(total, shards);
          expect(sumOf(amounts)).toBe(total);
          expect(Math.max(...amounts) - Math.min(...amounts)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('is debited exactly the amount, no shard gives more than it has, and several are used only if no single one has enough', () => {
    fc.assert(
      fc.property(
        remainders,
        fc.integer({ min: 1, max: 2_000 }),
        random,
        fc.nat(19),
        (known, amount, r, busy) => {
          const debits = planDebits(amount, known, () => r, new Set([busy]));
          const isKnown = known.every((remainder) => remainder !== undefined);
          if (debits === undefined) {
            expect(isKnown).toBe(true);
            expect(sumOf(known.map((remainder) => remainder ?? 0))).toBeLessThan(amount);
            return;
          }
          expect(sumOf(debits.map(({ amountFen }) => amountFen))).toBe(amount);
          expect(new Set(debits.map(({ shard }) => shard)).size).toBe(debits.length);
          for (const { shard, amountFen } of debits) {
            expect(amountFen).toBeGreaterThan(0);
            expect(amountFen).toBeLessThanOrEqual(known[shard] ?? Number.POSITIVE_INFINITY);
          }
          const able = [...known.keys()].filter(
            (shard) => (known[shard] ?? Number.POSITIVE_INFINITY) >= amount,
          );
          if (able.length > 0) expect(debits).toHaveLength(1);
          else {
            const fullest = known.map((remainder) => remainder!).toSorted((a, b) => b - a);
            expect(sumOf(fullest.slice(0, debits.length - 1))).toBeLessThan(amount);
          }
          if (able.some((shard) => shard !== busy)) expect(debits[0]!.shard).not.toBe(busy);
        },
      ),
    );
  });

  it('is debited from a random one of the shards that have enough, and from a busy one if there is no other', () => {
    expect(planDebits(5, [5, 5, 4], () => 0.9, new Set())).toEqual([{ shard: 1, amountFen: 5 }]);
    expect(planDebits(5, [5, 5, 4], () => 0, new Set())).toEqual([{ shard: 0, amountFen: 5 }]);
    expect(planDebits(5, [5, 5, 4], () => 0.9, new Set([0, 1]))).toEqual([{ shard: 1, amountFen: 5 }]);
  });

  it('names its pool, which may have a slash in its name', () => {
    expect(['engine/platform', 'baseline/a/b'].map(poolOf)).toEqual(['platform', 'a/b']);
  });

  it('is shared between the arms that spend, to the fen', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_BUDGET_FEN }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        (total, engine, rest) => {
          const baseline = Math.min(rest, 100 - engine);
          const section = coupons({
            arms: { engine, baseline, control: 100 - engine - baseline },
            baselineOffer: 'ten',
          });
          const pool = { pool: 'platform', totalFen: total };
          const shares = [armBudgetFen(section, pool, 'engine'), armBudgetFen(section, pool, 'baseline')];
          expect(sumOf(shares)).toBe(total);
          expect(Math.abs(shares[1]! - (total * baseline) / (engine + baseline))).toBeLessThanOrEqual(1.01);
        },
      ),
    );
  });
});

describe('a pool for which only one arm has an offer', () => {
  it('belongs to that arm, to the fen, and a pool without any offer is shared as usual', () => {
    const pools = ['platform', 'brand', 'nobody'];
    const section = coupons({
      arms: { engine: 60, baseline: 20, control: 20 },
      budgets: pools.map((pool) => ({ pool, totalFen: 1_001, presaleShare: 0 })),
      offers: [offer({ offerId: 'ten' }), offer({ offerId: 'brand', pool: 'brand' })],
      baselineOffer: 'ten',
    });
    const shares = campaignBudgets(section).map(({ key, totalFen }) => [key, totalFen]);
    expect(Object.fromEntries(shares)).toEqual({
      'engine/platform': 750,
      'baseline/platform': 251,
      'engine/brand': 1_001,
      'baseline/brand': 0,
      'engine/nobody': 750,
      'baseline/nobody': 251,
    });
  });
});

describe('the arms of a campaign', () => {
  it.each([
    [{ engine: 100, baseline: 0, control: 0 }, ['engine'], false],
    [{ engine: 0, baseline: 90, control: 10 }, ['baseline'], true],
    [{ engine: 60, baseline: 40, control: 0 }, ['engine', 'baseline'], true],
    [undefined, ['engine'], false],
  ])(
    '%j spend if they have members, and are compared if two of them have members',
    (arms, spending, isCompared) => {
      const { arms: _, ...section } = coupons();
      const given = { ...section, ...(arms && { arms }) };
      expect(spendingArms(given)).toEqual(spending);
      expect(comparesArms(given)).toBe(isCompared);
    },
  );
});

describe('an arm', () => {
  it('has the same members in every version of the pipeline', () => {
    const section = coupons({ arms: { engine: 40, baseline: 30, control: 30 }, salt: 'salt' });
    const arms = Array.from({ length: 16 }, (_, i) => armOf(section, `member-${i}`)[0]);
    expect(arms.join('')).toBe('ecbebeeeecececcc');
  });

  it('holds its percentage of the members, always the same ones', () => {
    const section = coupons({ arms: { engine: 60, baseline: 30, control: 10 } });
    const members = Array.from({ length: 20_000 }, (_, i) => `member-${i}`);
    const share = (arm: string) => members.filter((member) => armOf(section, member) === arm).length / 20_000;
    expect(share('engine')).toBeCloseTo(0.6, 1.7);
    expect(share('baseline')).toBeCloseTo(0.3, 1.7);
    expect(share('control')).toBeCloseTo(0.1, 1.7);
    expect(members.map((member) => armOf(section, member))).toEqual(
      members.map((member) => armOf({ ...section }, member)),
    );
  });

  it('of another campaign with another salt is drawn anew', () => {
    const arms = { engine: 50, baseline: 0, control: 50 };
    const one = coupons({ arms, salt: 'one' });
    const two = coupons({ arms, salt: 'two' });
    const members = Array.from({ length: 10_000 }, (_, i) => `member-${i}`);
    const both = members.filter((m) => armOf(one, m) === 'control' && armOf(two, m) === 'control').length;
    expect(both / 10_000).toBeCloseTo(0.25, 1.5);
  });
});

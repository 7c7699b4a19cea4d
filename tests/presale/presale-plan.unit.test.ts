import { describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { newMember } from '#domain/members/members-table.ts';
import {
  type AudienceTallies,
  count,
  decodeTallies,
  emptyTallies,
  encodeTallies,
  limitsOfSegment,
  mergeTallies,
} from '#domain/presale/audience-tallies.ts';
import { addGiven, nothingGiven, sumGiven } from '#domain/presale/correct-pass.ts';
import {
  evaluateForPresale,
  type Presale,
  type PresaleCandidate,
} from '#domain/presale/evaluate-for-presale.ts';
import { correctPlan, type PresalePlan, planPresale, presaleGrant } from '#domain/presale/presale-plan.ts';
import { SLICE_MS } from '#lambdas/audience/handler.ts';
import { audience } from '#lib/functions/audience.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { memberWithOrders, START_MS } from '../support/presale-members.ts';
import { coupons, offer } from '../support/presale-world.ts';
import { seededRandom } from '../support/random.ts';

const MEMBERS = 6_000;
const SEGMENTS = 5;
/** DynamoDB's largest item. */
const ITEM_BYTES_MAX = 400_000;

const presaleOf = (changes: Parameters<typeof coupons>[0]): Presale => ({
  campaignId: 'sale',
  startsAtMs: START_MS,
  endsAtMs: START_MS + 86_400_000,
  coupons: coupons(changes),
  model: PRIOR,
  idKey: idKeyIn('sale'),
});

const audienceOf = (presale: Presale): PresaleCandidate[] => {
  const random = seededRandom(11);
  return Array.from({ length: MEMBERS }, (_, i) => memberWithOrders(`m${i}`, random)).flatMap(
    (member) => evaluateForPresale(presale, member) ?? [],
  );
};

const counted = (presale: Presale, members: readonly PresaleCandidate[]): AudienceTallies => {
  const tallies = emptyTallies(presale.coupons, limitsOfSegment(SEGMENTS));
  for (const member of members) count(tallies, presale, member);
  return tallies;
};

const ONE = { budgets: [{ pool: 'platform', totalFen: 1_500_000, presaleShare: 0.6 }] };
const MANY = {
  budgets: [
    { pool: 'platform', totalFen: 1_000_000, presaleShare: 0.5 },
    { pool: 'brand', totalFen: 500_000, presaleShare: 0.8 },
    { pool: 'near', totalFen: 300_000, presaleShare: 0 },
  ],
  offers: [
    offer({ offerId: 'ten', thresholdFen: 8_000, discountFen: 1_000 }),
    offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500 }),
    offer({ offerId: 'brand', pool: 'brand', thresholdFen: 9_000, discountFen: 1_100 }),
    offer({ offerId: 'near', pool: 'near', thresholdFen: 6_000, discountFen: 700, scope: 'near' as const }),
  ],
};

describe.each([
  ['one budget', ONE],
  ['three budgets', MANY],
])('a presale with %s', (_, changes) => {
  const presale = presaleOf(changes);
  const members = audienceOf(presale);
  const segments = Array.from({ length: SEGMENTS }, (_segment, index) =>
    counted(
      presale,
      members.filter((_member, i) => i % SEGMENTS === index),
    ),
  );
  const bytes = segments.map(encodeTallies);
  const plan = planPresale(
    presale,
    mergeTallies(
      presale.coupons,
      bytes.map((encoded) => decodeTallies(presale.coupons, encoded, limitsOfSegment(SEGMENTS))),
    ),
  );
  const grants = members.flatMap((member) => presaleGrant(presale, plan, member) ?? []);

  it('gets the same opening prices from its segments as from the whole audience', () => {
    const whole = planPresale(presale, counted(presale, members));
    for (const [key, price] of Object.entries(whole.opening)) {
      expect(plan.opening[key]! / price).toBeCloseTo(1, 3);
    }
  });

  it('spends its share of every budget to within 1 %, and nothing of a budget without a share', () => {
    for (const { pool, totalFen, presaleShare } of presale.coupons.budgets) {
      const spentFen = grants
        .filter(({ budget }) => budget === `engine/${pool}`)
        .reduce((sum, { faceFen }) => sum + faceFen, 0);
      // Of every 80 members in arms that spend, 60 are in the engine's; a pool without the baseline's offer is all the engine's.
      const budgetFen = totalFen * presaleShare * (pool === 'platform' ? 0.75 : 1);
      expect(Math.abs(spentFen - budgetFen)).toBeLessThanOrEqual(0.01 * budgetFen);
    }
  });

  it('gives a member one coupon, in the first slot, valid from the start of the sale', () => {
    expect(new Set(grants.map(({ member }) => member)).size).toBe(grants.length);
    for (const grant of grants) expect(grant).toMatchObject({ slot: '0', grantedMs: START_MS });
  });

  it('decides the same for a member who is evaluated again', () => {
    const again = audienceOf(presale).flatMap((member) => presaleGrant(presale, plan, member) ?? []);
    expect(again).toEqual(grants);
  });

  it('gives the control arm nothing, and the baseline arm only its own coupon', () => {
    for (const { member, budget, offer: offerId } of grants) {
      const arm = armOf(presale.coupons, member);
      expect(budget.startsWith(`${arm}/`)).toBe(true);
      if (arm === 'baseline') expect(offerId).toBe('ten');
    }
  });

  it('opens the sale with a price for every budget of the engine', () => {
    for (const { pool } of presale.coupons.budgets) {
      expect(plan.opening[`engine/${pool}`]).toBeGreaterThan(0);
    }
  });

  it('keeps the tallies of a segment small enough for one item', () => {
    for (const encoded of bytes) expect(encoded.length).toBeLessThan(ITEM_BYTES_MAX);
  });
});

describe('a plan with random choices', () => {
  it('spends its share of a single budget to within 1 %', () => {
    const presale = presaleOf({ ...ONE, epsilon: 0.1 });
    const members = audienceOf(presale);
    const parts = [members.slice(0, 2_000), members.slice(2_000)].map((some) => counted(presale, some));
    const plan = planPresale(presale, mergeTallies(presale.coupons, parts));
    const spentFen = members
      .flatMap((member) => presaleGrant(presale, plan, member) ?? [])
      .reduce((sum, { budget, faceFen }) => sum + (budget === 'engine/platform' ? faceFen : 0), 0);
    const budgetFen = 1_500_000 * 0.6 * 0.75;
    expect(Math.abs(spentFen / budgetFen - 1)).toBeLessThan(0.01);
  });

  it('is corrected by what its draft gives, counted in parts of any size', () => {
    const presale = presaleOf({ ...MANY, epsilon: 0.05, arms: { engine: 100, baseline: 0, control: 0 } });
    const members = audienceOf(presale);
    const tallies = counted(presale, members);
    const draft = planPresale(presale, tallies);
    const parts = [members.slice(0, 1_000), members.slice(1_000)].map((some) => {
      const given = nothingGiven(presale);
      for (const member of some) addGiven(given, presale, draft, member);
      return given;
    });
    const plan = correctPlan(presale, tallies, draft, sumGiven(parts));
    expect(plan.opening).toEqual(draft.opening);
    const missed = (one: PresalePlan): number[] => {
      const grants = members.flatMap((member) => presaleGrant(presale, one, member) ?? []);
      return presale.coupons.budgets
        .filter(({ presaleShare }) => presaleShare > 0)
        .map(({ pool, totalFen, presaleShare }) => {
          const fen = grants.reduce(
            (sum, { budget, faceFen }) => sum + (budget === `engine/${pool}` ? faceFen : 0),
            0,
          );
          return Math.abs(fen / (totalFen * presaleShare) - 1);
        });
    };
    expect(Math.max(...missed(draft))).toBeGreaterThan(0.1);
    expect(Math.max(...missed(plan))).toBeLessThan(0.02);
  });
});

describe('a member', () => {
  it('who never ordered can be given a coupon too', () => {
    const presale = presaleOf({ ...ONE, arms: { engine: 100, baseline: 0, control: 0 } });
    expect(evaluateForPresale(presale, newMember('new'))?.options.length).toBeGreaterThan(0);
  });
});

describe('a presale for members of whom nothing is known', () => {
  it('spends the budget of each arm to within 0.3 %, although all members are worth the same', () => {
    const presale = presaleOf({ ...ONE, epsilon: 0 });
    const members = Array.from({ length: MEMBERS }, (_, i) => newMember(`new-${i}`)).flatMap(
      (member) => evaluateForPresale(presale, member) ?? [],
    );
    const plan = planPresale(
      presale,
      decodeTallies(presale.coupons, encodeTallies(counted(presale, members)), limitsOfSegment(SEGMENTS)),
    );
    const grants = members.flatMap((member) => presaleGrant(presale, plan, member) ?? []);
    for (const [arm, share] of [
      ['engine', 0.75],
      ['baseline', 0.25],
    ] as const) {
      const spentFen = grants
        .filter(({ budget }) => budget === `${arm}/platform`)
        .reduce((sum, { faceFen }) => sum + faceFen, 0);
      const budgetFen = 1_500_000 * 0.6 * share;
      expect(Math.abs(spentFen / budgetFen - 1)).toBeLessThan(0.003);
    }
  });
});

describe('a slice of the audience function’s work', () => {
  it('ends well before the function times out', () => {
    expect(2 * SLICE_MS).toBeLessThan(audience.tuning.timeoutSeconds * 1_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidates } from '#domain/allocation/candidates.ts';
import { CandidateList, mixed } from '#domain/allocation/candidates.ts';
import { issue, planAudience } from '#local/plan/plan-audience.ts';

type Offer = { value: number; costFen: number; pool: number };
type Problem = { members: Offer[][]; poolFen: number[]; totalFen: number };

const POOLS = 2;

const problems = (mostMembers: number): fc.Arbitrary<Problem> =>
  fc.record({
    members: fc.array(
      fc.array(
        fc.record({
          value: fc.integer({ min: 0, max: 100 }),
          costFen: fc.integer({ min: 0, max: 50 }),
          pool: fc.integer({ min: 0, max: POOLS - 1 }),
        }),
        { maxLength: 4 },
      ),
      { maxLength: mostMembers },
    ),
    poolFen: fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })),
    totalFen: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 300 })),
  });

const candidatesOf = (members: readonly Offer[][], from: number): Candidates => {
  const list = new CandidateList();
  for (const [member, offers] of members.entries()) {
    list.member(mixed(from + member + 1));
    for (const { value, costFen, pool } of offers) list.offer(value, costFen, pool);
  }
  return list;
};

const planned = ({ members, poolFen, totalFen }: Problem, parts = 1, sampleOffers?: number) => {
  const size = Math.max(1, Math.ceil(members.length / parts));
  const lists = Array.from({ length: parts }, (_, i) =>
    candidatesOf(members.slice(i * size, (i + 1) * size), i * size),
  );
  const audience = { parts: () => lists };
  const plan = planAudience(audience, { totalFen, poolFen }, sampleOffers);
  return { outcome: issue(plan, audience, () => {}) };
};

/** The value of the best choice of whole offers, found by trying all. */
const best = (members: readonly Offer[][], left: number[], totalLeft: number, from = 0): number => {
  if (from === members.length) return 0;
  let most = best(members, left, totalLeft, from + 1);
  for (const { value, costFen, pool } of members[from]!) {
    if (costFen > Math.min(left[pool]!, totalLeft)) continue;
    const rest = left.map((fen, p) => (p === pool ? fen - costFen : fen));
    most = Math.max(most, value + best(members, rest, totalLeft - costFen, from + 1));
  }
  return most;
};

const TOLERANCE = 1e-6;

describe('a plan', () => {
  it.each([
    ['everybody', undefined],
    ['a sample', 6],
  ])(
    'made from %s never spends more than a budget, and its bound is at least what any choice is worth',
    (_, sampleOffers) => {
      fc.assert(
        fc.property(problems(6), (problem) => {
          const { outcome } = planned(problem, 1, sampleOffers);
          for (const [p, fen] of outcome.spentFen.entries())
            expect(fen).toBeLessThanOrEqual(problem.poolFen[p]!);
          expect(outcome.spentFen.reduce((a, b) => a + b)).toBeLessThanOrEqual(problem.totalFen);
          const most = best(problem.members, problem.poolFen, problem.totalFen);
          expect(outcome.bound).toBeGreaterThanOrEqual(most - TOLERANCE);
          expect(outcome.value).toBeLessThanOrEqual(most + TOLERANCE);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('is worth as much as the best choice, to within two offers a pool', () => {
    fc.assert(
      fc.property(problems(6), (problem) => {
        const { outcome } = planned(problem);
        const largest = Math.max(0, ...problem.members.flat().map(({ value }) => value));
        expect(outcome.value).toBeGreaterThanOrEqual(
          best(problem.members, problem.poolFen, problem.totalFen) - 2 * POOLS * largest,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is the same however its audience is cut into parts', () => {
    fc.assert(
      fc.property(problems(30), fc.integer({ min: 1, max: 6 }), (problem, parts) => {
        const whole = planned(problem);
        const cut = planned(problem, parts);
        expect(cut.outcome.value).toBeCloseTo(whole.outcome.value, 6);
        expect([...cut.outcome.spentFen]).toEqual([...whole.outcome.spentFen]);
      }),
      { numRuns: 200 },
    );
  });

  it('gives everybody their best offer if there is enough money', () => {
    fc.assert(
      fc.property(problems(20), ({ members }) => {
        const { outcome } = planned({ members, poolFen: [1e9, 1e9], totalFen: 2e9 });
        const most = members.reduce(
          (sum, offers) => sum + Math.max(0, ...offers.map(({ value }) => value)),
          0,
        );
        expect(outcome.value).toBeCloseTo(most, 6);
      }),
    );
  });
});

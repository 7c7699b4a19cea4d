import { type Budgets, constraintsOf } from '../budget.ts';
import type { Candidates } from '../candidates.ts';
import { NONE } from '../choose.ts';
import type { Audience } from './audience.ts';
import { type AudiencePlan, chooser } from './core.ts';
import { plannedOfManyPools, type SampledLimits } from './many-pools.ts';
import { plannedOfOnePool } from './one-pool.ts';

export type PlanLimits = SampledLimits;

/** At 17 bytes for each offer: about 4.5 MB and 9 MB. */
const DEFAULT_LIMITS: PlanLimits = { sampleOffers: 1 << 18, coreOffers: 1 << 19 };

/** What a plan came to: the value in the unit of the offers' values, what was spent from each pool, and the members served. */
export interface PlanOutcome {
  readonly value: number;
  readonly spentFen: Float64Array;
  readonly served: number;
  readonly members: number;
}

/**
 * Plans who of an audience gets which offer within the budgets: the linear relaxation of the multiple-choice
 * knapsack solved exactly, and rounded by a few changes of single members. Memory is bounded by `limits`, whatever
 * the number of members; the time is that of a few passes.
 *
 * 1. A first pass estimates the prices: with one budget from a histogram of the efficiency of the whole audience, with
 *    several from a sample.
 * 2. A survey around those prices decides nearly everybody and keeps the few members left, the core.
 * 3. The core's prices are found exactly and its offers rounded, with the money that the others leave. If the optimum
 *    proves to lie outside the range surveyed, the estimate is corrected and the survey repeated.
 */
export const planAudience = (
  audience: Audience,
  budgets: Budgets,
  limits: PlanLimits = DEFAULT_LIMITS,
): AudiencePlan => {
  const constraints = constraintsOf(budgets);
  return constraints.own.length === 1
    ? plannedOfOnePool(audience, constraints, limits.coreOffers)
    : plannedOfManyPools(audience, constraints, limits);
};

/**
 * Reads an audience and gives each member what the plan says. A budget is never exceeded, whatever the plan: an offer that no
 * longer fits is not given.
 *
 * @param give is called for each offer given, with its index among the offers of the part it belongs to.
 */
export const issue = (
  plan: AudiencePlan,
  audience: Audience,
  give: (part: Candidates, member: number, at: number) => void,
): PlanOutcome => {
  const { constraints } = plan;
  const leftFen = constraints.capFen.slice();
  const spentFen = new Float64Array(constraints.own.length);
  const chosen = chooser(plan.survey, plan.given);
  let value = 0;
  let served = 0;
  let members = 0;
  for (const part of audience.parts()) {
    members += part.members;
    for (let member = 0; member < part.members; member++) {
      const at = chosen(part, member);
      if (at === NONE) continue;
      const fen = part.costFen[at]!;
      const pool = part.pool[at]!;
      const own = constraints.own[pool]!;
      const total = constraints.total;
      if ((own >= 0 && fen > leftFen[own]!) || (total >= 0 && fen > leftFen[total]!)) continue;
      if (own >= 0) leftFen[own]! -= fen;
      if (total >= 0) leftFen[total]! -= fen;
      spentFen[pool]! += fen;
      value += part.value[at]!;
      served++;
      give(part, member, at);
    }
  }
  return { value, spentFen, served, members };
};

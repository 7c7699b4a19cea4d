import type { Constraints } from '../budget.ts';
import type { Candidates } from '../candidates.ts';
import { NONE } from '../choose.ts';
import { Allotment } from './allotment.ts';
import { bestFour, bestPair, type Move } from './exchange.ts';
import { ExchangeMoves } from './exchange-moves.ts';

/** Whole offers for a set of members, within their budgets. */
export interface WholeOffers {
  /** For each member the index of the offer given, or {@link NONE}. */
  readonly choice: Int32Array;
  /** Fen left of each constraint, never below 0. */
  readonly slackFen: Float64Array;
}

const MAX_ROUNDS = 40;
/** A greedy move may use this share of what is left; the rest is for the pairs, which fit it better. */
const GREEDY_SHARE = 0.125;

/** Brings one overdrawn constraint back to 0 by the changes that lose the least profit per fen freed. */
const free = (allotment: Allotment, constraint: number): void => {
  const { first, members } = allotment.candidates;
  const moves: Move[] = [];
  for (let member = 0; member < members; member++) {
    const from = allotment.choice[member]!;
    const usedFen = allotment.usedFen(from, constraint);
    if (usedFen === 0) continue;
    const profit = allotment.profit(member, from);
    const end = first[member + 1]!;
    for (let to = first[member]! - 1; to < end; to++) {
      const target = to < first[member]! ? NONE : to;
      const deltaFen = allotment.usedFen(target, constraint) - usedFen;
      if (deltaFen >= 0) continue;
      moves.push({ member, to: target, deltaFen, gain: 0, loss: profit - allotment.profit(member, target) });
    }
  }
  moves.sort((a, b) => a.loss / -a.deltaFen - b.loss / -b.deltaFen);
  for (const { member, to } of moves) {
    if (allotment.slackFen[constraint]! >= 0) return;
    if (allotment.usedFen(to, constraint) >= allotment.usedFen(allotment.choice[member]!, constraint))
      continue;
    if (allotment.fits(member, to, constraint)) allotment.give(member, to);
  }
};

/** Brings every overdrawn constraint back to 0, the worst one first. */
const freeAll = (allotment: Allotment): void => {
  const { slackFen } = allotment;
  for (;;) {
    let worst = -1;
    for (let k = 0; k < slackFen.length; k++) {
      if (slackFen[k]! < 0 && (worst < 0 || slackFen[k]! < slackFen[worst]!)) worst = k;
    }
    if (worst < 0) return;
    free(allotment, worst);
  }
};

/** Spends most of what a pool has left, on the changes with the least loss per fen first. */
const spend = (allotment: Allotment, exchangeMoves: ExchangeMoves, pool: number): boolean => {
  const moves = exchangeMoves
    .of(pool, allotment.leftFen(pool))
    .filter((move) => move.gain > 0 && move.deltaFen > 0);
  moves.sort((a, b) => a.loss / a.deltaFen - b.loss / b.deltaFen);
  const touched = new Set<number>();
  for (const { member, to, deltaFen } of moves) {
    if (deltaFen > allotment.leftFen(pool) * GREEDY_SHARE || touched.has(member)) continue;
    touched.add(member);
    allotment.give(member, to);
  }
  return touched.size > 0;
};

/** Makes the changes that together gain most within what a pool has left. */
const exchange = (
  allotment: Allotment,
  exchangeMoves: ExchangeMoves,
  pool: number,
  best: (among: readonly Move[], leftFen: number) => Move[],
): boolean => {
  const leftFen = allotment.leftFen(pool);
  const chosen = best(exchangeMoves.of(pool, leftFen), leftFen);
  for (const { member, to } of chosen) allotment.give(member, to);
  return chosen.length > 0;
};

/** Spends what every pool has left until no change gains anything. */
const fillAll = (allotment: Allotment): void => {
  const exchangeMoves = new ExchangeMoves(allotment);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let changed = false;
    for (let pool = 0; pool < allotment.price.length; pool++) {
      if (allotment.leftFen(pool) === Number.POSITIVE_INFINITY) continue;
      while (spend(allotment, exchangeMoves, pool)) changed = true;
      while (
        exchange(allotment, exchangeMoves, pool, bestFour) ||
        exchange(allotment, exchangeMoves, pool, bestPair)
      ) {
        changed = true;
      }
    }
    if (!changed) return;
  }
};

/**
 * Rounds the linear optimum to whole offers. Every member first gets what the dual price says; that overdraws or leaves some of
 * each budget, by about as many members as there are budgets (an optimal basis of the relaxation has no more fractional
 * members: Kellerer, Pferschy, Pisinger, Knapsack Problems (2004), section 11.2; P. Sinha and A. Zoltners, Operations Research
 * 27, 1979) and because of ties. Overdrafts are undone by the changes that lose least. What is left is used by single changes
 * and by exchanges between members, until none gains anything.
 *
 * Never exceeds a constraint: giving nothing to anybody is always possible.
 */
export const roundToWholeOffers = (
  candidates: Candidates,
  constraints: Constraints,
  dual: Float64Array,
): WholeOffers => {
  const allotment = new Allotment(candidates, constraints, dual);
  freeAll(allotment);
  fillAll(allotment);
  return { choice: allotment.choice, slackFen: allotment.slackFen };
};

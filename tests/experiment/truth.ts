import { type Course, FITTING_SHARE, FULL_REFUND_SHARE, HALF_REFUND_SHARE } from './course.ts';
import { COUPON_SHARES, type Population, type SalePlan, thresholdsOf } from './population.ts';

/** The true effects at a look. The lift of conversion is relative; orders and net fen are means per member assigned by then. */
export type Truth = {
  conversionLift: number;
  orders: { engine: number; baseline: number };
  netFen: { engine: number; baseline: number };
};

/** Sums over members, by look, before refunds are taken off. */
const emptySums = (looks: number) => ({
  issued: new Float64Array(looks),
  redeemed: new Float64Array(looks),
  orders: new Float64Array(looks),
  fen: new Float64Array(looks),
});

/**
 * The truth at the end of each look, computed from the members' tastes: the expected result of each way of giving coupons if
 * it were applied to all members. So the interval must allow for chance in both: who is in which arm, and what members then do.
 */
export const truthsOf = (
  plan: SalePlan,
  population: Population,
  course: Course,
  assignedBy: readonly number[],
): Truth[] => {
  const { looks, hasEffect, members } = plan;
  if (!hasEffect) {
    const none = { engine: 0, baseline: 0 };
    return Array.from({ length: looks }, () => ({ conversionLift: 0, orders: none, netFen: none }));
  }
  const thresholds = thresholdsOf(population);
  const engine = emptySums(looks);
  const baseline = emptySums(looks);
  for (let i = 0; i < members; i++) {
    if (population.isNew[i] === 1) continue;
    const fittingRate = FITTING_SHARE * population.rate[i]!;
    for (const [coupon, share] of COUPON_SHARES.entries()) {
      const isEngines = population.known[i]! >= thresholds[coupon]!;
      const from = coupon === 0 ? 0 : population.secondLook[i]!;
      const orderedBefore = course.orderedBy[from - 1] ?? 0;
      for (let look = from; look < looks; look++) {
        const orders = population.response[i]! * course.respondedBy[look - from]!;
        const unused = Math.exp(-fittingRate * (course.orderedBy[look]! - orderedBefore));
        const redeemed = 1 - (1 - orders) * unused;
        const fen = orders * population.meanFen[i]!;
        baseline.issued[look]! += share;
        baseline.redeemed[look]! += share * redeemed;
        baseline.orders[look]! += share * orders;
        baseline.fen[look]! += share * fen;
        if (!isEngines) continue;
        engine.issued[look]! += 1;
        engine.redeemed[look]! += redeemed;
        engine.orders[look]! += orders;
        engine.fen[look]! += fen;
      }
    }
  }
  const lessRefunds = (sum: Float64Array, look: number, share: number): number =>
    sum[look]! - share * (sum[look - course.refundLooks] ?? 0);
  const conversion = ({ redeemed, issued }: typeof engine, look: number): number =>
    lessRefunds(redeemed, look, FULL_REFUND_SHARE) / issued[look]!;
  const netFen = ({ fen }: typeof engine, look: number): number =>
    lessRefunds(fen, look, FULL_REFUND_SHARE + HALF_REFUND_SHARE / 2) / assignedBy[look]!;
  return Array.from({ length: looks }, (_, look) => ({
    conversionLift: conversion(engine, look) / conversion(baseline, look) - 1,
    orders: {
      engine: engine.orders[look]! / assignedBy[look]!,
      baseline: baseline.orders[look]! / assignedBy[look]!,
    },
    netFen: { engine: netFen(engine, look), baseline: netFen(baseline, look) },
  }));
};

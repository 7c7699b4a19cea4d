import type { Constraints } from '../budget.ts';
import { minimiseDual } from '../dual.ts';
import { Sample } from '../sample.ts';
import type { Audience } from './audience.ts';
import { type AudiencePlan, completed, surveyed, usedFen } from './core.ts';
import { boxAround, type PriceBox, rangeOf } from './price-box.ts';
import { Survey } from './survey.ts';

export interface SampledLimits {
  /** Offers sampled to estimate the prices. */
  readonly sampleOffers: number;
  /** Offers kept of the members that prices alone do not decide. */
  readonly coreOffers: number;
}

/** If fewer offers per pool than this are left undecided, there is too little to round with. */
const MIN_CORE_OFFERS = 4096;
/** A range of this many standard errors around a sampled figure misses the true one in 1 of 370 plans. */
const SAFE_ERRORS = 3;
const MAX_PASSES = 16;
/** After this many passes the sample cannot be improved. */
const CORRECTED_PASSES = 4;
/** Half the width of a range around a price, as a share of the price. */
const MIN_WIDTH = 1 / 1024;
const MAX_WIDTH = 1;
/** A range that leaves too few or too many offers is made this many times wider or narrower. */
const WIDTH_STEP = 2;
/** After a pass that did not find the optimum, the ranges become this many times wider. */
const WIDENING = 4;
/** Temperatures, as shares of a mean value: the first, at which nothing is known, and the last, at which ties are distinguished. */
const WARMEST = 0.1;
const COLDEST = 1e-9;

/** Estimated prices, and half the width of the range around each, as a share of it. */
type PriceEstimate = { dual: Float64Array; width: number };

/**
 * A range around the prices that, according to a sample, leaves enough members undecided to round with, and no more than may be
 * kept.
 */
const fittingBox = (
  constraints: Constraints,
  { dual, width }: PriceEstimate,
  sample: Sample,
  maxCoreOffers: number,
): PriceBox => {
  const coreAt = (at: number): number => {
    const survey = new Survey(
      rangeOf(constraints, boxAround(constraints, dual, at)),
      Number.POSITIVE_INFINITY,
    );
    survey.add(sample.kept);
    return survey.core.offers / sample.share;
  };
  const enough = MIN_CORE_OFFERS * constraints.own.length;
  let fitting = width;
  while (fitting < MAX_WIDTH && coreAt(fitting) < enough) fitting *= WIDTH_STEP;
  while (coreAt(fitting) > maxCoreOffers / 2 && fitting > Number.EPSILON) fitting /= WIDTH_STEP;
  return boxAround(constraints, dual, fitting);
};

/** Returns a function that finds the prices at which a sample spends given amounts. */
const estimator = (sample: Sample, constraints: Constraints): ((capFen: Float64Array) => Float64Array) => {
  const { kept } = sample;
  const offers = kept.first[kept.members]!;
  let value = 0;
  let costFen = 0;
  for (let at = 0; at < offers; at++) {
    value += kept.value[at]!;
    costFen += kept.costFen[at]!;
  }
  const width = constraints.capFen.length;
  const box = {
    start: new Float64Array(width).fill(value / Math.max(1, costFen) / (constraints.total < 0 ? 1 : 2)),
    low: new Float64Array(width),
    high: new Float64Array(width).fill(Number.POSITIVE_INFINITY),
    warmest: WARMEST,
    coldest: COLDEST,
  };
  return (capFen) => minimiseDual(kept, { ...constraints, capFen }, box).dual;
};

/**
 * Plans with several budgets. It then matters what a member takes instead of an offer that became too expensive. So the prices
 * are estimated from a sample of members with all their offers, and corrected by what all members spend at these prices.
 */
export const plannedOfManyPools = (
  audience: Audience,
  constraints: Constraints,
  limits: SampledLimits,
): AudiencePlan => {
  const sample = new Sample(limits.sampleOffers);
  for (const part of audience.parts()) sample.add(part);
  const estimated = estimator(sample, constraints);
  const sampledFen = constraints.capFen.map((fen) => fen * sample.share);
  let dual = estimated(sampledFen);
  let reach = MIN_WIDTH;
  if (!sample.isWhole) {
    reach += SAFE_ERRORS / Math.sqrt(Math.max(1, sample.kept.members / constraints.own.length));
  }
  for (let passes = 2; ; passes++) {
    const box = fittingBox(constraints, { dual, width: reach }, sample, limits.coreOffers);
    const survey = surveyed(audience, constraints, box, limits.coreOffers);
    const plan = completed(constraints, survey, { surveyed: box, searched: box }, passes);
    if (plan.isOptimal || passes > MAX_PASSES) return plan;
    if (sample.isWhole || (passes > CORRECTED_PASSES && !survey.overflowed)) {
      // The best prices lie at the edge of the box, so the next box is around them, and wider.
      dual = plan.dual;
      reach *= WIDENING;
      continue;
    }
    // The sample's error at these prices is known exactly now: what all members spend less the budget.
    // Correcting the sample's budgets by that leaves only an error of second order.
    const spentFen = usedFen(constraints, survey.spentFen);
    for (let k = 0; k < dual.length; k++) {
      if (dual[k]! > 0 || spentFen[k]! > constraints.capFen[k]!) {
        sampledFen[k]! += (constraints.capFen[k]! - spentFen[k]!) * sample.share;
      }
    }
    dual = estimated(sampledFen);
    reach = MIN_WIDTH * WIDENING;
  }
};

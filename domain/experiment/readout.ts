/** The whole result of a campaign's experiment. */
import { armsOf, comparesArms } from '#domain/campaigns/arms.ts';
import type { Row } from '#domain/metrics/rollup/row.ts';
import type { SampledMember } from '#domain/metrics/rollup/row-columns.ts';
import { type Coupons, WHOLE_PERCENT } from '#events/sections/coupons.ts';
import { armFigures } from './arm-figures.ts';
import { boundary, DEFAULT_CONFIDENCE, TUNED_EVENTS } from './boundary.ts';
import { type ArmSum, differenceOf } from './difference.ts';
import { liftOf } from './lift.ts';
import { membersNeeded } from './members-needed.ts';
import { MISMATCH_P_VALUE, sampleRatioPValue } from './sample-ratio.ts';
import { squaresOf } from './squares.ts';
import type { ArmView, ExperimentView, Interval } from './view.ts';

/**
 * A lift in conversion of 15 %, the size that a real mega-sale announced. A campaign should be large enough
 * to detect it.
 */
export const HOPED_LIFT = 0.15;
const POWER = 0.8;

type ArmSums = Record<keyof SampledMember, ArmSum | undefined>;

/**
 * An arm's sums, with the number of members that its share predicts, not the number counted. Everyone who orders is in an arm
 * with the probability of its share, so sums divided by shares are comparable. The counted number is random and need not be
 * proportional to the arm's orders (D. G. Horvitz, D. J. Thompson, "A generalization of sampling without replacement from a
 * finite universe", JASA 47, 1952).
 */
const sumsOf = (row: Row, { arm, orders, netFen }: ArmView, eligible: number): ArmSums => {
  const members = row.samples.get(arm)?.members() ?? [];
  const sumOf = (figure: keyof SampledMember, sum: number): ArmSum | undefined => {
    const squares = squaresOf(members, figure, sum);
    return squares === undefined ? undefined : { eligible, orders, sum, squares };
  };
  return { orders: sumOf('orders', orders), netFen: sumOf('netFen', netFen) };
};

/** Coupons that each of two arms needs to detect {@link HOPED_LIFT}, if the share `baseRate` of them is used. */
export const couponsNeeded = (baseRate: number, confidence: number): number =>
  membersNeeded({ baseRate, lift: HOPED_LIFT, power: POWER }, boundary(TUNED_EVENTS, confidence));

/** The size of two equal arms that give as much information as two arms of these sizes. */
export const equalSize = (one: number, other: number): number => 2 / (1 / one + 1 / other);

/**
 * Members per arm that are needed to detect {@link HOPED_LIFT} by the interval shown, if members convert as those of the
 * baseline have so far and get as many coupons. It is about twice what a single look at the end needs. Undefined if the arms
 * have that many, or if an arm has no usable figures. Two unequal arms count as two equal ones whose size is the harmonic mean.
 */
const neededOf = (engine: ArmView, baseline: ArmView, confidence: number): number | undefined => {
  const { issued, redeemed, eligible } = baseline;
  if (redeemed === 0 || redeemed >= issued || eligible === 0 || engine.issued === 0) return undefined;
  const coupons = couponsNeeded(redeemed / issued, confidence);
  return equalSize(engine.issued, issued) >= coupons ? undefined : Math.ceil((coupons * eligible) / issued);
};

/**
 * Compares a campaign's arms: a pure function of its total. Undefined for a campaign without arms to compare. Every interval is
 * a confidence sequence, see `boundary.ts`: it may be looked at each second, and holds at all looks at once with the confidence
 * given. The confidence is for each interval on its own, not for all of them together.
 */
export const readout = (
  row: Row,
  coupons: Coupons,
  confidence = DEFAULT_CONFIDENCE,
): ExperimentView | undefined => {
  if (!comparesArms(coupons)) return undefined;
  const percents = armsOf(coupons);
  const engine = armFigures(row, 'engine');
  const baseline = armFigures(row, 'baseline');
  const control = armFigures(row, 'control');
  const all = [engine, baseline, control];

  const assigned = all.reduce((sum, { eligible }) => sum + eligible, 0);
  const [engineSums, baselineSums, controlSums] = all.map((arm) =>
    sumsOf(row, arm, (assigned * percents[arm.arm]) / WHOLE_PERCENT),
  ) as [ArmSums, ArmSums, ArmSums];
  const againstControl = (sums: ArmSums, figure: keyof SampledMember): Interval | undefined => {
    const sum = sums[figure];
    const other = controlSums[figure];
    return sum && other && differenceOf(sum, other, confidence);
  };
  const pValue = sampleRatioPValue(
    all.map(({ arm, eligible }) => ({ count: eligible, share: percents[arm] / WHOLE_PERCENT })),
  );
  return {
    confidence,
    arms: all.filter(({ arm }) => percents[arm] > 0),
    conversionLift: liftOf(engine, baseline, confidence),
    ordersPerMember: {
      engine: againstControl(engineSums, 'orders'),
      baseline: againstControl(baselineSums, 'orders'),
    },
    netFenPerMember: {
      engine: againstControl(engineSums, 'netFen'),
      baseline: againstControl(baselineSums, 'netFen'),
    },
    sampleRatio: { pValue, isMismatched: pValue < MISMATCH_P_VALUE },
    membersNeeded: neededOf(engine, baseline, confidence),
  };
};

import { armsOf, comparesArms } from '#domain/campaigns/arms.ts';
import type { ArmView, ExperimentView, Interval } from '#domain/experiment/view.ts';
import type { Row } from '#domain/metrics/rollup/row.ts';
import type { SampledMember } from '#domain/metrics/rollup/row-columns.ts';
import { type Coupons, WHOLE_PERCENT } from '#events/sections/coupons.ts';
import { armFigures } from './arm-figures.ts';
import { boundary, TUNED_EVENTS } from './boundary.ts';
import { type ArmSum, differenceOf } from './difference.ts';
import { liftOf } from './lift.ts';
import { membersNeeded } from './members-needed.ts';
import { MISMATCH_P_VALUE, sampleRatioPValue } from './sample-ratio.ts';
import { squaresOf } from './squares.ts';

const DEFAULT_CONFIDENCE = 0.95;

/** The lift in conversion that was announced, which a campaign has to be large enough to tell. */
export const HOPED_LIFT = 0.15;
const POWER = 0.8;

type ArmSums = Record<keyof SampledMember, ArmSum | undefined>;

const sumsOf = (row: Row, { arm, eligible, orders, netFen }: ArmView): ArmSums => {
  const members = row.samples.get(arm)?.members() ?? [];
  const sumOf = (figure: keyof SampledMember, sum: number): ArmSum | undefined => {
    const squares = squaresOf(members, figure, sum);
    return squares === undefined ? undefined : { eligible, orders, sum, squares };
  };
  return { orders: sumOf('orders', orders), netFen: sumOf('netFen', netFen) };
};

/**
 * Members an arm that it takes to tell the lift hoped for by the interval shown, where members convert as those of the
 * baseline have so far, and get as many coupons. That is more than a single look at the end takes, by the square of 3.9
 * over 2.8. Undefined where the arms have as many, or nothing can be said of the baseline. Two unequal arms tell as much as
 * two equal ones of their harmonic mean.
 */
const neededOf = (engine: ArmView, baseline: ArmView, confidence: number): number | undefined => {
  const { issued, redeemed, eligible } = baseline;
  if (redeemed === 0 || redeemed >= issued || eligible === 0 || engine.issued === 0) return undefined;
  const aim = { baseRate: redeemed / issued, lift: HOPED_LIFT, power: POWER };
  const coupons = membersNeeded(aim, boundary(TUNED_EVENTS, confidence));
  const issuedEach = 2 / (1 / engine.issued + 1 / issued);
  return issuedEach >= coupons ? undefined : Math.ceil((coupons * eligible) / issued);
};

/**
 * What a campaign's total says of its arms, as of the look: a pure function of the total. Undefined for a campaign without
 * arms to compare. Every interval is a confidence sequence, see `boundary.ts`: it may be looked at each second, and holds at all
 * looks at once with the confidence given, which is that of each interval and not of all of them together.
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

  const controlSums = sumsOf(row, control);
  const engineSums = sumsOf(row, engine);
  const baselineSums = sumsOf(row, baseline);
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

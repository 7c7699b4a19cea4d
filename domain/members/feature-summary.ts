/** The features of a member as a short list of numbers, to be stored with a grant. */
import { type Features, HALF_LIVES_DAYS } from './profile.ts';

const DIGITS = 4;
/** Stands for infinity, which JSON cannot express. */
const INFINITE = -1;

/** A feature rounded to four significant digits; -1 stands for infinity. */
export const roundedFeature = (value: number): number =>
  Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : INFINITE;

/** All features, in the order of `Features`, to four significant digits; -1 stands for infinity. */
export const featureSummary = (features: Features): number[] =>
  [
    ...features.spendFen,
    ...features.orders,
    features.nearShare,
    features.refundedShare,
    features.recencyDays,
    features.tenureDays,
  ].map(roundedFeature);

/** The features that a summary stands for. */
export const featuresOfSummary = (summary: readonly number[]): Features => {
  const count = HALF_LIVES_DAYS.length;
  const [nearShare, refundedShare, recencyDays, tenureDays] = summary.slice(2 * count);
  return {
    spendFen: summary.slice(0, count),
    orders: summary.slice(count, 2 * count),
    nearShare: nearShare!,
    refundedShare: refundedShare!,
    recencyDays: recencyDays === INFINITE ? Number.POSITIVE_INFINITY : recencyDays!,
    tenureDays: tenureDays!,
  };
};

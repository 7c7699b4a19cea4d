import { CHALLENGER_WORD } from '#domain/metrics/metric-event.ts';
import { type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import { DEFAULT_CONFIDENCE } from './boundary.ts';
import { type Conversion, liftOf } from './lift.ts';
import type { Interval } from './view.ts';

/**
 * The coupons of the engine's arm, by who decided on them: the model, or the prior that challenges the model for a share of the
 * arm's members.
 */
export type ModelComparison = {
  model: Conversion;
  challenger: Conversion;
  /**
   * How much better the model's coupons convert than the challenger's: 0.1 is 10 % more often. A confidence
   * sequence; undefined while there are too few coupons.
   */
  lift: Interval | undefined;
};

const challengersOf = (row: Row, outcome: string): number => {
  let count = 0;
  for (const [label, tally] of row.tallies) {
    const [head, arm, , decider] = label.split('/');
    if (head === `coupon-${outcome}` && arm === 'engine' && decider === CHALLENGER_WORD) count += tally.count;
  }
  return count;
};

/**
 * Compares a model with its challenger, from a campaign's total. Undefined while the challenger has issued no
 * coupon.
 */
export const modelComparison = (row: Row, confidence = DEFAULT_CONFIDENCE): ModelComparison | undefined => {
  const usedOf = (of: (outcome: string) => number): Conversion => ({
    issued: of('issued'),
    redeemed: Math.max(0, of('redeemed') - of('returned')),
  });
  const challenger = usedOf((outcome) => challengersOf(row, outcome));
  if (challenger.issued === 0) return undefined;
  const all = usedOf((outcome) => tallyOf(row, `coupon-${outcome}/engine`).count);
  const model = { issued: all.issued - challenger.issued, redeemed: all.redeemed - challenger.redeemed };
  return { model, challenger, lift: liftOf(model, challenger, confidence) };
};

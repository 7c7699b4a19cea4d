import fc from 'fast-check';
import { type Example, exampleIdOf, FOLDS, OCCASIONS } from '#domain/learning/example.ts';
import { STEPS_PER_UNIT } from '#domain/learning/fixed-point.ts';
import { PRIOR_PLACE, PRIOR_SCALE } from '#domain/learning/use-model.ts';
import { USE_FEATURES } from '#domain/learning/use-statistics.ts';

export const START_MS = Date.parse('2026-11-10T12:00:00.000Z');
const HOUR_MS = 3_600_000;

/** Any examples of a few coupons, so that ids are repeated, with the same contents and with others. */
export const examples = (maxLength = 30): fc.Arbitrary<Example[]> =>
  fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 40 }).map((n) => exampleIdOf('issued', `grant-${n}`, '')),
      timeMs: fc.integer({ min: 0, max: 5 }).map((hours) => START_MS + hours * HOUR_MS),
      kind: fc.constantFrom('issued', 'issued', 'redeemed', 'returned'),
      occasion: fc.constantFrom(...OCCASIONS),
      fold: fc.integer({ min: 0, max: FOLDS - 1 }),
      features: fc.array(fc.integer({ min: -512, max: 512 }), {
        minLength: USE_FEATURES,
        maxLength: USE_FEATURES,
      }),
    }),
    { maxLength },
  );

/** Gives all examples with the same id the same contents, in whatever batches they are. */
export const consistent = (batches: readonly Example[][]): Example[][] => {
  const contents = new Map(batches.flat().map((example) => [example.id, example]));
  return batches.map((some) => some.map(({ id }) => contents.get(id)!));
};

/** A member's coupon as a model sees it: what the prior says, and a feature that the prior does not know. */
export type Coupon = { prior: number; feature: number };

const featuresOf = ({ prior, feature }: Coupon): number[] => {
  const features = new Array<number>(USE_FEATURES).fill(0);
  features[0] = 1;
  features[PRIOR_PLACE] = PRIOR_SCALE * prior;
  features[2] = feature;
  return features;
};

/** The examples of `count` coupons given after orders, each used with its `probability`, and the coupons' features in units. */
export const taught = (
  count: number,
  random: () => number,
  probability: (coupon: Coupon) => number,
): { said: Example[]; features: number[][] } => {
  const features: number[][] = [];
  const said = Array.from({ length: count }, (_, n): Example[] => {
    const coupon = { prior: 0.1 + 0.3 * random(), feature: 2 * random() - 1 };
    const isUsed = random() < probability(coupon);
    features.push(featuresOf(coupon));
    const steps = featuresOf(coupon).map((value) => Math.round(value * STEPS_PER_UNIT));
    const example = (kind: Example['kind']): Example => ({
      id: exampleIdOf(kind, `taught-${n}`, ''),
      timeMs: START_MS,
      kind,
      occasion: 'order',
      fold: n % FOLDS,
      features: steps,
    });
    return isUsed ? [example('issued'), example('redeemed')] : [example('issued')];
  }).flat();
  return { said, features };
};

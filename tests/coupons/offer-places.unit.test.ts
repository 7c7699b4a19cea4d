import { expect, it } from 'vitest';
import { useFeatures } from '#domain/coupons/use-features.ts';
import { OFFER_PLACES } from '#domain/learning/use-model.ts';
import { emptyProfile, featuresOf, observe } from '#domain/members/profile.ts';
import { DAY_MS } from '#platform/duration.ts';
import { offer, order, START_MS } from './factories.ts';

it('two offers to the same member differ in exactly the features at OFFER_PLACES', () => {
  const near = order({ channel: 'near', amountFen: 4_000 });
  const profile = observe(observe(emptyProfile(), near), order({ id: 'far' }));
  const features = featuresOf(profile, START_MS + DAY_MS);
  const [one, other] = [
    useFeatures(features, offer({ thresholdFen: 5_000, discountFen: 500 }), 0.1),
    useFeatures(features, offer({ thresholdFen: 9_000, discountFen: 2_000, scope: 'near' }), 0.3),
  ];
  const differing = one!.flatMap((value, place) => (value === other![place] ? [] : [place]));
  expect(differing).toEqual([...OFFER_PLACES]);
});

import { memberHash } from '#domain/allocation/candidates.ts';
import { armOf } from '#domain/campaigns/arms.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { type Evaluation, evaluate, type Option } from '#domain/coupons/decide.ts';
import { decidingModel, type Model } from '#domain/coupons/model.ts';
import { noiseOf } from '#domain/coupons/noise.ts';
import type { Member } from '#domain/members/members-table.ts';
import { decodeProfile, type Features, featuresOf } from '#domain/members/profile.ts';
import type { Coupons } from '#events/sections/coupons.ts';

/** What a presale needs to know of its campaign. */
export type Presale = {
  campaignId: string;
  startsAtMs: number;
  coupons: Coupons;
};

/** What a member could be given, by the rule of the member's arm. */
export type Considered = { member: string; hash: number } & (
  | { arm: 'engine'; options: Option[]; evaluation: Evaluation; features: Features }
  | { arm: 'baseline'; options: Pick<Option, 'offer' | 'pool' | 'value' | 'costFen'>[] }
);

/** Whether an offer of the campaign is open to a member, whatever arm the member is in: so arms are compared alike. */
export const isEligible = ({ offers }: Coupons, { tier }: Member): boolean =>
  offers.some(({ tiers }) => tiers === undefined || tiers.includes(tier));

/**
 * Considers a member for a presale: the same in both passes, since the noise is a function of the member and features are
 * those at the sale's start. Nothing for the control arm and for those no offer is open to.
 */
export const consider = (
  { campaignId, startsAtMs, coupons }: Presale,
  { member, tier, profile }: Member,
  model: Model = decidingModel,
): Considered | undefined => {
  const arm = armOf(coupons, member);
  const hash = memberHash(member);
  switch (arm) {
    case 'control':
      return undefined;
    case 'engine': {
      const features = featuresOf(decodeProfile(profile), startsAtMs);
      const noise = noiseOf(coupons.offers.length, 'presale', campaignId, member);
      const evaluation = evaluate({ coupons, features, tier, noise }, model);
      const options = evaluation.options.filter(({ value }) => value > 0);
      return options.length === 0 ? undefined : { member, hash, arm, options, evaluation, features };
    }
    case 'baseline': {
      const offer = coupons.offers.find(({ offerId }) => offerId === coupons.baselineOffer);
      if (offer === undefined || (offer.tiers !== undefined && !offer.tiers.includes(tier))) return undefined;
      const pool = coupons.budgets.findIndex((budget) => budget.pool === offer.pool);
      // The same coupon for everyone: all are worth the same, so the planner serves them in the order of a hash.
      const costFen = faceValueFen(offer);
      return { member, hash, arm, options: [{ offer, pool, value: costFen, costFen }] };
    }
    default:
      return arm satisfies never;
  }
};

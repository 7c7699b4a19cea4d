/** What a presale could give a member. */
import { memberHash } from '#domain/allocation/candidates.ts';
import { armOf } from '#domain/campaigns/arms.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { type DecidingModel, deciderFor } from '#domain/coupons/deciding-model.ts';
import { type Evaluation, evaluate, type Option } from '#domain/coupons/evaluate.ts';
import type { CouponIdKey } from '#domain/grants/coupon-id.ts';
import type { Member } from '#domain/members/members-table.ts';
import { decodeProfile, type Features, featuresOf } from '#domain/members/profile.ts';
import type { Coupons } from '#events/sections/coupons.ts';

/** What a presale needs to know of its campaign. */
export type Presale = {
  campaignId: string;
  startsAtMs: number;
  endsAtMs: number;
  coupons: Coupons;
  /** The same in all passes. */
  model: DecidingModel;
  /** The key of its coupons' ids; undefined if they have the former form. */
  idKey: CouponIdKey | undefined;
  /** The trace of the event that opened the campaign; the presale's coupons carry it. */
  traceparent?: string | undefined;
};

/** What a member could be given, by the rule of the member's arm. */
export type PresaleCandidate = { member: string; hash: number } & (
  | { arm: 'engine'; options: Option[]; evaluation: Evaluation; features: Features }
  | { arm: 'baseline'; options: Pick<Option, 'offer' | 'pool' | 'value' | 'costFen'>[] }
);

/**
 * What a presale could give a member. While the member's profile and tier stay the same, all passes get the same result: the
 * features are those at the sale's start. Undefined in the control arm, in the engine's arm if no offer open to the member is
 * worth anything, and in the baseline's arm if its offer is not open to the member.
 */
export const evaluateForPresale = (
  { startsAtMs, endsAtMs, coupons, model }: Presale,
  { member, tier, profile }: Member,
): PresaleCandidate | undefined => {
  const arm = armOf(coupons, member);
  const hash = memberHash(member);
  switch (arm) {
    case 'control':
      return undefined;
    case 'engine': {
      const features = featuresOf(decodeProfile(profile), startsAtMs);
      const evaluation = evaluate(
        { coupons, features, tier, occasion: 'presale', moment: { atMs: startsAtMs, startsAtMs, endsAtMs } },
        deciderFor(model, coupons, member).model,
      );
      const options = evaluation.options.filter(({ value }) => value > 0);
      return options.length === 0 ? undefined : { member, hash, arm, options, evaluation, features };
    }
    case 'baseline': {
      const offer = coupons.offers.find(({ offerId }) => offerId === coupons.baselineOffer);
      if (offer === undefined || (offer.tiers !== undefined && !offer.tiers.includes(tier))) return undefined;
      const pool = coupons.budgets.findIndex((budget) => budget.pool === offer.pool);
      // The same coupon for everyone. All members have the same value, so the planner serves them in the
      // order of a hash.
      const costFen = faceValueFen(offer);
      return { member, hash, arm, options: [{ offer, pool, value: costFen, costFen }] };
    }
    default:
      return arm satisfies never;
  }
};

/** Makes the examples that a model learns from. */
import { EFFECTS } from '#domain/grants/coupon-account.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { type Example, type ExampleKind, exampleIdOf, foldOf } from '#domain/learning/example.ts';
import { featuresOfSummary } from '#domain/members/feature-summary.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { GrantReason } from './decide.ts';
import { priorModel } from './model.ts';
import type { CouponReport } from './report.ts';
import { PRESALE_SLOT } from './slots.ts';
import { timeLeftShare } from './time-left.ts';
import { useFeatureSteps, useFeatures } from './use-features.ts';

/** An example and its campaign. */
export type CampaignExample = { settings: CampaignSettings; coupons: Coupons; example: Example };

type OfCampaign = Pick<CampaignExample, 'settings' | 'coupons'>;

const isPresales = ({ slot }: Grant, { budgets }: Coupons): boolean =>
  Number(slot) === PRESALE_SLOT && budgets.some(({ presaleShare }) => presaleShare > 0);

/**
 * The example that a coupon gives when it is issued, used or returned. It is made from the grant, which keeps
 * what was known when the coupon was issued, so that all three examples have the same features. Only grants of
 * the engine's arm keep this: other grants give no example. `trigger` is the id of the event that used or
 * returned the coupon.
 */
export const exampleOf = (
  kind: ExampleKind,
  grant: Grant,
  { settings, coupons }: OfCampaign,
  trigger = '',
): CampaignExample[] => {
  const { features: summary } = JSON.parse(grant.reason) as GrantReason;
  const offer = coupons.offers.find(({ offerId }) => offerId === grant.offer);
  if (summary === undefined || offer === undefined) return [];
  const features = featuresOfSummary(summary);
  const occasion = isPresales(grant, coupons) ? 'presale' : 'order';
  const [prior] = priorModel(features, [offer], occasion).offers;
  const timeShare = timeLeftShare(offer, { ...settings, atMs: grant.grantedMs });
  const example: Example = {
    id: exampleIdOf(kind, grant.id, trigger),
    timeMs: grant.expiresMs,
    kind,
    occasion,
    fold: foldOf(grant.member),
    features: useFeatureSteps(useFeatures(features, offer, prior!.pUsed), timeShare),
  };
  return [{ settings, coupons, example }];
};

const EFFECT_KINDS: readonly (readonly [effect: number, kind: ExampleKind])[] = [
  [EFFECTS.redeemed, 'redeemed'],
  [EFFECTS.returned, 'returned'],
];

/**
 * The examples that an order gives: of the coupons that it brought, and of those that it changed. A redelivery gives the same
 * examples again. Nothing more is learned from an erased member.
 */
export const examplesOf = (report: CouponReport): CampaignExample[] =>
  report.isErased ? [] : examplesOfKnown(report);

const examplesOfKnown = ({ order, campaigns, grants, coupons }: CouponReport): CampaignExample[] => [
  ...campaigns.flatMap((campaign) =>
    grants
      .filter(({ campaignId }) => campaignId === campaign.settings.campaignId)
      .flatMap((grant) => exampleOf('issued', grant, campaign)),
  ),
  ...coupons.flatMap(({ grant, effects, ...campaign }) =>
    EFFECT_KINDS.filter(([effect]) => (effects & effect) !== 0).flatMap(([, kind]) =>
      exampleOf(kind, grant, campaign, order.id),
    ),
  ),
];

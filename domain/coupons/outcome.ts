import type { RememberedOutcome } from '#domain/members/profile.ts';
import { digestOf } from '#platform/hash.ts';
import { WITHHOLD_REASONS, type WithholdReason } from './decide.ts';

/** What an event did to coupons. For `touched`, the details are stored with the coupons and read from them again. */
export type CouponResult = 'none' | 'touched' | 'refused-unknown' | 'refused-foreign' | 'too-many-lines';

/** The result of the decision on a next coupon in one campaign. */
export type DecisionResult = 'given' | WithholdReason;

/** A decision and its campaign. */
export type CampaignDecision = { campaignId: string; result: DecisionResult };

/**
 * The outcome of an event, remembered with its id: a redelivery republishes it unchanged and decides nothing again. Decisions
 * are remembered by campaign, so a redelivery that lists other campaigns never reports one campaign's decision as another's.
 */
export type CouponOutcome = { coupon: CouponResult; decisions: readonly CampaignDecision[] };

/** Stored codes are indexes into these lists, so the lists may only grow at their ends. An older version's results come first. */
const COUPON_RESULTS: readonly CouponResult[] = [
  'none',
  ...Array<CouponResult>(3).fill('touched'),
  'refused-unknown',
  'refused-foreign',
  ...Array<CouponResult>(4).fill('none'),
  ...Array<CouponResult>(3).fill('touched'),
  'too-many-lines',
];
const DECISION_RESULTS: readonly (DecisionResult | 'none')[] = ['none', 'given', ...WITHHOLD_REASONS];

const campaignHashOf = (campaignId: string): number => digestOf('campaign', campaignId).readUInt32LE(0);

export const encodeOutcome = ({ coupon, decisions }: CouponOutcome): RememberedOutcome => ({
  code: COUPON_RESULTS.indexOf(coupon),
  ofCampaigns: decisions.map(({ campaignId, result }) => ({
    campaign: campaignHashOf(campaignId),
    code: DECISION_RESULTS.indexOf(result),
  })),
});

/** The remembered outcome for these campaigns. A campaign that opened later has no decision in it. */
export const decodeOutcome = (
  { code, ofCampaigns }: RememberedOutcome,
  campaignIds: readonly string[],
): CouponOutcome => ({
  coupon: COUPON_RESULTS[code]!,
  decisions: campaignIds.flatMap((campaignId): CampaignDecision[] => {
    const hash = campaignHashOf(campaignId);
    const remembered = ofCampaigns.find(({ campaign }) => campaign === hash);
    const result = remembered && DECISION_RESULTS[remembered.code];
    return result === undefined || result === 'none' ? [] : [{ campaignId, result }];
  }),
});

/** Whether an outcome gave or touched a coupon. A redelivery must then read the member's grants. */
export const concernsGrants = ({ code, ofCampaigns }: RememberedOutcome): boolean =>
  COUPON_RESULTS[code] === 'touched' ||
  ofCampaigns.some((decision) => DECISION_RESULTS[decision.code] === 'given');

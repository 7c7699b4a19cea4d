/** The outcome of an order's event, and the codes in which a member's profile remembers it. */
import type { RememberedOutcome } from '#domain/members/profile.ts';
import { digestOf } from '#platform/hash.ts';
import { WITHHOLD_REASONS, type WithholdReason } from './decide.ts';
import type { Chance } from './explore.ts';

/** What an event did to coupons. For `touched`, the details are stored with the coupons and read from them again. */
export type CouponResult = 'none' | 'touched' | 'refused-unknown' | 'refused-foreign' | 'too-many-lines';

/** The result of the decision on a next coupon in one campaign. */
export type DecisionResult = 'given' | WithholdReason;

/**
 * A decision and its campaign. `chance` is set if nothing was given and another choice was possible by
 * chance.
 */
export type CampaignDecision = { campaignId: string; result: DecisionResult; chance?: Chance };

/**
 * The outcome of an event, remembered with its id: a redelivery republishes it unchanged and decides nothing again. Decisions
 * are remembered by campaign, so a redelivery that lists other campaigns never reports one campaign's decision as another's.
 */
export type CouponOutcome = { coupon: CouponResult; decisions: readonly CampaignDecision[] };

/**
 * Stored codes are indexes into these lists, so the lists may only grow at their ends. Further places of a
 * repeated result are codes that an older version stored.
 */
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

/** Besides the decision, a chance is remembered under these names and the campaign's id. Older versions ignore such entries. */
const CHANCE = 'chance';
const MORE_OFFERS = 'more-offers';
const chanceHashOf = (name: string, campaignId: string): number => digestOf(name, campaignId).readUInt32LE(0);
/**
 * A code has four bits. One says whether the choice was the best one. The other three hold the remainder of the
 * number of offers divided by this; the quotient is the code under `MORE_OFFERS`.
 */
const FEW_OFFERS = 8;
const CODES = 16;

const chanceCodes = (campaignId: string, { offers, isBest }: Chance): RememberedOutcome['ofCampaigns'] => {
  const more = Math.min(Math.floor(offers / FEW_OFFERS), CODES - 1);
  const code = (offers % FEW_OFFERS) * 2 + (isBest ? 1 : 0);
  return [
    { campaign: chanceHashOf(CHANCE, campaignId), code },
    ...(more === 0 ? [] : [{ campaign: chanceHashOf(MORE_OFFERS, campaignId), code: more }]),
  ];
};

const rememberedChance = (
  ofCampaigns: RememberedOutcome['ofCampaigns'],
  campaignId: string,
): Chance | undefined => {
  const codeOf = (name: string): number | undefined =>
    ofCampaigns.find(({ campaign }) => campaign === chanceHashOf(name, campaignId))?.code;
  const code = codeOf(CHANCE);
  if (code === undefined) return undefined;
  return { offers: (codeOf(MORE_OFFERS) ?? 0) * FEW_OFFERS + (code >> 1), isBest: code % 2 === 1 };
};

export const encodeOutcome = ({ coupon, decisions }: CouponOutcome): RememberedOutcome => ({
  code: COUPON_RESULTS.indexOf(coupon),
  ofCampaigns: decisions.flatMap(({ campaignId, result, chance }) => [
    { campaign: campaignHashOf(campaignId), code: DECISION_RESULTS.indexOf(result) },
    ...(chance === undefined ? [] : chanceCodes(campaignId, chance)),
  ]),
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
    if (result === undefined || result === 'none') return [];
    const chance = rememberedChance(ofCampaigns, campaignId);
    return [{ campaignId, result, ...(chance && { chance }) }];
  }),
});

/**
 * Whether an outcome gave or touched a coupon, so that a redelivery must read the member's grants. It may also be true without
 * need, because the code of a chance may be the same as that of a given coupon.
 */
export const concernsGrants = ({ code, ofCampaigns }: RememberedOutcome): boolean =>
  COUPON_RESULTS[code] === 'touched' ||
  ofCampaigns.some((decision) => DECISION_RESULTS[decision.code] === 'given');

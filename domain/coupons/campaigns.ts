import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { type Prices, readPrices } from '#domain/campaigns/prices.ts';
import { type CampaignSettings, campaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';

/** How long a process goes by the prices it read: the pacer moves them once a minute. */
const PRICES_MAX_AGE_MS = 5_000;
/** How long a campaign that is not there counts as that: anybody can name one on an order. */
const ABSENT_MAX_AGE_MS = 5_000;
/** Names of absent campaigns that are kept, so that they cannot fill the memory. */
const MAX_ABSENT = 1_000;

export type CouponCampaign = { settings: CampaignSettings; coupons: Coupons };

/** A definition never changes once it is there. */
const present = new Map<string, CouponCampaign>();
const absentSinceMs = new Map<string, number>();
const prices = new Map<string, { prices: Prices; readMs: number }>();

/** A campaign with coupons; undefined where there is none of this id. */
export const couponCampaign = async (
  campaignId: string,
  nowMs: number,
): Promise<CouponCampaign | undefined> => {
  const known = present.get(campaignId);
  if (known !== undefined) return known;
  if (nowMs - (absentSinceMs.get(campaignId) ?? Number.NEGATIVE_INFINITY) < ABSENT_MAX_AGE_MS)
    return undefined;
  const definition = await readDefinition(campaignId);
  if (definition?.coupons === undefined) {
    if (absentSinceMs.size >= MAX_ABSENT) absentSinceMs.clear();
    absentSinceMs.set(campaignId, nowMs);
    return undefined;
  }
  const campaign = { settings: campaignSettings(definition), coupons: definition.coupons };
  present.set(campaignId, campaign);
  return campaign;
};

/** The prices of a campaign as of at most five seconds ago. */
export const currentPrices = async (campaignId: string, nowMs: number): Promise<Prices> => {
  let known = prices.get(campaignId);
  if (known === undefined || nowMs - known.readMs > PRICES_MAX_AGE_MS) {
    known = { prices: (await readPrices(campaignId)).prices, readMs: nowMs };
    prices.set(campaignId, known);
  }
  return known.prices;
};

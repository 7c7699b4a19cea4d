import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';
import { WEEK_DAYS, WEEK_END_MS, WEEK_MS } from '#simulator/week.ts';
import type { World } from '#simulator/worlds.ts';

/** The id of the campaign, which lasts a week. */
export const CAMPAIGN = 'week';
const POOL = 'platform';
/** The key of the campaign's only budget. */
export const BUDGET = `engine/${POOL}`;

const VALID_HOURS = 12;
/** At the usual face value, the money is enough to give a coupon for one in this many orders. */
const ORDERS_PER_COUPON = 4;
const USUAL_FACE_FEN = 800;

export const OFFERS: Offer[] = [
  { offerId: '10-off-99', thresholdFen: 9_900, discountFen: 1_000, scope: 'all' as const },
  { offerId: '5-off-59', thresholdFen: 5_900, discountFen: 500, scope: 'all' as const },
  { offerId: 'near-8-off-69', thresholdFen: 6_900, discountFen: 800, scope: 'near' as const },
  { offerId: '20-off-199', thresholdFen: 19_900, discountFen: 2_000, scope: 'all' as const },
].map((offer) => ({ ...offer, pool: POOL, validHours: VALID_HOURS }));

/** What the offers cost, in fen. */
export const OFFER_COSTS = OFFERS.map(faceValueFen);

/** The definition of the campaign in a world, with `money` times as much money as usual. */
export const definitionOf = (
  { perDay }: World,
  members: number,
  { money, ...changes }: Partial<Coupons> & { money: number },
): CampaignDefinition & { coupons: Coupons } => ({
  campaignId: CAMPAIGN,
  startsAt: new Date(WEEK_MS).toISOString(),
  endsAt: new Date(WEEK_END_MS).toISOString(),
  metrics: { windowSeconds: HOUR_MS / 1_000, horizonHours: DAY_MS / HOUR_MS },
  coupons: {
    budgets: [
      {
        pool: POOL,
        totalFen: Math.round((money * members * perDay * WEEK_DAYS * USUAL_FACE_FEN) / ORDERS_PER_COUPON),
        presaleShare: 0,
      },
    ],
    offers: OFFERS,
    salt: CAMPAIGN,
    objective: 'redemptions',
    perMemberLimit: 20,
    model: 'learned',
    ...changes,
  },
});

export const dayOf = (timeMs: number): number => Math.floor((timeMs - WEEK_MS) / DAY_MS);

/** The definitions of the simulated campaigns: this year's sale, last year's, and the time between them. */
import { type CampaignDefinition, formatTime } from '#events/contract.ts';
import type { Coupons, DiscountOffer } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';
import type { Size } from './announced.ts';
import { EVERYDAY_END_MS, EVERYDAY_MS, LAST_SALE_MS, PRESALE_MS, SALE_END_MS, SALE_MS } from './calendar.ts';

export const SALE = 'double11-2026';
const SALE_NAME = 'Double 11 2026';
export const LAST_SALE = 'double11-2025';
export const EVERYDAY = 'everyday-2026';

export const TOP_TIER = '88vip';

/** In hours, two years: events of a year ago are still accepted. */
const HORIZON_HOURS = 17_520;
const MINUTE_SECONDS = 60;
/** One window for a year: no figure of the everyday campaign is shown over time. */
const YEAR_SECONDS = 366 * 86_400;
const YEAR_HOURS = 8_760;

/** The coupon money of the one-hour sale at scale 1, in fen: only enough for some members, so it matters who gets a coupon. */
const COUPON_BUDGET_FEN = 24_000_000;
const PRESALE_SHARE = 0.8;
const COUPONS_PER_MEMBER = 2;

/** The free orders' money up to scale 1, in fen; it grows with a larger scale. */
const FREE_ORDER_BUDGET_FEN = 3_000_000;
const FREE_ORDER_CAP_FEN = 20_000;
const FREE_ORDER_MINIMUM_FEN = 1_000;

const percent = (engine: number, baseline: number, control: number) => ({ engine, baseline, control });

/** This year's coupons. The arms' sizes are chosen for the experiment: the two small arms decide how precise its result is. */
export const saleCoupons = (scale: number): Coupons => ({
  budgets: [
    { pool: 'platform', totalFen: Math.round(COUPON_BUDGET_FEN * scale), presaleShare: PRESALE_SHARE },
  ],
  offers: [
    {
      offerId: '10-off-99',
      pool: 'platform',
      thresholdFen: 9_900,
      discountFen: 1_000,
      scope: 'all',
      validHours: 24,
    },
    {
      offerId: '5-off-59',
      pool: 'platform',
      thresholdFen: 5_900,
      discountFen: 500,
      scope: 'all',
      validHours: 24,
    },
    {
      offerId: 'near-8-off-69',
      pool: 'platform',
      thresholdFen: 6_900,
      discountFen: 800,
      scope: 'near',
      validHours: 24,
    },
    {
      offerId: 'vip-20-off-159',
      pool: 'platform',
      thresholdFen: 15_900,
      discountFen: 2_000,
      scope: 'all',
      tiers: [TOP_TIER],
      validHours: 24,
    },
  ],
  arms: percent(60, 20, 20),
  salt: 'double11-2026',
  objective: 'redemptions',
  perMemberLimit: COUPONS_PER_MEMBER,
  shards: 4,
  baselineOffer: '10-off-99',
});

/** A trial of one coupon on one member in a hundred. The others are its control, so that their orders are remembered too. */
const trial = (salt: string, totalFen: number, offer: Omit<DiscountOffer, 'scope'>): Coupons => ({
  budgets: [{ pool: offer.pool, totalFen, presaleShare: 0 }],
  offers: [{ ...offer, scope: 'all' }],
  arms: percent(1, 0, 99),
  salt,
  objective: 'conversions',
  perMemberLimit: 1,
  shards: 1,
});

export const lastSaleDefinition = (): CampaignDefinition => ({
  campaignId: LAST_SALE,
  startsAt: formatTime(LAST_SALE_MS),
  endsAt: formatTime(LAST_SALE_MS + HOUR_MS),
  metrics: { windowSeconds: MINUTE_SECONDS, horizonHours: HORIZON_HOURS },
  coupons: trial(LAST_SALE, 1_000_000, {
    offerId: '10-off-99',
    pool: 'trial',
    thresholdFen: 9_900,
    discountFen: 1_000,
    validHours: 24,
  }),
});

/** The days between the sales. */
export const everydayDefinition = (): CampaignDefinition => ({
  campaignId: EVERYDAY,
  startsAt: formatTime(EVERYDAY_MS),
  endsAt: formatTime(EVERYDAY_END_MS),
  metrics: { windowSeconds: YEAR_SECONDS, horizonHours: HORIZON_HOURS },
  coupons: trial(EVERYDAY, 1_000_000_000, {
    offerId: '3-off-30',
    pool: 'thanks',
    thresholdFen: 3_000,
    discountFen: 300,
    validHours: YEAR_HOURS,
  }),
});

/** This year's sale. `stores` are those that take part in the free-order promotion. */
export const saleDefinition = (scale: number, { lineFen }: Size, stores: string[]): CampaignDefinition => ({
  campaignId: SALE,
  startsAt: formatTime(SALE_MS),
  endsAt: formatTime(SALE_END_MS),
  metrics: { windowSeconds: MINUTE_SECONDS, brandLineFen: lineFen },
  compareWith: LAST_SALE,
  presaleAt: formatTime(PRESALE_MS),
  display: { name: SALE_NAME, timeZone: 'Asia/Shanghai' },
  coupons: saleCoupons(scale),
  freeOrders: {
    mode: 'instant',
    odds: { win: 1, in: 50 },
    channels: ['near'],
    stores,
    minimumPaidFen: FREE_ORDER_MINIMUM_FEN,
    perMember: 1,
    capFen: FREE_ORDER_CAP_FEN,
    quota: Math.round(1_000 * Math.max(1, scale)),
    budgetFen: Math.round(FREE_ORDER_BUDGET_FEN * Math.max(1, scale)),
  },
});

import type { FreeOrders } from '#events/sections/free-orders.ts';
import { instantRules, slotRules } from '../free-orders/factory.ts';

const COUPONS = {
  budgets: [
    { pool: 'platform', totalFen: 1_000_000, presaleShare: 0.5 },
    { pool: 'stores', totalFen: 500_000, presaleShare: 0 },
  ],
  offers: [
    {
      offerId: 'ten',
      pool: 'platform',
      thresholdFen: 5_000,
      discountFen: 1_000,
      scope: 'all',
      validHours: 2,
    },
    {
      ...{ offerId: 'brands', pool: 'stores', thresholdFen: 9_000, discountFen: 2_000, validHours: 24 },
      ...{ scope: 'brands', brands: ['lotus', 'jade'], tiers: ['88vip'] },
    },
  ],
  arms: { engine: 60, baseline: 30, control: 10 },
  salt: 'salt',
  objective: 'redemptions',
  perMemberLimit: 3,
  shards: 4,
  baselineOffer: 'ten',
  settlementHours: 24,
  fallsWithOrder: true,
  model: 'own',
  ownModel: { intercept: 0.1, coefficients: { recencyDays: 0.2, discountFen: 0.0001 } },
};

const CONDITIONS = {
  channels: ['near'],
  stores: ['store-1', 'store-2'],
  dailyHours: [{ from: '22:00', to: '02:00' }],
  tiers: ['88vip'],
  blockedMembers: ['member-9'],
  perMember: 3,
  perMemberPerDay: 1,
  firstOrderOnly: true,
  minimumPaidFen: 1_000,
} as const;

const definitionWith = (freeOrders: FreeOrders): object => ({
  campaignId: 'double11',
  startsAt: '2026-11-10T16:00:00.000Z',
  endsAt: '2026-11-11T16:00:00.000Z',
  presaleAt: '2026-11-10T12:00:00.000Z',
  compareWith: 'double11-2025',
  metrics: { windowSeconds: 10, shards: 2, horizonHours: 24, brandLineFen: 10_000_000 },
  coupons: COUPONS,
  freeOrders,
  display: { name: '双11 ❤️', currency: 'CNY', timeZone: 'Asia/Shanghai', locale: 'zh-CN' },
});

/** Definitions that between them have every section and nearly every field. */
export const DEFINITIONS: readonly object[] = [
  definitionWith(instantRules({ ...CONDITIONS, channels: ['near'] } as never)),
  definitionWith(slotRules({ ...CONDITIONS, channels: ['near'] } as never)),
];

import type { OrderEvent } from '#domain/members/member-event.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { Coupons, DiscountOffer } from '#events/sections/coupons.ts';

export const START_MS = Date.parse('2026-11-10T12:00:00.000Z');
export const END_MS = Date.parse('2026-11-11T12:00:00.000Z');

export const offer = (changes: Partial<DiscountOffer> = {}): DiscountOffer => ({
  offerId: 'ten',
  pool: 'platform',
  thresholdFen: 5_000,
  discountFen: 1_000,
  scope: 'all',
  validHours: 24,
  ...changes,
});

/** One pool without a presale, one offer, everybody in the engine's arm. */
export const coupons = (changes: Partial<Coupons> = {}): Coupons => ({
  budgets: [{ pool: 'platform', totalFen: 1_000_000, presaleShare: 0 }],
  offers: [offer()],
  salt: 'salt',
  objective: 'incremental-gmv',
  perMemberLimit: 3,
  shards: 4,
  epsilon: 0,
  ...changes,
});

export const definition = (campaignId: string, section: Coupons = coupons()): CampaignDefinition => ({
  campaignId,
  startsAt: new Date(START_MS).toISOString(),
  endsAt: new Date(END_MS).toISOString(),
  metrics: { horizonHours: 876_000 },
  coupons: section,
});

export const order = (changes: Partial<OrderEvent> = {}): OrderEvent => ({
  kind: 'paid',
  id: 'AAAAAAAAAAAAAAAA',
  timeMs: START_MS + 1_000,
  member: 'm1',
  orderId: 'o1',
  brand: 'lotus',
  channel: 'far',
  storeId: '',
  amountFen: 20_000,
  couponId: '',
  ...changes,
});

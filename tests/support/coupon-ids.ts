import { hash } from 'node:crypto';
import { CouponIdKey, couponIdOf } from '#domain/grants/coupon-id.ts';

/** The text of the secret behind coupon ids, as test runtimes read it. */
export const COUPON_SECRET = 'a text behind the ids of coupons';

/** The key of a campaign's coupon ids, as test runtimes derive it. */
export const idKeyIn = (campaignId: string): CouponIdKey =>
  new CouponIdKey(hash('sha256', COUPON_SECRET, 'buffer'), campaignId);

/** The id of the coupon that an event has brought; `trigger` is the event's id in the pipeline. */
export const couponIdBy = (trigger: string, campaignId: string, member: string, slot: number): string =>
  couponIdOf({ campaignId, slot, member, trigger }, idKeyIn(campaignId));

/** The id of a coupon in a campaign that the previous version opened: it does not depend on the event that brought the coupon. */
export const formerCouponId = (campaignId: string, member: string, slot: number): string =>
  couponIdOf({ campaignId, slot, member, trigger: '' }, undefined);

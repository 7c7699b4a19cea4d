import type { StoredDefinition } from '#domain/campaigns/campaigns-table.ts';
import { masterKey } from '#platform/master-key.ts';
import type { Runtime } from '#platform/runtime.ts';
import { CouponIdKey } from './coupon-id.ts';

/**
 * The key of the ids of a campaign's coupons; undefined for a campaign that the previous version opened, whose ids are made
 * without a key.
 */
export const couponIdKey = async (
  runtime: Runtime,
  { definition, hasKeyedCouponIds }: StoredDefinition,
): Promise<CouponIdKey | undefined> =>
  hasKeyedCouponIds
    ? new CouponIdKey(await masterKey(runtime, 'COUPON_SECRET'), definition.campaignId)
    : undefined;

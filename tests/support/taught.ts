import { type CampaignExample, exampleOf } from '#domain/coupons/examples.ts';
import { EFFECTS } from '#domain/grants/coupon-account.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { Example } from '#domain/learning/example.ts';

const KINDS = [
  [EFFECTS.redeemed, 'redeemed'],
  [EFFECTS.returned, 'returned'],
] as const;

/**
 * The examples that a stored grant gives. `ids` maps what a coupon's account keeps of an order's event to the
 * event's id.
 */
export const taughtBy = (
  grant: StoredGrant,
  campaign: Omit<CampaignExample, 'example'>,
  ids: ReadonlyMap<string, string>,
): Example[] =>
  [
    ...exampleOf('issued', grant, campaign),
    ...(grant.redemption?.lines ?? []).flatMap(({ id, effects }) =>
      KINDS.filter(([effect]) => (effects & effect) !== 0).flatMap(([, kind]) =>
        exampleOf(kind, grant, campaign, ids.get(id)!),
      ),
    ),
  ].map(({ example }) => example);

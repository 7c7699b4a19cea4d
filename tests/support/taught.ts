import { type CampaignExample, exampleOf } from '#domain/coupons/examples.ts';
import { EFFECTS } from '#domain/grants/coupon-account.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { Example } from '#domain/learning/example.ts';

const KINDS = [
  [EFFECTS.redeemed, 'redeemed'],
  [EFFECTS.returned, 'returned'],
] as const;

/**
 * The examples that models learn from a stored grant. `ids` maps the part of an event's id that a coupon's account
 * keeps to the whole id.
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

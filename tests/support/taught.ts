import { type CampaignExample, exampleOf } from '#domain/coupons/examples.ts';
import { EFFECTS } from '#domain/grants/coupon-account.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { Example } from '#domain/learning/example.ts';

const KINDS = [
  [EFFECTS.redeemed, 'redeemed'],
  [EFFECTS.returned, 'returned'],
] as const;

/** What a grant teaches as it stands in the table. `ids` are those of orders' events, by what a coupon's account keeps of them. */
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

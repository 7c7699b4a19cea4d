import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '#platform/item.ts';
import type { Grant, GrantKind, GrantState, Redemption, StoredGrant } from './grant.ts';

/**
 * A grant as an item of the grants table. Attributes are only ever added, and a reader takes an absent one for empty, so
 * that the versions of one deployment read each other's items.
 */

/** Where a grant is. */
export type GrantKey = Pick<Grant, 'member' | 'campaignId' | 'kind' | 'slot'>;

const sortKeyOf = (campaignId: string, kind: GrantKind, slot: string): string =>
  `${campaignId}#${kind}#${slot}`;

/** The key of a grant's item: (member, `campaign#kind#slot`). */
export const grantKeyOf = ({ member, campaignId, kind, slot }: GrantKey): Item => ({
  member: { S: member },
  grant: { S: sortKeyOf(campaignId, kind, slot) },
});

/** The item of a grant as it is made. */
export const itemOfGrant = (grant: Grant): Item => ({
  ...grantKeyOf(grant),
  id: { S: grant.id },
  state: { S: 'live' satisfies GrantState },
  budget: { S: grant.budget },
  faceFen: { N: String(grant.faceFen) },
  offer: { S: grant.offer },
  trigger: { S: grant.trigger },
  grantedMs: { N: String(grant.grantedMs) },
  expiresMs: { N: String(grant.expiresMs) },
  reason: { S: grant.reason },
});

/** The attribute of a redemption; fields that are empty are left out. */
export const redemptionAttribute = (redemption: Redemption): AttributeValue => ({
  M: {
    orderId: { S: redemption.orderId },
    paidFen: { N: String(redemption.paidFen) },
    refundedFen: { N: String(redemption.refundedFen) },
    ...(redemption.refundedMs === 0 ? {} : { refundedMs: { N: String(redemption.refundedMs) } }),
    ...(redemption.earlier.length === 0
      ? {}
      : { earlier: { L: redemption.earlier.map((orderId) => ({ S: orderId })) } }),
  },
});

const redemptionOf = (attributes: Item): Redemption => ({
  orderId: attributes.orderId!.S!,
  paidFen: Number(attributes.paidFen!.N),
  refundedFen: Number(attributes.refundedFen!.N),
  refundedMs: Number(attributes.refundedMs?.N ?? 0),
  earlier: (attributes.earlier?.L ?? []).map(({ S: orderId }) => orderId!),
});

/** A grant from its item, such as a scan of the table gives. */
export const grantOfItem = (item: Item): StoredGrant => {
  const [campaignId, kind, slot] = item.grant!.S!.split('#') as [string, GrantKind, string];
  const redemption = item.redemption?.M;
  return {
    campaignId,
    member: item.member!.S!,
    kind,
    slot,
    id: item.id!.S!,
    state: item.state!.S as GrantState,
    budget: item.budget!.S!,
    faceFen: Number(item.faceFen!.N),
    offer: item.offer!.S!,
    trigger: item.trigger!.S!,
    grantedMs: Number(item.grantedMs!.N),
    expiresMs: Number(item.expiresMs!.N),
    reason: item.reason!.S!,
    changes: Number(item.changes?.N ?? 0),
    ...(redemption === undefined ? {} : { redemption: redemptionOf(redemption) }),
  };
};

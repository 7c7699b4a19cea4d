import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { eventIdOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import { type AccountLine, decodeAccount, encodeAccount, orderKeyOf } from './coupon-account.ts';
import type { Grant, GrantKind, GrantState, Redemption, StoredGrant } from './grant.ts';
import { lineHashOf, lineIdOf, type OrderLine } from './order-line.ts';

// A grant as an item of the grants table. An attribute that a version adds may be absent, which a reader treats as empty, so that old
// and new versions can read each other's items during a deployment. (`earlier` is the former name of `otherOrders`.)

/** What identifies a grant. */
export type GrantKey = Pick<Grant, 'member' | 'campaignId' | 'kind' | 'slot'>;

const sortKeyOf = (campaignId: string, kind: GrantKind, slot: string): string =>
  `${campaignId}#${kind}#${slot}`;

/** The key of a grant's item: (member, `campaign#kind#slot`). */
export const grantKeyOf = ({ member, campaignId, kind, slot }: GrantKey): Item => ({
  member: { S: member },
  grant: { S: sortKeyOf(campaignId, kind, slot) },
});

/** The item of a grant as it is made, or as it is refused for good. */
export const itemOfGrant = (grant: Grant, state: 'live' | 'refused' = 'live'): Item => ({
  ...grantKeyOf(grant),
  id: { S: grant.id },
  state: { S: state },
  budget: { S: grant.budget },
  faceFen: { N: String(grant.faceFen) },
  offer: { S: grant.offer },
  trigger: { S: grant.trigger },
  grantedMs: { N: String(grant.grantedMs) },
  expiresMs: { N: String(grant.expiresMs) },
  reason: { S: grant.reason },
});

/** The attribute of a redemption. An older version reads only the first three fields. */
export const redemptionAttribute = (redemption: Redemption, { grantedMs }: Grant): AttributeValue => ({
  M: {
    orderId: { S: redemption.orderId },
    paidFen: { N: String(redemption.paidFen) },
    refundedFen: { N: String(redemption.refundedFen) },
    lines: { B: encodeAccount(redemption.lines, grantedMs) },
    ...(redemption.otherOrders.length === 0
      ? {}
      : { otherOrders: { L: redemption.otherOrders.map((orderId) => ({ S: orderId })) } }),
  },
});

/** The line that stands for all payments or all refunds of an order in an account of an older version, which only kept sums. */
const sumLine = (kind: OrderLine['kind'], orderId: string, fen: number, grant: Grant): AccountLine => ({
  id: lineIdOf(eventIdOf(`/zhihui/sum/${kind}`, `${grant.id}/${orderId}`)),
  order: orderKeyOf(orderId),
  kind,
  channel: 'far',
  timeMs: grant.grantedMs,
  fen,
  discountFen: 0,
  brand: '',
  source: '',
  coupon: lineHashOf(grant.id),
  effects: 0,
});

/**
 * Turns an account of sums into lines without brands. The latest order becomes a payment and, if anything came back, a refund.
 * The amounts of earlier orders are not known: 1 fen paid and refunded stands for each of these orders.
 */
const linesOfSums = (attributes: Item, grant: Grant): AccountLine[] => {
  const earlier = (attributes.earlier?.L ?? []).map(({ S: orderId }) => orderId!);
  const refundedFen = Number(attributes.refundedFen!.N);
  const orderId = attributes.orderId!.S!;
  return [
    ...earlier.flatMap((one) => [sumLine('paid', one, 1, grant), sumLine('refunded', one, 1, grant)]),
    sumLine('paid', orderId, Number(attributes.paidFen!.N), grant),
    ...(refundedFen === 0 ? [] : [sumLine('refunded', orderId, refundedFen, grant)]),
  ];
};

const redemptionOf = (attributes: Item, grant: Grant): Redemption => ({
  orderId: attributes.orderId!.S!,
  paidFen: Number(attributes.paidFen!.N),
  refundedFen: Number(attributes.refundedFen!.N),
  otherOrders: ((attributes.otherOrders ?? attributes.earlier)?.L ?? []).map(({ S: orderId }) => orderId!),
  lines:
    attributes.lines === undefined
      ? linesOfSums(attributes, grant)
      : decodeAccount(attributes.lines.B!, grant.grantedMs),
});

/** Reads a grant from its item, which may come from a scan of the table. */
export const grantOfItem = (item: Item): StoredGrant => {
  const [campaignId, kind, slot] = item.grant!.S!.split('#') as [string, GrantKind, string];
  const redemption = item.redemption?.M;
  const grant: Grant = {
    campaignId,
    member: item.member!.S!,
    kind,
    slot,
    id: item.id!.S!,
    budget: item.budget!.S!,
    faceFen: Number(item.faceFen!.N),
    offer: item.offer!.S!,
    trigger: item.trigger!.S!,
    grantedMs: Number(item.grantedMs!.N),
    expiresMs: Number(item.expiresMs!.N),
    reason: item.reason!.S!,
  };
  return {
    ...grant,
    state: item.state!.S as GrantState,
    changes: Number(item.changes?.N ?? 0),
    ...(redemption === undefined ? {} : { redemption: redemptionOf(redemption, grant) }),
  };
};

/** Reads the grants in these items, without those that were refused for good. */
export const grantsOfItems = (items: readonly Item[]): StoredGrant[] =>
  items.map(grantOfItem).filter(({ state }) => state !== 'refused');

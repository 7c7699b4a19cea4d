import type { Item } from './observation.ts';

/** A grant as the oracle reads it from its item. */
export type SeenGrant = {
  readonly key: string;
  readonly member: string;
  readonly campaignId: string;
  readonly kind: string;
  readonly slot: string;
  readonly id: string;
  readonly state: string;
  readonly budget: string;
  readonly faceFen: number;
  readonly offer: string;
  readonly trigger: string;
  readonly grantedMs: number;
  readonly expiresMs: number;
  readonly reason: Record<string, unknown>;
  readonly use: { orderId: string; paidFen: number; refundedFen: number } | undefined;
};

const numberOf = (item: Item | undefined, name: string): number => Number(item?.[name]?.N ?? Number.NaN);

export const seenGrant = (key: string, item: Item): SeenGrant => {
  const [campaignId = '', kind = '', slot = ''] = item.grant!.S!.split('#');
  const use = item.redemption?.M;
  return {
    key,
    member: item.member!.S!,
    campaignId,
    kind,
    slot,
    id: item.id!.S!,
    state: item.state!.S!,
    budget: item.budget!.S!,
    faceFen: numberOf(item, 'faceFen'),
    offer: item.offer!.S!,
    trigger: item.trigger!.S!,
    grantedMs: numberOf(item, 'grantedMs'),
    expiresMs: numberOf(item, 'expiresMs'),
    reason: JSON.parse(item.reason!.S!) as Record<string, unknown>,
    use: use && {
      orderId: use.orderId!.S!,
      paidFen: numberOf(use, 'paidFen'),
      refundedFen: numberOf(use, 'refundedFen'),
    },
  };
};

import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { grantsOfItems } from '#domain/grants/grant-item.ts';
import { formatTime } from '#events/contract.ts';
import type { Target } from './target.ts';

/** A grant as it is exported: the same columns for every kind of grant. */
export type GrantLine = {
  id: string;
  campaignId: string;
  memberId: string;
  kind: string;
  offerId: string;
  budget: string;
  amountFen: number;
  state: string;
  grantedAt: string;
  expiresAt: string;
  trigger: string;
  /** The order that uses it; empty for a coupon that is not used. */
  orderId: string;
  reason: string;
};

export const GRANT_COLUMNS = [
  ...(['id', 'campaignId', 'memberId', 'kind', 'offerId', 'budget', 'amountFen', 'state'] as const),
  ...(['grantedAt', 'expiresAt', 'trigger', 'orderId', 'reason'] as const),
] as const satisfies readonly (keyof GrantLine)[];

/**
 * Every grant, or those of one campaign, in no order. It is a scan of the table, a page in memory at a time, so what is granted
 * meanwhile may or may not be in it.
 */
export const allGrants = async function* (
  { runtime }: Target,
  campaignId: string | undefined,
): AsyncGenerator<GrantLine> {
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await runtime.dynamodb.send(
      new ScanCommand({
        TableName: runtime.environment('GRANTS_TABLE'),
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const grant of grantsOfItems(page.Items ?? [])) {
      if (campaignId !== undefined && grant.campaignId !== campaignId) continue;
      const { id, member, kind, offer, budget, faceFen, state, grantedMs, expiresMs, trigger, reason } =
        grant;
      yield {
        ...{ id, kind, budget, state, trigger, reason, campaignId: grant.campaignId, memberId: member },
        offerId: offer,
        amountFen: faceFen,
        grantedAt: formatTime(grantedMs),
        expiresAt: formatTime(expiresMs),
        orderId: grant.redemption?.orderId ?? '',
      };
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
};

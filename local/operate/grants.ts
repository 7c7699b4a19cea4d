import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { StoredGrant } from '#domain/grants/grant.ts';
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
  /** The order that uses a coupon or used it last; empty for a coupon never used, and for a win, whose order is in `reason`. */
  orderId: string;
  reason: string;
};

export const GRANT_COLUMNS = [
  ...(['id', 'campaignId', 'memberId', 'kind', 'offerId', 'budget', 'amountFen', 'state'] as const),
  ...(['grantedAt', 'expiresAt', 'trigger', 'orderId', 'reason'] as const),
] as const satisfies readonly (keyof GrantLine)[];

/**
 * The stored grants, in no particular order. The table is scanned with one page in memory at a time, so what
 * is granted meanwhile may or may not be among them.
 */
export const scanGrants = async function* ({ runtime }: Target): AsyncGenerator<StoredGrant> {
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await runtime.dynamodb.send(
      new ScanCommand({
        TableName: runtime.environment('GRANTS_TABLE'),
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    yield* grantsOfItems(page.Items ?? []);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
};

/** Every grant, or those of one campaign; see {@link scanGrants}. */
export const allGrants = async function* (
  target: Target,
  campaignId: string | undefined,
): AsyncGenerator<GrantLine> {
  for await (const grant of scanGrants(target)) {
    if (campaignId !== undefined && grant.campaignId !== campaignId) continue;
    const { id, member, kind, offer, budget, faceFen, state, grantedMs, expiresMs, trigger, reason } = grant;
    yield {
      ...{ id, kind, budget, state, trigger, reason, campaignId: grant.campaignId, memberId: member },
      offerId: offer,
      amountFen: faceFen,
      grantedAt: formatTime(grantedMs),
      expiresAt: formatTime(expiresMs),
      orderId: grant.redemption?.orderId ?? '',
    };
  }
};

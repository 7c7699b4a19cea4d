/** Scans the grants table for grants that have expired unused. */
import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { grantOfItem } from '#domain/grants/grant-item.ts';
import type { Runtime } from '#platform/runtime.ts';

/** A page of a scan of the grants table: the grants that still hold money though they have expired. */
export type ExpiredPage = { expired: StoredGrant[]; cursor: string | undefined };

/** The number of grants that are read for a page, expired or not. */
const PAGE_GRANTS = 1_000;

/**
 * Reads a page of all grants after a cursor, and returns those that have expired unused by `nowMs`.
 *
 * A scan costs half a read unit for each 4 KB, about USD 0.006 for a million grants. An index by expiry would answer at once and
 * cost two write units for each grant (one to add it, one to remove it), USD 1.25 for a million: the price of some 200 scans.
 */
export const scanExpired = async (
  runtime: Runtime,
  cursor: string | undefined,
  nowMs: number,
): Promise<ExpiredPage> => {
  const { Items: items = [], LastEvaluatedKey: last } = await runtime.dynamodb.send(
    new ScanCommand({
      TableName: runtime.environment('GRANTS_TABLE'),
      Limit: PAGE_GRANTS,
      FilterExpression: '#state = :live AND expiresMs <= :now',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':live': { S: 'live' }, ':now': { N: String(nowMs) } },
      ...(cursor === undefined
        ? {}
        : { ExclusiveStartKey: JSON.parse(cursor) as Record<string, AttributeValue> }),
    }),
  );
  return { expired: items.map(grantOfItem), cursor: last && JSON.stringify(last) };
};

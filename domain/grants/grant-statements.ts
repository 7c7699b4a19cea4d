import {
  ConditionalCheckFailedException,
  GetItemCommand,
  type Put,
  PutItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { expiryOf } from '#domain/campaigns/retention.ts';
import { batchGet } from '#platform/batch-get.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Grant, StoredGrant } from './grant.ts';
import type { GrantChange } from './grant-claim.ts';
import { type GrantKey, grantKeyOf, grantsOfItems, itemOfGrant, redemptionAttribute } from './grant-item.ts';

/**
 * Statements on the grants table: its reads by key or member, the actions that transactions are made of, and the refusal of a
 * grant. The scan for expired grants is in `pacing/expired-grants.ts`, the moves of an erased member's grants are in
 * `erasure/move-grants.ts`.
 */

const tableName = (runtime: Runtime): string => runtime.environment('GRANTS_TABLE');

/** One grant, strongly consistent. */
export const readGrant = async (runtime: Runtime, key: GrantKey): Promise<StoredGrant | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: tableName(runtime), Key: grantKeyOf(key), ConsistentRead: true }),
  );
  return item && grantsOfItems([item])[0];
};

/** The grants under these distinct keys, as far as they exist; in no order, and strongly consistent. */
export const readGrants = async (runtime: Runtime, keys: readonly GrantKey[]): Promise<StoredGrant[]> =>
  grantsOfItems(await batchGet(runtime, tableName(runtime), keys.map(grantKeyOf)));

/** All grants of a member, or those of one campaign, strongly consistent. */
export const readGrantsOf = async (
  runtime: Runtime,
  member: string,
  campaignId?: string,
): Promise<StoredGrant[]> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression:
      campaignId === undefined ? '#member = :member' : '#member = :member AND begins_with(#grant, :campaign)',
    ExpressionAttributeNames: {
      '#member': 'member',
      ...(campaignId === undefined ? {} : { '#grant': 'grant' }),
    },
    ExpressionAttributeValues: {
      ':member': { S: member },
      ...(campaignId === undefined ? {} : { ':campaign': { S: `${campaignId}#` } }),
    },
  });
  return grantsOfItems(items);
};

/** The grants of all ids of a member, as {@link readGrantsOf} reads them. */
export const readGrantsOfAll = async (
  runtime: Runtime,
  ids: readonly string[],
  campaignId?: string,
): Promise<StoredGrant[]> =>
  (await Promise.all(ids.map((id) => readGrantsOf(runtime, id, campaignId)))).flat();

const putInFreeSlot = (runtime: Runtime, Item: Item): Put => ({
  TableName: tableName(runtime),
  Item,
  ConditionExpression: 'attribute_not_exists(#member)',
  ExpressionAttributeNames: { '#member': 'member' },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
});

/** The expiry of a grant's item. A coupon is needed until its campaign ends, or until the coupon expires if that is later. */
export const grantExpiry = (runtime: Runtime, { campaignId, kind, expiresMs }: Grant): Promise<Item> =>
  expiryOf(runtime, campaignId, kind === 'coupon' ? expiresMs : 0);

/** Makes a grant unless its slot is taken. The grant in the slot is returned with the refusal. */
export const grantPut = (runtime: Runtime, grant: Grant, expiry: Item): TransactWriteItem => ({
  Put: putInFreeSlot(runtime, { ...itemOfGrant(grant), ...expiry }),
});

/**
 * Refuses a grant for good: no slow worker can make it any more. Returns the grant in its slot if there is one, because another
 * worker may have made it before.
 */
export const refuseGrant = async (runtime: Runtime, grant: Grant): Promise<StoredGrant | undefined> => {
  try {
    const item = { ...itemOfGrant(grant, 'refused'), ...(await grantExpiry(runtime, grant)) };
    await runtime.dynamodb.send(new PutItemCommand(putInFreeSlot(runtime, item)));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return grantsOfItems([error.Item])[0];
  }
};

/**
 * Closes a slot for good if it is free: no slow worker can make a grant in it any more. If there is a grant in it, nothing
 * changes, and that grant is returned.
 */
export const closeSlot = (runtime: Runtime, key: GrantKey): Promise<StoredGrant | undefined> =>
  refuseGrant(runtime, {
    ...key,
    id: '',
    budget: '',
    faceFen: 0,
    offer: '',
    trigger: '',
    grantedMs: 0,
    expiresMs: 0,
    reason: '{}',
  });

/** Changes a grant on condition that it is as it was read, which the count of its changes shows. */
export const grantUpdate = (
  runtime: Runtime,
  { grant, state, redemption }: GrantChange,
): TransactWriteItem => ({
  Update: {
    TableName: tableName(runtime),
    Key: grantKeyOf(grant),
    UpdateExpression: `SET #state = :state, #changes = :changes${redemption ? ', redemption = :redemption' : ''}`,
    ConditionExpression:
      grant.changes === 0
        ? 'attribute_exists(#state) AND attribute_not_exists(#changes)'
        : '#changes = :known',
    ExpressionAttributeNames: { '#state': 'state', '#changes': 'changes' },
    ExpressionAttributeValues: {
      ':state': { S: state },
      ':changes': { N: String(grant.changes + 1) },
      ...(grant.changes === 0 ? {} : { ':known': { N: String(grant.changes) } }),
      ...(redemption === undefined ? {} : { ':redemption': redemptionAttribute(redemption, grant) }),
    },
  },
});

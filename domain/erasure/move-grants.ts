/** Moves the grants of an erased member from an id to the name that replaces it. */
import { QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { winReasonOf } from '#domain/free-orders/draw/win.ts';
import { withoutMemberId } from '#domain/free-orders/entries/kept-order.ts';
import { grantOfItem } from '#domain/grants/grant-item.ts';
import type { Item } from '#platform/item.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';

/** Attempts in a row in which another worker changed the grant, or the answer was lost. */
const MAX_ATTEMPTS = 24;

const tableName = (runtime: Runtime): string => runtime.environment('GRANTS_TABLE');

/** The first item under an id, in a strongly consistent read: a grant, or the mark of a closed slot. */
const firstOf = async (runtime: Runtime, member: string): Promise<Item | undefined> => {
  const { Items: items = [] } = await runtime.dynamodb.send(
    new QueryCommand({
      TableName: tableName(runtime),
      KeyConditionExpression: '#member = :member',
      ExpressionAttributeNames: { '#member': 'member' },
      ExpressionAttributeValues: { ':member': { S: member } },
      ConsistentRead: true,
      Limit: 1,
    }),
  );
  return items[0];
};

/** The item under a member's name. The reason of a win holds its order, which has the member's id as well. */
const itemUnder = async (runtime: Runtime, item: Item, name: string): Promise<Item> => {
  const grant = grantOfItem(item);
  const moved = { ...item, member: { S: name } };
  // An item that only occupies a slot belongs to no order.
  if (grant.kind !== 'free-order' || grant.state === 'refused') return moved;
  const { rules, pseudonyms } = await openDraw(runtime, grant.campaignId);
  const reason = winReasonOf(grant);
  const order = withoutMemberId(reason.order, name, rules, pseudonyms);
  return { ...moved, reason: { S: JSON.stringify({ ...reason, order }) } };
};

/** Puts an item and deletes the one that it replaces, unless that one has changed or the new place is taken. */
const replacement = (runtime: Runtime, old: Item, item: Item): TransactWriteItem[] => [
  {
    Put: {
      TableName: tableName(runtime),
      Item: item,
      ConditionExpression: 'attribute_not_exists(#member)',
      ExpressionAttributeNames: { '#member': 'member' },
    },
  },
  {
    Delete: {
      TableName: tableName(runtime),
      Key: { member: old.member!, grant: old.grant! },
      // An item that is gone has no changes either. Without the first condition, a worker that read the item before another one
      // moved it would move it a second time.
      ...(old.changes === undefined
        ? {
            ConditionExpression: 'attribute_exists(#member) AND attribute_not_exists(#changes)',
            ExpressionAttributeNames: { '#member': 'member', '#changes': 'changes' },
          }
        : {
            ConditionExpression: '#changes = :changes',
            ExpressionAttributeNames: { '#changes': 'changes' },
            ExpressionAttributeValues: { ':changes': old.changes },
          }),
    },
  },
];

/**
 * Moves the grants of a member to a name, each in a transaction of its own, so that each exists once at every moment. A grant
 * keeps its money, and is expired, used or revoked under the name. Call this when no worker makes grants under the id any more.
 * Only a race at the time of the erasure can make two grants of one slot; both are kept.
 */
export const moveGrants = async (runtime: Runtime, member: string, name: string): Promise<void> => {
  let taken = 1;
  let before: string | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; ) {
    const old = await firstOf(runtime, member);
    if (old === undefined) return;
    const slot = old.grant!.S!;
    if (slot !== before) taken = 1;
    before = slot;
    const item = await itemUnder(runtime, old, name);
    const place = taken === 1 ? item : { ...item, grant: { S: `${slot}-${taken}` } };
    const outcome = await transact(runtime, replacement(runtime, old, place));
    switch (outcome.kind) {
      case 'done':
        attempt = 0;
        break;
      case 'cancelled':
        if (outcome.fates[0]!.kind === 'refused') taken++;
        await backoff(runtime, attempt++);
        break;
      case 'unknown':
        await backoff(runtime, attempt++);
        break;
      default:
        outcome satisfies never;
    }
  }
  throw new Error(`grants of an erased member: expected to be moved, got ${MAX_ATTEMPTS} conflicts in a row`);
};

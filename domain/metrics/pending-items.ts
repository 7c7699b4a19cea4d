import { QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import { batchDelete, batchWrite } from '#platform/batch-write.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import { isoSeconds, metricsTable } from './item-keys.ts';
import { readShardChanges } from './shard-items.ts';
import { mostShards } from './shards.ts';

/**
 * The blocks that were written and may not be in the campaign's total yet. Each is an item, so a block costs one write unit
 * however many are pending. Each shard has a partition, ordered by the blocks' windows.
 */
const PREFIX = 'PENDING#';
/** The previous format kept a shard's pending blocks as one set. Such a set sorts before the items. */
const SET_ITEM = 'PENDING';

/** A block that was written and may not be in the total yet. */
export type PendingBlock = { startMs: number; shard: number; blockId: string };

/** A pending block as it was read, and whether it is in a set of the previous format. */
type StoredPending = PendingBlock & { isInSet: boolean };

const partitionOf = ({ campaignId }: CampaignSettings, shard: number): string =>
  `${campaignId}#pending#${shard}`;

const textOf = ({ startMs, blockId }: PendingBlock): string => `${isoSeconds(startMs)}/${blockId}`;

const pendingOfText = (text: string, shard: number, isInSet: boolean): StoredPending => {
  const slash = text.indexOf('/');
  return { startMs: Date.parse(text.slice(0, slash)), shard, blockId: text.slice(slash + 1), isInSet };
};

const keyOf = (settings: CampaignSettings, pending: PendingBlock): Item => ({
  window: { S: partitionOf(settings, pending.shard) },
  item: { S: PREFIX + textOf(pending) },
});

const pendingOfItem = ({ item, blocks }: Item, shard: number): StoredPending[] =>
  item!.S === SET_ITEM
    ? (blocks?.SS ?? []).map((text) => pendingOfText(text, shard, true))
    : [pendingOfText(item!.S!.slice(PREFIX.length), shard, false)];

const queryOf = (runtime: Runtime, settings: CampaignSettings, shard: number) => ({
  TableName: metricsTable(runtime),
  KeyConditionExpression: '#window = :window AND begins_with(#item, :item)',
  ExpressionAttributeNames: { '#window': 'window', '#item': 'item' },
  ExpressionAttributeValues: { ':window': { S: partitionOf(settings, shard) }, ':item': { S: SET_ITEM } },
});

/** Records blocks as written and not yet in the total. Repeating this changes nothing. */
export const addPending = (
  runtime: Runtime,
  settings: CampaignSettings,
  pending: readonly PendingBlock[],
): Promise<void> =>
  batchWrite(
    runtime,
    metricsTable(runtime),
    pending.map((block) => keyOf(settings, block)),
  );

/** The blocks of a shard that may not be in the total yet, in the order of their windows. */
export const readPending = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shard: number,
): Promise<StoredPending[]> =>
  (await queryAll(runtime, queryOf(runtime, settings, shard))).flatMap((item) => pendingOfItem(item, shard));

/**
 * The start of the oldest window with a pending block, in ms; undefined if no block of any shard is pending. Takes one call
 * for each shard, and now and then one for the number of shards.
 */
export const oldestPendingMs = async (
  runtime: Runtime,
  settings: CampaignSettings,
): Promise<number | undefined> => {
  const most = mostShards(settings, await readShardChanges(runtime, settings));
  const shards = Array.from({ length: most }, (_, shard) => shard);
  const oldest = await mapLimited(shards, CALLS_AT_ONCE, async (shard) => {
    const { Items: items = [] } = await runtime.dynamodb.send(
      // Two, because the first may be a set of the previous format.
      new QueryCommand({ ...queryOf(runtime, settings, shard), ConsistentRead: true, Limit: 2 }),
    );
    return items.flatMap((item) => pendingOfItem(item, shard)).map(({ startMs }) => startMs);
  });
  const starts = oldest.flat();
  return starts.length === 0 ? undefined : Math.min(...starts);
};

/** Removes blocks from the pending ones, because they are in the total now. */
export const removePending = async (
  runtime: Runtime,
  settings: CampaignSettings,
  folded: readonly StoredPending[],
): Promise<void> => {
  const [ofSets, items] = [true, false].map((isInSet) => folded.filter((one) => one.isInSet === isInSet));
  await batchDelete(
    runtime,
    metricsTable(runtime),
    items!.map((block) => keyOf(settings, block)),
  );
  for (const [shard, ofShard] of Map.groupBy(ofSets!, (one) => one.shard)) {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: metricsTable(runtime),
        Key: { window: { S: partitionOf(settings, shard) }, item: { S: SET_ITEM } },
        UpdateExpression: 'DELETE #blocks :blocks',
        ExpressionAttributeNames: { '#blocks': 'blocks' },
        ExpressionAttributeValues: { ':blocks': { SS: ofShard.map(textOf) } },
      }),
    );
  }
};

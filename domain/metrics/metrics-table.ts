import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import { batchGet } from '#platform/batch-get.ts';
import { batchWrite } from '#platform/batch-write.ts';
import { DAY_MS, SECOND_MS } from '#platform/duration.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type RowKey, totalKey, windowEndOf } from './levels.ts';

/**
 * All statements on the metrics table. Its key is (window, item): a partition holds the blocks of one window and shard
 * (`BLOCK#id`) beside their row (`ROW`, and `ROW#1`… where the row has parts); the total's partition also holds the recorded
 * milestones. Other partitions hold a shard's set of pending blocks.
 */
const BLOCK_PREFIX = 'BLOCK#';
const ROW_ITEM = 'ROW';
const PENDING_ITEM = 'PENDING';
const MILESTONES_ITEM = 'MILESTONES';

const MAX_ATTEMPTS = 8;
/** Blocks outlive their window's horizon by a week, because DynamoDB may expire an item that much before or after. */
const EXPIRY_MARGIN_MS = 7 * DAY_MS;

/** Reasons for which a cancelled transaction is a refusal: another worker wrote the row, earlier or at the same time. */
const REFUSALS: ReadonlySet<string> = new Set(['None', 'ConditionalCheckFailed', 'TransactionConflict']);

export type StoredBlock = { id: string; body: Uint8Array };

/**
 * A row as it is stored. `blocks` is how many blocks are folded into it, so that a row made of fewer never replaces it;
 * `version` is a fingerprint of what went into it, so that a row made of the same need not be written again.
 */
export type StoredRow = { blocks: number; version: string; parts: Uint8Array[] };

/** A block that was written and may not be in the total yet. */
export type PendingBlock = { startMs: number; blockId: string };

const tableName = (runtime: Runtime): string => runtime.environment('METRICS_TABLE');

const isoSeconds = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');

const partitionOf = (campaignId: string, { level, startMs, shard }: RowKey): string =>
  `${campaignId}#${level}#${isoSeconds(startMs)}#${shard}`;

const pendingKey = (campaignId: string, shard: number): Record<string, AttributeValue> => ({
  window: { S: `${campaignId}#pending#${shard}` },
  item: { S: PENDING_ITEM },
});

const pendingText = ({ startMs, blockId }: PendingBlock): string => `${isoSeconds(startMs)}/${blockId}`;

const pendingOf = (text: string): PendingBlock => {
  const slash = text.indexOf('/');
  return { startMs: Date.parse(text.slice(0, slash)), blockId: text.slice(slash + 1) };
};

const pendingOfItem = (item: Record<string, AttributeValue> | undefined): PendingBlock[] =>
  (item?.blocks?.SS ?? []).map(pendingOf);

/** Writes blocks of base windows; a block that is there already is replaced by itself. */
export const putBlocks = async (
  runtime: Runtime,
  settings: CampaignSettings,
  blocks: readonly (StoredBlock & { startMs: number; shard: number })[],
): Promise<void> => {
  const items = blocks.map(({ id, body, startMs, shard }) => ({
    window: { S: partitionOf(settings.campaignId, { level: 0, startMs, shard }) },
    item: { S: BLOCK_PREFIX + id },
    body: { B: body },
    expiresAt: {
      N: String(
        Math.ceil((windowEndOf(settings, startMs) + settings.horizonMs + EXPIRY_MARGIN_MS) / SECOND_MS),
      ),
    },
  }));
  await batchWrite(runtime, tableName(runtime), items);
};

/** Records blocks as written but not folded in. They are a set, so that repeating this is a no-op. */
export const addPending = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shard: number,
  pending: readonly PendingBlock[],
): Promise<void> => {
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: tableName(runtime),
      Key: pendingKey(settings.campaignId, shard),
      UpdateExpression: 'ADD #blocks :blocks',
      ExpressionAttributeNames: { '#blocks': 'blocks' },
      ExpressionAttributeValues: { ':blocks': { SS: pending.map(pendingText) } },
    }),
  );
};

/** The blocks of a shard that may not be in the total yet. */
export const readPending = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shard: number,
): Promise<PendingBlock[]> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: pendingKey(settings.campaignId, shard),
      ConsistentRead: true,
    }),
  );
  return pendingOfItem(item);
};

/** The blocks of all shards that may not be in the total yet, in one call. */
export const readAllPending = async (
  runtime: Runtime,
  settings: CampaignSettings,
): Promise<PendingBlock[]> => {
  const keys = Array.from({ length: settings.shards }, (_, shard) => pendingKey(settings.campaignId, shard));
  return (await getItems(runtime, keys)).flatMap(pendingOfItem);
};

/** Removes blocks that are in the total now from the pending ones. */
export const removePending = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shard: number,
  folded: readonly PendingBlock[],
): Promise<void> => {
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: tableName(runtime),
      Key: pendingKey(settings.campaignId, shard),
      UpdateExpression: 'DELETE #blocks :blocks',
      ExpressionAttributeNames: { '#blocks': 'blocks' },
      ExpressionAttributeValues: { ':blocks': { SS: folded.map(pendingText) } },
    }),
  );
};

/** A row from its items; undefined where they are of different writes, so that the reader must read again. */
const rowOfItems = (items: readonly Item[]): StoredRow | undefined => {
  const head = items.find((item) => item.item?.S === ROW_ITEM);
  if (head === undefined) return undefined;
  const version = head.version!.S!;
  const count = Number(head.parts!.N);
  const parts = items.filter((item) => item.version?.S === version).map((item) => item.body!.B!);
  return parts.length < count ? undefined : { blocks: Number(head.blocks!.N), version, parts };
};

/** Reads a base window: all of its blocks, and its row as it stands. Strongly consistent. */
export const readWindow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
): Promise<{ blocks: StoredBlock[]; row: StoredRow | undefined }> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression: '#window = :window',
    ExpressionAttributeNames: { '#window': 'window' },
    ExpressionAttributeValues: { ':window': { S: partitionOf(settings.campaignId, key) } },
  });
  const blocks = items
    .filter((item) => item.item!.S!.startsWith(BLOCK_PREFIX))
    .map((item) => ({ id: item.item!.S!.slice(BLOCK_PREFIX.length), body: item.body!.B! }));
  return { blocks, row: rowOfItems(items) };
};

const getItems = (runtime: Runtime, keys: readonly Item[]): Promise<Item[]> =>
  batchGet(runtime, tableName(runtime), keys);

/** Reads rows in as few calls as their number and size allow; a row that is not there yet is undefined. */
export const readRows = async (
  runtime: Runtime,
  settings: CampaignSettings,
  keys: readonly RowKey[],
): Promise<(StoredRow | undefined)[]> => {
  const partitions = keys.map((key) => partitionOf(settings.campaignId, key));
  const itemKey = (partition: string, part: number): Item => ({
    window: { S: partition },
    item: { S: part === 0 ? ROW_ITEM : `${ROW_ITEM}#${part}` },
  });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const heads = await getItems(
      runtime,
      partitions.map((partition) => itemKey(partition, 0)),
    );
    const rest = await getItems(
      runtime,
      heads.flatMap((head) =>
        Array.from({ length: Number(head.parts!.N) - 1 }, (_, i) => itemKey(head.window!.S!, i + 1)),
      ),
    );
    const byPartition = Map.groupBy([...heads, ...rest], (item) => item.window!.S!);
    const rows = partitions
      .map((partition) => byPartition.get(partition))
      .map((items) => items && rowOfItems(items));
    if (partitions.every((partition, i) => rows[i] !== undefined || !byPartition.has(partition))) return rows;
    await backoff(runtime, attempt);
  }
  throw new Error(
    `rows of campaign ${settings.campaignId}: their parts changed during ${MAX_ATTEMPTS} reads`,
  );
};

/**
 * Writes a row unless more blocks are folded into the stored one. Returns whether it was written: a refusal means that another worker
 * has read later, or that this message was redelivered late.
 */
export const putRow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
  row: StoredRow,
): Promise<boolean> => {
  const puts = row.parts.map((body, part) => ({
    TableName: tableName(runtime),
    Item: {
      window: { S: partitionOf(settings.campaignId, key) },
      item: { S: part === 0 ? ROW_ITEM : `${ROW_ITEM}#${part}` },
      version: { S: row.version },
      body: { B: body },
      ...(part === 0 ? { blocks: { N: String(row.blocks) }, parts: { N: String(row.parts.length) } } : {}),
    },
  }));
  const head = {
    ...puts[0]!,
    ConditionExpression: 'attribute_not_exists(#blocks) OR #blocks <= :blocks',
    ExpressionAttributeNames: { '#blocks': 'blocks' },
    ExpressionAttributeValues: { ':blocks': { N: String(row.blocks) } },
  };
  try {
    if (puts.length === 1) {
      await runtime.dynamodb.send(new PutItemCommand(head));
    } else {
      await runtime.dynamodb.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: head }, ...puts.slice(1).map((put) => ({ Put: put }))],
        }),
      );
    }
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof TransactionCanceledException) {
      const reasons = error.CancellationReasons?.map(({ Code: code }) => code ?? 'None') ?? ['Unknown'];
      if (reasons.every((reason) => REFUSALS.has(reason))) return false;
    }
    throw error;
  }
};

/** A campaign's milestones as they are stored, and how many blocks are folded into the total that they were found in. */
export type StoredMilestones = { blocks: number; body: Uint8Array };

const milestonesKey = (settings: CampaignSettings): Item => ({
  window: { S: partitionOf(settings.campaignId, totalKey(settings)) },
  item: { S: MILESTONES_ITEM },
});

/** The milestones that are recorded of a campaign, if any are. */
export const readMilestoneItem = async (
  runtime: Runtime,
  settings: CampaignSettings,
): Promise<StoredMilestones | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: tableName(runtime), Key: milestonesKey(settings), ConsistentRead: true }),
  );
  return item && { blocks: Number(item.blocks!.N), body: item.body!.B! };
};

/** Records milestones unless the stored ones were found in more blocks. Returns whether they were recorded. */
export const putMilestoneItem = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { blocks, body }: StoredMilestones,
): Promise<boolean> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: { ...milestonesKey(settings), blocks: { N: String(blocks) }, body: { B: body } },
        ConditionExpression: 'attribute_not_exists(#blocks) OR #blocks <= :blocks',
        ExpressionAttributeNames: { '#blocks': 'blocks' },
        ExpressionAttributeValues: { ':blocks': { N: String(blocks) } },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/** Reads and writes rows, which may have several items each. */
import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import { batchGet } from '#platform/batch-get.ts';
import { batchDelete, batchWrite } from '#platform/batch-write.ts';
import { DAY_MS } from '#platform/duration.ts';
import { expiryAfter } from '#platform/expiry.ts';
import type { Item } from '#platform/item.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { besideTotal, metricsTable, partitionOf } from './item-keys.ts';
import type { RowKey } from './levels.ts';
import { decodeMadeOf, encodeMadeOf, type MadeOf } from './made-of.ts';
import { type Marks, marksOfItem, WATERMARK_ITEM } from './watermark-item.ts';

export const ROW_ITEM = 'ROW';

const MAX_ATTEMPTS = 8;

/** A row as it is stored. */
export type StoredRow = {
  /** How many blocks are folded into it. */
  blocks: number;
  /** Identifies what it is made of, so that a row made of the same blocks or rows need not be written again. */
  version: string;
  /** Undefined for a row of the previous format, which only says how many blocks it was made of. */
  madeOf: MadeOf | undefined;
  parts: Uint8Array[];
};

/**
 * The name of one of a row's further items. It contains the version, so that two workers never overwrite each other's items.
 * In the previous format the name did not contain it, and all parts were written in one transaction.
 */
const partItem = (head: Item, part: number): string =>
  head.made === undefined ? `${ROW_ITEM}#${part}` : `${ROW_ITEM}#${head.version!.S}#${part}`;

const partKeysOf = (head: Item): Item[] =>
  Array.from({ length: Number(head.parts!.N) - 1 }, (_, i) => ({
    window: head.window!,
    item: { S: partItem(head, i + 1) },
  }));

/** Makes a row from its items. Undefined if some are missing or from another write; the reader must then read again. */
const rowOfItems = (head: Item, items: readonly Item[]): StoredRow | undefined => {
  const version = head.version!.S!;
  const byName = new Map(items.map((item) => [item.item!.S!, item]));
  const rest = partKeysOf(head).map(({ item }) => byName.get(item!.S!));
  if (rest.some((part) => part?.version?.S !== version)) return undefined;
  return {
    blocks: Number(head.blocks!.N),
    version,
    madeOf: head.made && decodeMadeOf(head.made.B!),
    parts: [head, ...rest].map((part) => part!.body!.B!),
  };
};

/**
 * Reads rows, and items beside them, in as few calls as their number and size allow. A row that does not exist yet is
 * undefined.
 */
const readItems = async (
  runtime: Runtime,
  settings: CampaignSettings,
  keys: readonly RowKey[],
  beside: readonly Item[],
): Promise<{ rows: (StoredRow | undefined)[]; beside: Item[] }> => {
  const partitions = keys.map((key) => partitionOf(settings.campaignId, key));
  const headKeys = partitions.map((partition): Item => ({ window: { S: partition }, item: { S: ROW_ITEM } }));
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const read = await batchGet(runtime, metricsTable(runtime), [...beside, ...headKeys]);
    const heads = new Map(
      read.filter(({ item }) => item!.S === ROW_ITEM).map((head) => [head.window!.S!, head]),
    );
    const parts = await batchGet(
      runtime,
      metricsTable(runtime),
      heads.values().flatMap(partKeysOf).toArray(),
    );
    const byPartition = Map.groupBy(parts, (item) => item.window!.S!);
    const rows = partitions.map((partition) => {
      const head = heads.get(partition);
      return head && rowOfItems(head, byPartition.get(partition) ?? []);
    });
    if (partitions.every((partition, i) => rows[i] !== undefined || !heads.has(partition)))
      return { rows, beside: read.filter(({ item }) => item!.S !== ROW_ITEM) };
    await backoff(runtime, attempt);
  }
  throw new Error(
    `rows of campaign ${settings.campaignId}: expected parts of one version within ${MAX_ATTEMPTS} reads, got none`,
  );
};

/** Reads rows in the order of their keys; strongly consistent, but not all as of one moment. */
export const readRows = async (
  runtime: Runtime,
  settings: CampaignSettings,
  keys: readonly RowKey[],
): Promise<(StoredRow | undefined)[]> => (await readItems(runtime, settings, keys, [])).rows;

/** Reads rows and a campaign's marks in one call, or in two if rows have several parts. */
export const readRowsAndMarks = async (
  runtime: Runtime,
  settings: CampaignSettings,
  keys: readonly RowKey[],
): Promise<{ rows: (StoredRow | undefined)[]; marks: Marks }> => {
  const { rows, beside } = await readItems(runtime, settings, keys, [besideTotal(settings, WATERMARK_ITEM)]);
  return { rows, marks: marksOfItem(beside[0]) };
};

/** Finds a row among the items of its partition. Reads again if they are from different writes. */
export const rowAmong = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
  items: readonly Item[],
): Promise<StoredRow | undefined> => {
  const head = items.find(({ item }) => item!.S === ROW_ITEM);
  if (head === undefined) return undefined;
  return rowOfItems(head, items) ?? (await readRows(runtime, settings, [key]))[0];
};

/** A row's parts expire this much later than its head, because DynamoDB deletes expired items within days, in any order. */
const PARTS_MARGIN_MS = 30 * DAY_MS;

/** A row, and the stored row that it replaces; the new one is made of a superset of the other's blocks. */
export type Replacement = { row: StoredRow & { madeOf: MadeOf }; before: StoredRow | undefined };

/**
 * Writes a row in place of `before`; the caller has checked that it is made of a superset of the blocks. Returns whether it was
 * written: a refusal means that another worker has written since `before` was read. The parts are written first and the head
 * last, so a row exists completely or not at all, and no transaction is needed.
 */
export const putRow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
  { row, before }: Replacement,
): Promise<boolean> => {
  const window = { S: partitionOf(settings.campaignId, key) };
  const version = { S: row.version };
  const neededMs = settings.endsAtMs + settings.horizonMs;
  const head: Item = {
    window,
    item: { S: ROW_ITEM },
    version,
    body: { B: row.parts[0]! },
    // By this attribute, workers that run the previous code refuse to put a row of fewer blocks in its place.
    blocks: { N: String(row.blocks) },
    parts: { N: String(row.parts.length) },
    made: { B: encodeMadeOf(row.madeOf) },
    ...expiryAfter(runtime, neededMs),
  };
  const rest = partKeysOf(head).map((partKey, i) => ({
    ...partKey,
    version,
    body: { B: row.parts[i + 1]! },
    // A head that names parts must not outlive them.
    ...expiryAfter(runtime, neededMs + PARTS_MARGIN_MS),
  }));
  await batchWrite(runtime, metricsTable(runtime), rest);
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: metricsTable(runtime),
        Item: head,
        ExpressionAttributeNames: { '#version': 'version' },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(#version)' }
          : {
              ConditionExpression: '#version = :before',
              ExpressionAttributeValues: { ':before': { S: before.version } },
            }),
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
  if (before !== undefined && before.parts.length > 1) {
    const replaced: Item = {
      window,
      version: { S: before.version },
      parts: { N: String(before.parts.length) },
      ...(before.madeOf === undefined ? {} : { made: head.made! }),
    };
    const kept = new Set(partKeysOf(head).map(({ item }) => item!.S));
    const superfluous = partKeysOf(replaced).filter(({ item }) => !kept.has(item!.S!));
    await batchDelete(runtime, metricsTable(runtime), superfluous);
  }
  return true;
};

/**
 * Whether a stored row equals the given one byte for byte. Versions are not compared, because they may depend on the steps by
 * which a row came about.
 */
const isAsMade = (stored: StoredRow, { blocks, madeOf, parts }: Replacement['row']): boolean =>
  stored.blocks === blocks &&
  stored.madeOf !== undefined &&
  Buffer.compare(encodeMadeOf(stored.madeOf), encodeMadeOf(madeOf)) === 0 &&
  stored.parts.length === parts.length &&
  stored.parts.every((part, i) => Buffer.compare(part, parts[i]!) === 0);

const madeOfBytes = (bytes: Uint8Array | undefined): MadeOf | undefined => {
  try {
    return bytes && decodeMadeOf(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/**
 * Reads a row that may be damaged: parts that are missing are empty, and what it was made of is undefined if that cannot be
 * read.
 */
export const readDamaged = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
): Promise<StoredRow | undefined> => {
  const headKey = { window: { S: partitionOf(settings.campaignId, key) }, item: { S: ROW_ITEM } };
  const [head] = await batchGet(runtime, metricsTable(runtime), [headKey]);
  if (head?.version?.S === undefined) return undefined;
  const keys = head.parts?.N === undefined ? [] : partKeysOf(head);
  const byName = new Map(
    (await batchGet(runtime, metricsTable(runtime), keys)).map((part) => [part.item!.S!, part.body?.B]),
  );
  return {
    blocks: Number(head.blocks?.N ?? 0),
    version: head.version.S,
    madeOf: madeOfBytes(head.made?.B),
    parts: [head.body?.B, ...keys.map(({ item }) => byName.get(item!.S!))].map(
      (body) => body ?? new Uint8Array(),
    ),
  };
};

/**
 * Writes a row in place of the stored one, if a byte differs. Returns whether the row was written; undefined if the write was
 * refused.
 */
export const mendRow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
  { row, before }: Replacement,
): Promise<boolean | undefined> => {
  if (before !== undefined && isAsMade(before, row)) return false;
  return (await putRow(runtime, settings, key, { row, before })) ? true : undefined;
};

import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { batchGet } from '#platform/batch-get.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import { expiryOf } from './retention.ts';

/**
 * Items of the campaigns table that record the progress of work that takes more than one invocation. The item alone says how
 * far the work has come; a message only asks to continue from there, and may be delivered any number of times.
 */
export type ProgressKey = { campaign: string; item: string };

/** `version` counts the writes; 0 means that there was none. */
export type Progress = {
  version: number;
  isDone: boolean;
  /** Where to continue: everything before it is done, or kept in `body`. Undefined at the beginning and at the end. */
  cursor?: string;
  /** State of the work, opaque here. */
  body?: Uint8Array;
  /** When the work was done. */
  doneMs?: number;
};

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

const keyOf = ({ campaign, item }: ProgressKey): Item => ({ campaign: { S: campaign }, item: { S: item } });

const progressOf = (item: Item | undefined): Progress => {
  if (item === undefined) return { version: 0, isDone: false };
  const { version, isDone, cursor, body, doneMs } = item;
  return {
    version: Number(version!.N),
    isDone: isDone!.BOOL!,
    ...(cursor === undefined ? {} : { cursor: cursor.S! }),
    ...(body === undefined ? {} : { body: body.B! }),
    ...(doneMs === undefined ? {} : { doneMs: Number(doneMs.N) }),
  };
};

export const readProgress = async (runtime: Runtime, key: ProgressKey): Promise<Progress> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: tableName(runtime), Key: keyOf(key), ConsistentRead: true }),
  );
  return progressOf(item);
};

/**
 * The progress of several pieces of work, in the order of their keys. A call to DynamoDB reads a hundred items, or as many as fit
 * in 16 MB.
 */
export const readProgressOf = async (runtime: Runtime, keys: readonly ProgressKey[]): Promise<Progress[]> => {
  const nameOf = ({ campaign, item }: ProgressKey): string => `${campaign}\n${item}`;
  const found = await batchGet(runtime, tableName(runtime), keys.map(keyOf));
  const items = new Map(
    found.map((item) => [nameOf({ campaign: item.campaign!.S!, item: item.item!.S! }), item]),
  );
  return keys.map((key) => progressOf(items.get(nameOf(key))));
};

/**
 * How often the progress of a piece of work was written; 0 if it never was. The rest of the progress is not read.
 */
export const readProgressVersion = async (runtime: Runtime, key: ProgressKey): Promise<number> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: keyOf(key),
      ConsistentRead: true,
      ProjectionExpression: '#version',
      ExpressionAttributeNames: { '#version': 'version' },
    }),
  );
  return Number(item?.version?.N ?? 0);
};

/**
 * Replaces the progress `from` by `to`, and returns what is then stored. If the stored progress is no longer `from`, it stays:
 * another worker wrote it, or this one did and the answer was lost. In both cases, continue from the returned progress.
 */
export const advance = async (
  runtime: Runtime,
  key: ProgressKey,
  from: Progress,
  to: Omit<Progress, 'version'>,
): Promise<Progress> => {
  const next: Progress = { ...to, version: from.version + 1 };
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: {
          ...keyOf(key),
          ...(await expiryOf(runtime, key.campaign)),
          version: { N: String(next.version) },
          isDone: { BOOL: next.isDone },
          ...(next.cursor === undefined ? {} : { cursor: { S: next.cursor } }),
          ...(next.body === undefined ? {} : { body: { B: next.body } }),
          ...(next.doneMs === undefined ? {} : { doneMs: { N: String(next.doneMs) } }),
        },
        ...(from.version === 0
          ? { ConditionExpression: 'attribute_not_exists(campaign)' }
          : {
              ConditionExpression: '#version = :from',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':from': { N: String(from.version) } },
            }),
      }),
    );
    return next;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return readProgress(runtime, key);
    throw error;
  }
};

/** For each item whose name begins with a prefix, in the order of the names: whether its work is done. */
export const readAllProgress = async (
  runtime: Runtime,
  campaign: string,
  prefix: string,
): Promise<(Pick<Progress, 'isDone'> & { item: string })[]> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression: 'campaign = :campaign AND begins_with(#item, :prefix)',
    ProjectionExpression: '#item, isDone',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':campaign': { S: campaign }, ':prefix': { S: prefix } },
  });
  return items.map(({ item, isDone }) => ({ item: item!.S!, isDone: isDone!.BOOL! }));
};

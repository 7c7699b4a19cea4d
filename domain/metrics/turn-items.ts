import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { metricsTable } from './item-keys.ts';

/**
 * Whose turn it is to roll up a shard, or to merge shards: one item for each shard, and one for merges. Turns only keep workers
 * from doing the same work at the same time. A rollup is correct without them, so a turn that has lasted too long is given to
 * another worker.
 */
const TURN_ITEM = 'TURN';

/**
 * Longer than a rollup takes, except in a flood of events. A worker that dies during its turn holds up the
 * others for this long.
 */
export const TURN_MS = 4 * SECOND_MS;

/** The turn at merging the shards of a campaign's windows. */
export const MERGE = 'merge';

export type Turn = { at: number | typeof MERGE; holder: string };

/** The wait before another worker's turn is looked at again. */
export const LOOK_AGAIN_MS = 200;

const keyOf = ({ campaignId }: CampaignSettings, at: Turn['at']): Item => ({
  window: { S: `${campaignId}#turn#${at}` },
  item: { S: TURN_ITEM },
});

const isHeld = (item: Item | undefined, nowMs: number): boolean => Number(item?.untilMs?.N ?? 0) > nowMs;

/** Takes the turn at a shard, or at merging; undefined if another worker has it. */
export const takeTurn = async (
  runtime: Runtime,
  settings: CampaignSettings,
  at: Turn['at'],
): Promise<Turn | undefined> => {
  const nowMs = runtime.clock.nowMs();
  const key = { TableName: metricsTable(runtime), Key: keyOf(settings, at) };
  // A read costs less than a write that is refused.
  const { Item: item } = await runtime.dynamodb.send(new GetItemCommand({ ...key, ConsistentRead: true }));
  if (isHeld(item, nowMs)) return undefined;
  const holder = fingerprintOf(`${nowMs} ${runtime.random()}`);
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        ...key,
        UpdateExpression: 'SET #untilMs = :untilMs, #holder = :holder',
        ConditionExpression: 'attribute_not_exists(#untilMs) OR #untilMs <= :nowMs',
        ExpressionAttributeNames: { '#untilMs': 'untilMs', '#holder': 'holder' },
        ExpressionAttributeValues: {
          ':untilMs': { N: String(nowMs + TURN_MS) },
          ':nowMs': { N: String(nowMs) },
          ':holder': { S: holder },
        },
      }),
    );
    return { at, holder };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

/** Ends a turn, unless another worker has taken it meanwhile. */
export const endTurn = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { at, holder }: Turn,
): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: metricsTable(runtime),
        Key: keyOf(settings, at),
        UpdateExpression: 'REMOVE #untilMs',
        ConditionExpression: '#holder = :holder',
        ExpressionAttributeNames: { '#untilMs': 'untilMs', '#holder': 'holder' },
        ExpressionAttributeValues: { ':holder': { S: holder } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};

/** Reads and raises the number of shards of a campaign's windows. */
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import { MAX_SHARDS } from '#events/sections/metrics.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { besideTotal, metricsTable } from './item-keys.ts';
import { CHANGES_KNOWN_MS, firstChangeable, mostShards, type ShardChange } from './shards.ts';

const SHARDS_ITEM = 'SHARDS';

/** The changes of a campaign that a process knows, and when it read them; for at most {@link CAMPAIGNS_KNOWN_MAX} campaigns. */
const KNOWN = compartment(() => new Map<string, { readMs: number; changes: readonly ShardChange[] }>());
const CAMPAIGNS_KNOWN_MAX = 200;

const readItem = async (runtime: Runtime, settings: CampaignSettings): Promise<readonly ShardChange[]> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: metricsTable(runtime),
      Key: besideTotal(settings, SHARDS_ITEM),
      ConsistentRead: true,
    }),
  );
  return item === undefined ? [] : (JSON.parse(item.changes!.S!) as ShardChange[]);
};

/**
 * The changes of a campaign's number of shards, in the order of their windows, as they were at most {@link CHANGES_KNOWN_MS} ago.
 * A change that is not known yet concerns no window that may have blocks. Reads the item only if what the process knows is older.
 */
export const readShardChanges = async (
  runtime: Runtime,
  settings: CampaignSettings,
): Promise<readonly ShardChange[]> => {
  const known = runtime.memory.of(KNOWN);
  const nowMs = runtime.clock.nowMs();
  const last = known.get(settings.campaignId);
  if (last !== undefined && nowMs - last.readMs < CHANGES_KNOWN_MS) return last.changes;
  const changes = await readItem(runtime, settings);
  if (known.size >= CAMPAIGNS_KNOWN_MAX) known.clear();
  known.set(settings.campaignId, { readMs: nowMs, changes });
  return changes;
};

/**
 * Gives a campaign at least this many shards, but at most {@link MAX_SHARDS}, from the first window that a change may still
 * concern. Returns the change; undefined if the campaign has that many or will have them, if no window is left, or if another
 * worker makes a change at the same time.
 */
export const raiseShards = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shards: number,
): Promise<ShardChange | undefined> => {
  const changes = await readItem(runtime, settings);
  const change = {
    fromMs: firstChangeable(settings, runtime.clock.nowMs()),
    shards: Math.min(shards, MAX_SHARDS),
  };
  if (change.shards <= mostShards(settings, changes) || change.fromMs >= settings.endsAtMs) return undefined;
  const next = [...changes.filter(({ fromMs }) => fromMs < change.fromMs), change];
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: metricsTable(runtime),
        Item: { ...besideTotal(settings, SHARDS_ITEM), changes: { S: JSON.stringify(next) } },
        ExpressionAttributeNames: { '#changes': 'changes' },
        ...(changes.length === 0
          ? { ConditionExpression: 'attribute_not_exists(#changes)' }
          : {
              ConditionExpression: '#changes = :before',
              ExpressionAttributeValues: { ':before': { S: JSON.stringify(changes) } },
            }),
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
  return change;
};

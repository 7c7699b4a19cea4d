import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type CampaignSwitched, formatTime } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type BudgetShardItem, readBudgetShards } from './budget-items.ts';

/**
 * Pausing and resuming a campaign. The item `SWITCH` keeps the event that decides, and every shard of every budget and quota
 * carries that event's mark, because a debit's condition can only look at the shard that it takes from. So the switch holds
 * for every worker, however old what the worker believes is.
 */
const SWITCH_ITEM = 'SWITCH';

/** Shards that are marked at a time: 2 arms of 10 pools of 96 shards are marked in about a second. */
const SHARDS_AT_ONCE = 32;

/** How the last of a campaign's pauses and resumptions left it. */
export type IssuingSwitch = {
  isPaused: boolean;
  /** The event's own time. */
  sinceMs: number;
  /** Events of one campaign by this text: by their times, and then by the hash of source and id. */
  order: string;
};

/** Never switched: it goes by no event, and every event comes after it. */
export const NEVER_SWITCHED: IssuingSwitch = {
  isPaused: false,
  sinceMs: Number.NEGATIVE_INFINITY,
  order: '',
};

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

export const switchKeyOf = (campaignId: string): Item => ({
  campaign: { S: campaignId },
  item: { S: SWITCH_ITEM },
});

export const switchOfItem = (item: Item): IssuingSwitch => ({
  isPaused: item.isPaused!.BOOL!,
  sinceMs: Number(item.sinceMs!.N),
  order: item.switchOrder!.S!,
});

/** What an event makes of its campaign. */
export const switchOfEvent = ({ type, time, source, id }: CampaignSwitched): IssuingSwitch => {
  const sinceMs = Date.parse(time);
  return {
    isPaused: type === 'campaign.paused',
    sinceMs,
    order: `${formatTime(sinceMs)}#${eventIdOf(source, id)}`,
  };
};

/** How a campaign is switched, strongly consistent. */
export const readSwitch = async (runtime: Runtime, campaignId: string): Promise<IssuingSwitch> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: switchKeyOf(campaignId),
      ConsistentRead: true,
    }),
  );
  return item === undefined ? NEVER_SWITCHED : switchOfItem(item);
};

/** Stores the switch unless a later event was stored before; returns whether it is the one that stands. */
const storeSwitch = async (runtime: Runtime, campaignId: string, given: IssuingSwitch): Promise<boolean> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: {
          ...switchKeyOf(campaignId),
          isPaused: { BOOL: given.isPaused },
          sinceMs: { N: String(given.sinceMs) },
          switchOrder: { S: given.order },
        },
        ConditionExpression: 'attribute_not_exists(campaign) OR switchOrder < :order',
        ExpressionAttributeValues: { ':order': { S: given.order } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return switchOfItem(error.Item).order === given.order;
  }
};

/** Marks a shard, or takes its mark away, unless a later event has been at it. */
const switchShard = async (
  runtime: Runtime,
  { key }: BudgetShardItem,
  { isPaused, order }: IssuingSwitch,
): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName(runtime),
        Key: key,
        UpdateExpression: isPaused
          ? 'SET switchOrder = :order, paused = :yes'
          : 'SET switchOrder = :order REMOVE paused',
        ConditionExpression: 'attribute_not_exists(switchOrder) OR switchOrder < :order',
        ExpressionAttributeValues: { ':order': { S: order }, ...(isPaused && { ':yes': { BOOL: true } }) },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};

/**
 * Applies an event's switch to a campaign. When it returns, every shard that there is goes by this event or by a later one, and
 * a debit of a paused shard is refused whoever attempts it. Of any events in any order and however often, the one with the
 * greatest `order` decides. Returns whether this one stands.
 */
export const applySwitch = async (
  runtime: Runtime,
  campaignId: string,
  given: IssuingSwitch,
): Promise<boolean> => {
  if (!(await storeSwitch(runtime, campaignId, given))) return false;
  const shards = await readBudgetShards(runtime, campaignId);
  const unswitched = shards.filter(({ switchOrder }) => switchOrder < given.order);
  await mapLimited(unswitched, SHARDS_AT_ONCE, (shard) => switchShard(runtime, shard, given));
  return true;
};

/** How far a campaign's switch is carried out: how many of its shards of budgets and quotas go by it. */
export type SwitchProgress = { state: IssuingSwitch; shards: number; switched: number };

/** Reads how a campaign is switched and how many of its shards carry that, strongly consistent. */
export const readSwitchProgress = async (runtime: Runtime, campaignId: string): Promise<SwitchProgress> => {
  const state = await readSwitch(runtime, campaignId);
  const shards = await readBudgetShards(runtime, campaignId);
  return {
    state,
    shards: shards.length,
    switched: shards.filter(
      ({ isPaused, switchOrder }) => switchOrder >= state.order && isPaused === state.isPaused,
    ).length,
  };
};

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
 * carries that event's mark, because a debit's condition can only look at the shard that it takes from. So the switch holds for
 * every worker, however outdated its knowledge is.
 */
const SWITCH_ITEM = 'SWITCH';

/** Shards that are marked at a time: 2 arms of 10 pools of 96 shards are marked in about a second. */
const SHARDS_AT_ONCE = 32;

/** The state in which a campaign's last pause or resumption left it. */
export type IssuingSwitch = {
  isPaused: boolean;
  /** The event's own time. */
  sinceMs: number;
  /** Orders the events of one campaign, as text: by their times, and then by the hash of source and id. */
  order: string;
};

/** The state before any event. Every event comes after it. */
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

/** The fields that decide, of an event that pauses or resumes a campaign. */
export type SwitchingEvent = Pick<CampaignSwitched, 'type' | 'time' | 'source' | 'id'>;

/** The switch that an event asks for. */
export const switchOfEvent = ({ type, time, source, id }: SwitchingEvent): IssuingSwitch => {
  const sinceMs = Date.parse(time);
  return {
    isPaused: type === 'campaign.paused',
    sinceMs,
    order: `${formatTime(sinceMs)}#${eventIdOf(source, id)}`,
  };
};

/** Reads a campaign's switch with a strongly consistent read. */
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

/** Stores the switch unless that of a later event is stored already. Returns whether the stored switch is then the given one. */
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

/** Notes the event's order on a shard, and sets or removes `paused`, unless this event or a later one was applied to it before. */
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
 * Applies an event's switch to a campaign. Returns true once every existing shard follows this event or a later one, and false
 * if a later event decides already. A debit of a paused shard is refused for every worker. In whatever order the events come,
 * and however often each comes, the one with the greatest `order` decides.
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

/** How far a campaign's switch is carried out: how many shards of its budgets and quotas follow it. */
export type SwitchProgress = { state: IssuingSwitch; shards: number; switched: number };

/** Reads a campaign's switch and how many of its shards follow it, with strongly consistent reads. */
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

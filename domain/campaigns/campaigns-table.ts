import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type CampaignDefinition,
  type CampaignSettings,
  campaignSettings,
  extendedSettings,
} from '#events/contract.ts';
import { compress, decompress } from '#platform/compression.ts';
import type { Item } from '#platform/item.ts';
import { compartment } from '#platform/memory.ts';
import { queryAll } from '#platform/query-pages.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { sharedJson } from '#platform/shared-json.ts';
import { CONTENTION_CODES } from '#platform/transaction.ts';
import { type Assignment, comparesArms } from './arms.ts';
import {
  type CampaignShards,
  type Layout,
  layoutFor,
  type Shards,
  shardsOfNew,
  withMetricShards,
} from './layout.ts';

/**
 * Statements on the campaigns table, whose key is (campaign, item). Other files hold the statements on their
 * own items. One partition, whose name no campaign id can have, lists the settings of every open campaign, so
 * that one query finds all of them.
 */
const DEFINITION_ITEM = 'DEFINITION';
const OPEN_PARTITION = '#open';
/**
 * Says in a definition's item that the ids of the campaign's coupons hold keyed hashes (`coupon-id.ts`). The previous version
 * writes no such attribute.
 */
const KEYED_COUPON_IDS = 'keyed';

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

/** TransactWriteItems takes at most 100 items. */
const MAX_ITEMS_PER_TRANSACTION = 100;
const CONDITION_FAILED = 'ConditionalCheckFailed';
const MAX_ATTEMPTS = 10;

/** What is stored now. For a known campaign, also the definition that it was registered with, as its event gave it. */
export type Registration = { stored: StoredDefinition } & (
  | { kind: 'registered' }
  | { kind: 'known'; definition: CampaignDefinition }
);

/**
 * Writes a campaign's definition, or returns the one that exists under its id. The campaign is open only once it is listed, so
 * that an opening that crashed half-way is continued when its event is delivered again. `traceparent` is that of its event.
 */
export const registerCampaign = async (
  runtime: Runtime,
  definition: CampaignDefinition,
  traceparent?: string,
): Promise<Registration> => {
  const shards = shardsOfNew(definition, JSON.parse(runtime.environment('CAMPAIGN_SHARDS')) as Shards);
  const item: Item = {
    ...definitionKeyOf(definition.campaignId),
    ...bodyOf(definition),
    couponIds: { S: KEYED_COUPON_IDS },
    shards: { S: JSON.stringify(shards) },
    ...(traceparent === undefined ? {} : { traceparent: { S: traceparent } }),
  };
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: item,
        ConditionExpression: 'attribute_not_exists(campaign)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { kind: 'registered', stored: remember(runtime, item) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    const { Item: known } = error;
    return { kind: 'known', definition: givenDefinition(known), stored: remember(runtime, known) };
  }
};

/** An item of a campaign, in the campaign's partition unless it names another. */
export type CampaignItem = { partition?: string; item: string; attributes: Record<string, AttributeValue> };

/**
 * Writes the items that do not exist yet, in transactions as large as allowed. Existing items stay unchanged: a budget shard
 * that was debited in the meantime is never refilled, however often this is repeated.
 */
export const putItemsOnce = async (
  runtime: Runtime,
  campaignId: string,
  items: readonly CampaignItem[],
): Promise<void> => {
  for (let first = 0; first < items.length; first += MAX_ITEMS_PER_TRANSACTION) {
    let missing = items.slice(first, first + MAX_ITEMS_PER_TRANSACTION);
    let attempt = 0;
    while (missing.length > 0) {
      try {
        await runtime.dynamodb.send(
          new TransactWriteItemsCommand({
            TransactItems: missing.map(({ partition = campaignId, item, attributes }) => ({
              Put: {
                TableName: tableName(runtime),
                Item: { campaign: { S: partition }, item: { S: item }, ...attributes },
                ConditionExpression: 'attribute_not_exists(campaign)',
              },
            })),
          }),
        );
        break;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = error.CancellationReasons?.map(({ Code: code }) => code) ?? [];
        const left = missing.filter((_, i) => codes[i] !== CONDITION_FAILED);
        const isContended = codes.some((code) => code !== undefined && CONTENTION_CODES.has(code));
        if (left.length === missing.length && (!isContended || attempt === MAX_ATTEMPTS)) throw error;
        // Another worker is writing the same items, and may have written them by the end of the wait.
        if (left.length === missing.length) await backoff(runtime, attempt++);
        missing = left;
      }
    }
  }
};

export const listingKeyOf = (campaignId: string): Record<string, AttributeValue> => ({
  campaign: { S: OPEN_PARTITION },
  item: { S: campaignId },
});

/** Whether a campaign is open. */
export const isListed = async (runtime: Runtime, campaignId: string): Promise<boolean> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: listingKeyOf(campaignId),
      ConsistentRead: true,
    }),
  );
  return item !== undefined;
};

/**
 * Lists a campaign as open: from now on its orders are taken. Listing it again is a no-op, because the campaign may have been
 * extended since. `presaleAtMs` is when its presale is to start; undefined if it has none.
 */
export const listCampaign = async (
  runtime: Runtime,
  definition: CampaignDefinition,
  presaleAtMs?: number,
): Promise<void> => {
  const { coupons } = definition;
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: {
          ...listingKeyOf(definition.campaignId),
          body: { S: JSON.stringify(campaignSettings(definition)) },
          hasCoupons: { BOOL: coupons !== undefined },
          hasFreeOrders: { BOOL: definition.freeOrders !== undefined },
          asksFirstOrders: { BOOL: definition.freeOrders?.firstOrderOnly === true },
          ...(coupons !== undefined && comparesArms(coupons)
            ? { assignment: { S: JSON.stringify({ arms: coupons.arms, salt: coupons.salt }) } }
            : {}),
          ...(presaleAtMs === undefined ? {} : { presaleAtMs: { N: String(presaleAtMs) } }),
        },
        ConditionExpression: 'attribute_not_exists(campaign)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};

export const definitionKeyOf = (campaignId: string): Record<string, AttributeValue> => ({
  campaign: { S: campaignId },
  item: { S: DEFINITION_ITEM },
});

/** A longer definition, which holds a model of many trees, is stored compressed. Older code accepted none that long. */
const PLAIN_BYTES_MAX = 380_000;
/** What the attributes of a definition may take: an item holds 400 KB, its key and names included. */
export const DEFINITION_BYTES_MAX = 390_000;

/** A definition's attributes: `body` as a text, or compressed. */
const bodyOf = (definition: CampaignDefinition): Record<string, AttributeValue> => {
  const text = JSON.stringify(definition);
  const bytes = Buffer.from(text);
  return { body: bytes.length <= PLAIN_BYTES_MAX ? { S: text } : { B: compress(bytes) } };
};

/** How many bytes a definition takes where it is stored. */
export const definitionBytes = (definition: CampaignDefinition): number => {
  const { body } = bodyOf(definition);
  return body!.B?.length ?? Buffer.byteLength(body!.S!);
};

const definitionText = ({ body }: Item): string => body!.S ?? Buffer.from(decompress(body!.B!)).toString();

const givenDefinition = (item: Item): CampaignDefinition =>
  JSON.parse(definitionText(item)) as CampaignDefinition;

/** Undefined for an item of the previous version, which writes no such attribute. */
const shardsOfItem = ({ shards }: Item): CampaignShards | undefined =>
  shards?.S === undefined ? undefined : (JSON.parse(shards.S) as CampaignShards);

export const definitionOfItem = (item: Item): CampaignDefinition =>
  withMetricShards(givenDefinition(item), shardsOfItem(item));

/**
 * A definition as it is stored. Whether the ids of the campaign's coupons are keyed, and where the campaign's items are, was
 * decided when the campaign was registered, and holds for the whole campaign: a deployment changes neither.
 */
export type StoredDefinition = {
  definition: CampaignDefinition;
  hasKeyedCouponIds: boolean;
  layout: Layout;
  /**
   * The trace of the event that opened the campaign; undefined if the event had none, or if an older version stored none.
   */
  traceparent?: string;
};

/** Layouts of campaigns that a process has read: they never change. */
const LAYOUTS = compartment(() => new Map<string, Layout>());

const remember = (runtime: Runtime, item: Item): StoredDefinition => {
  const given = sharedJson<CampaignDefinition>(runtime.results, definitionText(item));
  const shards = shardsOfItem(item);
  const layout = layoutFor(given, shards);
  runtime.memory.of(LAYOUTS).set(layout.campaignId, layout);
  return {
    definition: withMetricShards(given, shards),
    hasKeyedCouponIds: item.couponIds?.S === KEYED_COUPON_IDS,
    layout,
    ...(item.traceparent === undefined ? {} : { traceparent: item.traceparent.S! }),
  };
};

/**
 * The definition of a registered campaign, with how its coupons are named and where its items are; undefined if there is none.
 * The campaign need not be open yet.
 */
export const readStoredDefinition = async (
  runtime: Runtime,
  campaignId: string,
): Promise<StoredDefinition | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: definitionKeyOf(campaignId),
      ConsistentRead: true,
    }),
  );
  return item && remember(runtime, item);
};

/** Where a campaign's items are, read once in each process; undefined for a campaign that is not registered. */
export const layoutOf = async (runtime: Runtime, campaignId: string): Promise<Layout | undefined> =>
  runtime.memory.of(LAYOUTS).get(campaignId) ?? (await readStoredDefinition(runtime, campaignId))?.layout;

/** Like {@link layoutOf}. Throws if the campaign is not registered. */
export const requireLayout = async (runtime: Runtime, campaignId: string): Promise<Layout> => {
  const layout = await layoutOf(runtime, campaignId);
  if (layout === undefined) throw new Error(`campaign ${campaignId}: expected to be registered, got nothing`);
  return layout;
};

/** The definition of a registered campaign, which need not be open yet; undefined if there is none. */
export const readDefinition = async (
  runtime: Runtime,
  campaignId: string,
): Promise<CampaignDefinition | undefined> => (await readStoredDefinition(runtime, campaignId))?.definition;

/** A campaign that is open: how its orders are counted, and what else is done with them. */
export type OpenCampaign = {
  settings: CampaignSettings;
  hasCoupons: boolean;
  hasFreeOrders: boolean;
  /** Whether its free orders are for first orders only. The orders of its members must then be remembered. */
  asksFirstOrders: boolean;
  /** How its members are assigned to arms; undefined if there are not at least two arms to compare. */
  assignment?: Assignment;
  /**
   * When its presale is to start; undefined if it has none. In an item of an older version it is also undefined if the opening
   * started the presale.
   */
  presaleAtMs?: number;
};

/** The settings of every open campaign, in the order of their ids. */
export const readOpenCampaigns = async (runtime: Runtime): Promise<CampaignSettings[]> =>
  (await readListing(runtime)).map(({ settings }) => settings);

/** Every open campaign, in the order of their ids. */
export const readListing = async (runtime: Runtime): Promise<OpenCampaign[]> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression: 'campaign = :open',
    ExpressionAttributeValues: { ':open': { S: OPEN_PARTITION } },
  });
  return items.map((item) => ({
    settings: extendedSettings(
      sharedJson<CampaignSettings>(runtime.results, item.body!.S!),
      item.extendedToMs && Number(item.extendedToMs.N),
    ),
    hasCoupons: item.hasCoupons?.BOOL ?? false,
    hasFreeOrders: item.hasFreeOrders?.BOOL ?? false,
    asksFirstOrders: item.asksFirstOrders?.BOOL ?? false,
    ...(item.assignment === undefined
      ? {}
      : { assignment: sharedJson<Assignment>(runtime.results, item.assignment.S!) }),
    ...(item.presaleAtMs === undefined ? {} : { presaleAtMs: Number(item.presaleAtMs.N) }),
  }));
};

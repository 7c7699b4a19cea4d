import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { requireLayout } from '#domain/campaigns/campaigns-table.ts';
import { expiryOf } from '#domain/campaigns/retention.ts';
import { batchGet } from '#platform/batch-get.ts';
import { batchWrite } from '#platform/batch-write.ts';
import type { Item } from '#platform/item.ts';
import { queryEachPage } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { SlotStatement } from '../draw/facts.ts';
import type { RemainingPrizes } from '../draw/ledger.ts';
import { drawsTable, putOnce, slotText } from './draws-items.ts';
import type { EntryBlock } from './entry-block.ts';
import { sealList } from './sealed-list.ts';

/**
 * Reads and writes blocks of orders and the states of slots in the draws table, whose key is (draw, item):
 *
 *     <campaign>#entries#<slot>#<shard>   `BLOCK#<id>` orders, and `MANIFEST`: which of these blocks the closed slot has
 *     <campaign>#slots                    `<slot>` how far the slot is; see also `slot-links.ts`
 *
 * An instant draw has one slot, 0, which is the whole campaign.
 */
const BLOCK_PREFIX = 'BLOCK#';
const MANIFEST_ITEM = 'MANIFEST';

/** A slot of a campaign's draw. */
export type SlotPlace = { campaignId: string; slot: number };

const entriesKey = (campaignId: string, slot: number, shard: number): string =>
  `${campaignId}#entries#${slotText(slot)}#${shard}`;

/** The number of partitions over which the entries of each slot of a draw are spread. */
export const entryShardsOf = async (runtime: Runtime, campaignId: string): Promise<number> =>
  (await requireLayout(runtime, campaignId)).entryShards;

/** Which of `shards` shards a block is in: a function of its content, as its id is. */
export const blockShardOf = (blockId: string, shards: number): number =>
  Buffer.from(blockId, 'base64url')[0]! % shards;

/** Writes blocks of orders. Writing a block again changes nothing. */
export const putEntryBlocks = async (
  runtime: Runtime,
  campaignId: string,
  blocks: readonly (EntryBlock & { slot: number })[],
): Promise<void> => {
  const shards = await entryShardsOf(runtime, campaignId);
  const expiry = await expiryOf(runtime, campaignId);
  await batchWrite(
    runtime,
    drawsTable(runtime),
    blocks.map(({ id, body, slot }) => ({
      draw: { S: entriesKey(campaignId, slot, blockShardOf(id, shards)) },
      item: { S: BLOCK_PREFIX + id },
      body: { B: body },
      ...expiry,
    })),
  );
};

/** Replaces the body of a block that exists. */
export const replaceEntryBlock = async (
  runtime: Runtime,
  { campaignId, slot }: SlotPlace,
  { id, body }: EntryBlock,
): Promise<void> => {
  const shard = blockShardOf(id, await entryShardsOf(runtime, campaignId));
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: drawsTable(runtime),
      Key: { draw: { S: entriesKey(campaignId, slot, shard) }, item: { S: BLOCK_PREFIX + id } },
      UpdateExpression: 'SET body = :body',
      ConditionExpression: 'attribute_exists(draw)',
      ExpressionAttributeValues: { ':body': { B: body } },
    }),
  );
};

/**
 * The blocks of a shard, both in time and late, in the order of their ids, a page of 1 MB at a time. If `afterId` is given, only
 * the blocks after it.
 */
export const entryBlockPages = async function* (
  runtime: Runtime,
  { campaignId, slot }: SlotPlace,
  shard: number,
  afterId?: string,
): AsyncGenerator<EntryBlock[]> {
  const draw = { S: entriesKey(campaignId, slot, shard) };
  const query = {
    TableName: drawsTable(runtime),
    KeyConditionExpression: 'draw = :draw AND begins_with(#item, :block)',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':draw': draw, ':block': { S: BLOCK_PREFIX } },
  };
  const after = afterId === undefined ? undefined : { draw, item: { S: BLOCK_PREFIX + afterId } };
  for await (const items of queryEachPage(runtime, query, after))
    yield items.map(({ item, body }) => ({ id: item!.S!.slice(BLOCK_PREFIX.length), body: body!.B! }));
};

/** The blocks of {@link entryBlockPages} one by one. */
export const entryBlocks = async function* (
  runtime: Runtime,
  place: SlotPlace,
  shard: number,
): AsyncGenerator<EntryBlock> {
  for await (const blocks of entryBlockPages(runtime, place, shard)) yield* blocks;
};

/**
 * Fixes which blocks of a shard belong to the closed slot, and returns their ids: the blocks that exist now, unless they were
 * fixed before. Call it only after the slot is marked as closing: by then, every writer that finds no mark after its write has
 * written its block.
 */
export const sealEntryShard = async (
  runtime: Runtime,
  campaignId: string,
  slot: number,
  shard: number,
): Promise<ReadonlySet<string>> => {
  const key = { draw: { S: entriesKey(campaignId, slot, shard) }, item: { S: MANIFEST_ITEM } };
  const readIds = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of entryBlocks(runtime, { campaignId, slot }, shard)) ids.push(id);
    return ids;
  };
  return new Set(
    await sealList(runtime, key, { read: readIds, expiry: () => expiryOf(runtime, campaignId) }),
  );
};

/**
 * How far a slot is. `closing`: orders written from now on may be late. `stated`: the statement is written,
 * but it is not yet known whether it was written before its round came. `closed`: it was written in time, so
 * it is published and the slot may be drawn. `drawn`: the prizes are given; `remaining` is what is left for
 * the next slots.
 */
export type SlotState =
  | { kind: 'open' }
  | { kind: 'closing' }
  | { kind: 'stated'; statement: SlotStatement }
  | { kind: 'closed'; statement: SlotStatement }
  | {
      kind: 'drawn';
      statement: SlotStatement;
      randomness: string | null;
      signature: string | null;
      remaining: RemainingPrizes;
    };

const slotKey = (campaignId: string, slot: number): Item => ({
  draw: { S: `${campaignId}#slots` },
  item: { S: slotText(slot) },
});

/** A slot's state as it is stored. In a drawn slot, `purse` is the stored name of `remaining`. */
type StoredSlotState =
  | Exclude<SlotState, { kind: 'open' | 'drawn' }>
  | (Omit<Extract<SlotState, { kind: 'drawn' }>, 'remaining'> & { purse: RemainingPrizes });

const storedTextOf = (state: Exclude<SlotState, { kind: 'open' }>): string => {
  if (state.kind !== 'drawn') return JSON.stringify(state satisfies StoredSlotState);
  const { remaining, ...drawn } = state;
  return JSON.stringify({ ...drawn, purse: remaining } satisfies StoredSlotState);
};

const stateOf = (item: Item | undefined): SlotState => {
  if (item === undefined) return { kind: 'open' };
  const stored = JSON.parse(item.state!.S!) as StoredSlotState;
  switch (stored.kind) {
    case 'closing':
    case 'stated':
    case 'closed':
      return stored;
    case 'drawn': {
      const { purse, ...drawn } = stored;
      return { ...drawn, remaining: purse };
    }
    default:
      return stored satisfies never;
  }
};

export const readSlot = async (runtime: Runtime, campaignId: string, slot: number): Promise<SlotState> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: drawsTable(runtime),
      Key: slotKey(campaignId, slot),
      ConsistentRead: true,
    }),
  );
  return stateOf(item);
};

/** The states of a draw's slots, from 0 on. */
export const readSlots = async (
  runtime: Runtime,
  campaignId: string,
  slots: number,
): Promise<SlotState[]> => {
  const keys = Array.from({ length: slots }, (_, slot) => slotKey(campaignId, slot));
  const items = await batchGet(runtime, drawsTable(runtime), keys);
  const byKey = new Map(items.map((item) => [item.item!.S!, item]));
  return keys.map(({ item }) => stateOf(byKey.get(item!.S!)));
};

/** Marks an open slot as closing. Returns the stored state, which may already be a later one. */
export const beginClosing = async (
  runtime: Runtime,
  campaignId: string,
  slot: number,
): Promise<SlotState> => {
  const closing = { kind: 'closing' } as const;
  return stateOf(
    await putOnce(runtime, {
      ...slotKey(campaignId, slot),
      ...(await expiryOf(runtime, campaignId)),
      kind: { S: closing.kind },
      state: { S: storedTextOf(closing) },
    }),
  );
};

const moveSlot = async (
  runtime: Runtime,
  { campaignId, slot }: SlotPlace,
  to: Exclude<SlotState, { kind: 'open' }>,
  condition: { expression: string; from: string },
): Promise<SlotState> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: drawsTable(runtime),
        Key: slotKey(campaignId, slot),
        UpdateExpression: 'SET #kind = :kind, #state = :state',
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: { '#kind': 'kind', '#state': 'state' },
        ExpressionAttributeValues: {
          ':kind': { S: to.kind },
          ':state': { S: storedTextOf(to) },
          ':from': { S: condition.from },
        },
      }),
    );
    return to;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return readSlot(runtime, campaignId, slot);
  }
};

/**
 * Moves a slot from one kind of state to the next. Returns the stored state, which is another worker's if that worker came first.
 */
export const advanceSlot = (
  runtime: Runtime,
  place: SlotPlace,
  from: SlotState['kind'],
  to: Exclude<SlotState, { kind: 'open' }>,
): Promise<SlotState> => moveSlot(runtime, place, to, { expression: '#kind = :from', from });

/** Like {@link advanceSlot}, but only if the slot has exactly the statement of `from`, not a later one by another worker. */
export const advanceStated = (
  runtime: Runtime,
  place: SlotPlace,
  from: Extract<SlotState, { kind: 'stated' }>,
  to: Extract<SlotState, { kind: 'stated' | 'closed' }>,
): Promise<SlotState> =>
  moveSlot(runtime, place, to, { expression: '#state = :from', from: storedTextOf(from) });

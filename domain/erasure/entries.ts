/** Takes the ids of an erased member out of the orders of draws. */
import { type OpenDraw, openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { participationOf } from '#domain/free-orders/draw/win.ts';
import { entryBlocks, entryShardsOf, replaceEntryBlock } from '#domain/free-orders/entries/draws-table.ts';
import { repackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { replaceJudgedOrder } from '#domain/free-orders/entries/judgements.ts';
import {
  type KeptOrder,
  nameOf,
  type StoredOrder,
  withoutMemberId,
} from '#domain/free-orders/entries/kept-order.ts';
import { slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { Runtime } from '#platform/runtime.ts';
import { eachPart, type PartsOptions } from './each-part.ts';

/** How many parts a draw has. A part is the blocks of one shard of one slot; an instant draw has one slot. */
const partsOf = (draw: OpenDraw, shards: number): number => {
  switch (draw.mode) {
    case 'instant':
      return shards;
    case 'slot':
      return slotsOf(draw.rules) * shards;
    default:
      return draw satisfies never;
  }
};

/**
 * Takes ids out of a part of a draw. Entries, and with them roots and tickets, stay as they are, so the draw is
 * verified as before.
 */
const clearPart = async (
  runtime: Runtime,
  draw: OpenDraw,
  part: number,
  all: readonly { member: string; name: string }[],
): Promise<void> => {
  const { campaignId, rules, pseudonyms } = draw;
  const names = new Map(all.map(({ member, name }) => [member, name]));
  const shards = await entryShardsOf(runtime, campaignId);
  const slot = Math.floor(part / shards);
  const without = (order: KeptOrder): KeptOrder => {
    const name = names.get(order.memberId);
    return name === undefined ? order : withoutMemberId(order, name, rules, pseudonyms);
  };
  for await (const { id, body } of entryBlocks(runtime, { campaignId, slot }, part % shards)) {
    const participations: string[] = [];
    const cleared = repackOrders(body, (order): StoredOrder => {
      if (!('memberId' in order) || !names.has(order.memberId)) return order;
      participations.push(participationOf(rules, nameOf(order, pseudonyms)));
      return without(order);
    });
    if (cleared === undefined) continue;
    // Judgements are cleared first, because they cannot be found from a block that is already cleared.
    for (const participation of participations)
      await replaceJudgedOrder(runtime, campaignId, participation, without);
    await replaceEntryBlock(runtime, { campaignId, slot }, { id, body: cleared });
  }
};

/** Takes ids out of a campaign's draw, part by part. Returns where it stopped, as {@link eachPart} does. */
export const clearEntries = async (
  runtime: Runtime,
  campaignId: string,
  all: readonly { member: string; name: string }[],
  options: PartsOptions,
): Promise<number | undefined> => {
  const draw = await openDraw(runtime, campaignId);
  const parts = partsOf(draw, await entryShardsOf(runtime, campaignId));
  return eachPart(parts, options, (part) => clearPart(runtime, draw, part, all));
};

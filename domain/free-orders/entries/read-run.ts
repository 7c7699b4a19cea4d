/** Reads the orders of a slot that is closing or closed, as many at a time as a sorted run holds. */
import type { Runtime } from '#platform/runtime.ts';
import { entryBlockPages, entryShardsOf, type SlotPlace, sealEntryShard } from './draws-table.ts';
import { unpackOrders } from './entry-block.ts';
import type { Judged } from './kept-order.ts';

/** About how many orders are in memory at a time: a run ends with the page that reaches this number. They take about 250 MB. */
export const RUN_ORDERS = 250_000;

/** Where a run begins: after a block of a shard, or at the shard's beginning. */
export type RunPlace = { shard: number; after?: string };

export const FIRST_PLACE: RunPlace = { shard: 0 };

/** The orders of a run, and where the next run begins; undefined after the slot's last run. */
export type ReadRun = { inTime: Judged[]; late: Judged[]; next?: RunPlace };

/**
 * Reads blocks from a place on until there are enough orders for a run, or the slot ends. A run ends with a page, so that the
 * next run reads no block again.
 */
export const readRun = async (
  runtime: Runtime,
  place: SlotPlace,
  from: RunPlace,
  runOrders: number,
): Promise<ReadRun> => {
  const read: ReadRun = { inTime: [], late: [] };
  const shards = await entryShardsOf(runtime, place.campaignId);
  for (let shard = from.shard; shard < shards; shard++) {
    const manifest = await sealEntryShard(runtime, place.campaignId, place.slot, shard);
    const after = shard === from.shard ? from.after : undefined;
    for await (const blocks of entryBlockPages(runtime, place, shard, after)) {
      for (const { id, body } of blocks) {
        const orders = manifest.has(id) ? read.inTime : read.late;
        for (const order of unpackOrders(body)) orders.push(order);
      }
      if (read.inTime.length + read.late.length >= runOrders)
        return { ...read, next: { shard, after: blocks.at(-1)!.id } };
    }
  }
  return read;
};

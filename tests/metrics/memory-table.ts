import { blocksOf } from '#domain/metrics/batch-blocks.ts';
import type { RowKey } from '#domain/metrics/levels.ts';
import { type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import type * as MetricsTable from '#domain/metrics/metrics-table.ts';
import type { CampaignSettings } from '#events/contract.ts';

type StoredRow = MetricsTable.StoredRow;

/**
 * The metrics table in memory, with the guarantees of the real one and no more: each item's read and write is atomic and
 * strongly consistent, reads of several items are not a snapshot, and a process may die before or after any call.
 */
export const store = {
  blocks: new Map<string, Map<string, Uint8Array>>(),
  rows: new Map<string, StoredRow>(),
  pending: new Map<string, Set<string>>(),
  milestones: new Map<string, MetricsTable.StoredMilestones>(),
  /** Waited for before each call, and where the name says so after it; what it throws is a death of the process. */
  turn: async (_call: string): Promise<void> => {},
};

export const resetStore = (turn: (call: string) => Promise<void> = async () => {}): void => {
  store.blocks.clear();
  store.rows.clear();
  store.pending.clear();
  store.milestones.clear();
  store.turn = turn;
};

export const place = ({ campaignId }: CampaignSettings, { level, startMs, shard }: RowKey): string =>
  `${campaignId}/${level}/${startMs}/${shard}`;

const shardPlace = ({ campaignId }: CampaignSettings, shard: number): string => `${campaignId}/${shard}`;

export const memoryTable: Partial<typeof MetricsTable> = {
  readWindow: async (_runtime, settings, key) => {
    const at = place(settings, key);
    const blocks: MetricsTable.StoredBlock[] = [];
    await store.turn('readWindow');
    const ids = [...(store.blocks.get(at)?.keys() ?? [])].sort();
    const half = ids.length >> 1;
    for (const id of ids.slice(0, half)) blocks.push({ id, body: store.blocks.get(at)!.get(id)! });
    await store.turn('readWindow, next page');
    const later = [...(store.blocks.get(at)?.keys() ?? [])].sort().filter((id) => id > (ids[half - 1] ?? ''));
    for (const id of later) blocks.push({ id, body: store.blocks.get(at)!.get(id)! });
    return { blocks, row: store.rows.get(at) };
  },
  readRows: async (_runtime, settings, keys) => {
    const rows: (StoredRow | undefined)[] = [];
    for (const [i, key] of keys.entries()) {
      if (i % 3 === 0) await store.turn('readRows');
      rows.push(store.rows.get(place(settings, key)));
    }
    return rows;
  },
  putRow: async (_runtime, settings, key, row) => {
    await store.turn('putRow');
    const current = store.rows.get(place(settings, key));
    const isWritten = current === undefined || current.blocks <= row.blocks;
    if (isWritten) store.rows.set(place(settings, key), row);
    await store.turn('putRow, answer');
    return isWritten;
  },
  readPending: async (_runtime, settings, shard) => {
    await store.turn('readPending');
    return [...(store.pending.get(shardPlace(settings, shard)) ?? [])].map((blockId) => ({
      startMs: 0,
      blockId,
    }));
  },
  removePending: async (_runtime, settings, shard, folded) => {
    await store.turn('removePending');
    for (const { blockId } of folded) store.pending.get(shardPlace(settings, shard))?.delete(blockId);
  },
  readMilestoneItem: async (_runtime, { campaignId }) => {
    await store.turn('readMilestoneItem');
    return store.milestones.get(campaignId);
  },
  putMilestoneItem: async (_runtime, { campaignId }, item) => {
    await store.turn('putMilestoneItem');
    const current = store.milestones.get(campaignId);
    const isWritten = current === undefined || current.blocks <= item.blocks;
    if (isWritten) store.milestones.set(campaignId, item);
    await store.turn('putMilestoneItem, answer');
    return isWritten;
  },
};

/** Appends events as blocks, as the metrics function does; gives the windows they are in. */
export const append = (campaign: CampaignSettings, events: readonly MetricEvent[]) => {
  const [result] = blocksOf([{ settings: campaign, events: events.map(toTuple) }]);
  for (const { id, body, startMs, shard } of result!.blocks) {
    const at = place(campaign, { level: 0, startMs, shard });
    if (!store.blocks.has(at)) store.blocks.set(at, new Map());
    store.blocks.get(at)!.set(id, body);
    const pendingAt = shardPlace(campaign, shard);
    if (!store.pending.has(pendingAt)) store.pending.set(pendingAt, new Set());
    store.pending.get(pendingAt)!.add(id);
  }
  return result!.blocks.map(({ startMs, shard }) => ({ startMs, shard }));
};

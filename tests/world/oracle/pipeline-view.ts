/**
 * How the oracle sees the pipeline: figures through the pipeline's own readers, blocks through its codecs, and items as they are
 * stored.
 */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { unpackBlock } from '#domain/metrics/block.ts';
import { decodeMadeOf } from '#domain/metrics/made-of.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { membersOf } from '#domain/metrics/rollup/row.ts';
import { type CampaignSettings, campaignSettings } from '#events/contract.ts';
import type { Tables } from '#local/emulator/tables.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { BlockEvent, Facts, Figures } from './invariant.ts';
import type { Peek, TableName } from './observation.ts';

/** Reads a campaign's figures; undefined if it was never opened. `runtime` has to read the tables without faults. */
export const figuresReader = (runtime: Runtime): ((campaignId: string) => Promise<Figures | undefined>) => {
  const known = new Map<string, CampaignSettings>();
  return async (campaignId) => {
    let settings = known.get(campaignId);
    if (settings === undefined) {
      const definition = await readDefinition(runtime, campaignId);
      if (definition === undefined) return undefined;
      settings = campaignSettings(definition);
      known.set(campaignId, settings);
    }
    const { row, watermarkMs } = await readTotal(runtime, settings);
    return {
      campaignId,
      watermarkMs,
      tallies: row.tallies,
      brands: row.brands,
      stores: new Map([...row.stores.stores].map(([store, { known }]) => [store, known])),
      members: membersOf(row, 'paid'),
      conflicts: row.conflicts,
    };
  };
};

/** Events of the blocks that were looked at. A stored item keeps its bytes, and nobody changes them. */
const UNPACKED = new WeakMap<Uint8Array, readonly BlockEvent[]>();

const eventsOfBlock = (body: Uint8Array): readonly BlockEvent[] => {
  let events = UNPACKED.get(body);
  if (events === undefined) {
    events = body.length === 0 ? [] : unpackBlock(body);
    UNPACKED.set(body, events);
  }
  return events;
};

export const CODECS: Pick<Facts, 'eventsOfBlock' | 'madeOfRow' | 'ordersOfBlock'> = {
  eventsOfBlock,
  madeOfRow: (bytes) => {
    const made = decodeMadeOf(bytes);
    return made.kind === 'blocks' ? { blocks: new Set(made.blocks) } : { counts: made.counts };
  },
  ordersOfBlock: (body) => unpackOrders(body).flatMap(({ order }) => ('memberId' in order ? [order] : [])),
};

/** Reads an item of an emulated table as it is now, without a call that takes time or can fail. */
export const peekInto =
  (tables: Tables, tableNames: Readonly<Record<TableName, string>>): Peek =>
  (table, key) =>
    tables.peek(tableNames[table], key);

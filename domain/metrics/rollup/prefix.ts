import { type RowKey, totalKey } from '#domain/metrics/levels.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { composedRow, readCompositions } from './composition.ts';
import { prefixKeys } from './prefix-keys.ts';
import { appendInto, emptyRow, type Row } from './row.ts';

/** How many campaigns a process keeps in memory; a screen shows one and compares it with another. */
const MAX_CAMPAIGNS_KEPT = 4;

/** Successive rows and their sum. */
type Appended = { keys: readonly RowKey[]; row: Row };

/**
 * What a process knows of a campaign while its total has this version. A version is a fingerprint of the versions of all rows
 * below, so while it stays the same, no row has changed. A row that is read after the total may be newer. Then the
 * total has another version the next time, and the process reads everything again.
 */
type Known = {
  version: string;
  total: Row;
  /** Of the last prefix that was read: the rows on the level right below the total. */
  leading: Appended;
  /** The last prefix that was requested. */
  last: Appended;
};

const NOTHING: Appended = { keys: [], row: emptyRow() };

const KNOWN = compartment(() => new Map<string, Known>());

const remember = (runtime: Runtime, campaignId: string, value: Known): void => {
  if (!runtime.memory.of(KNOWN).has(campaignId) && runtime.memory.of(KNOWN).size >= MAX_CAMPAIGNS_KEPT)
    runtime.memory.of(KNOWN).clear();
  runtime.memory.of(KNOWN).set(campaignId, value);
};

const isSameKey = (a: RowKey | undefined, b: RowKey | undefined): boolean =>
  a !== undefined && b !== undefined && a.level === b.level && a.startMs === b.startMs && a.shard === b.shard;

const isPrefixOf = (head: readonly RowKey[], keys: readonly RowKey[]): boolean =>
  head.length <= keys.length && head.every((key, i) => isSameKey(key, keys[i]));

/** Makes a new row from a row and the rows that follow it. */
const append = (first: Row, rest: readonly Row[]): Row => {
  const row = emptyRow();
  for (const next of [first, ...rest]) appendInto(row, next);
  return row;
};

/** A campaign's total, and the part of it up to the elapsed time. These rows are shared and must not be changed. */
export type Prefix = { prefix: Row; total: Row };

/**
 * Reads a campaign's total, and the part of the campaign in the first `elapsedMs`; see {@link prefixKeys} for where it is cut.
 * Reads only the total while the elapsed time is in the same base window and nothing new has come. Otherwise it also reads the
 * rows that the process does not know yet. {@link readCompositions} says how many calls each read takes.
 */
export const readPrefixAndTotal = async (
  runtime: Runtime,
  settings: CampaignSettings,
  elapsedMs: number,
): Promise<Prefix> => {
  const [composition] = (await readCompositions(runtime, settings, [totalKey(settings)])).compositions;
  if (composition === undefined) return { prefix: emptyRow(), total: emptyRow() };
  let of = runtime.memory.of(KNOWN).get(settings.campaignId);
  if (of?.version !== composition.version) {
    of = { version: composition.version, total: composedRow(composition), leading: NOTHING, last: NOTHING };
    remember(runtime, settings.campaignId, of);
  }
  const { total } = of;
  const keys = prefixKeys(settings, elapsedMs);
  if (isSameKey(keys[0], totalKey(settings))) return { prefix: total, total };
  if (keys.length === of.last.keys.length && isPrefixOf(of.last.keys, keys))
    return { prefix: of.last.row, total };

  const leadingKeys = keys.filter(({ level }) => level === totalKey(settings).level - 1);
  const start = isPrefixOf(of.leading.keys, leadingKeys) ? of.leading : NOTHING;
  const missing = keys.slice(start.keys.length);
  const { compositions } =
    missing.length === 0 ? { compositions: [] } : await readCompositions(runtime, settings, missing);
  const rows = compositions.map((one) => composedRow(one));
  const newLeading = leadingKeys.length - start.keys.length;
  const leading = { keys: leadingKeys, row: append(start.row, rows.slice(0, newLeading)) };
  const last = { keys, row: append(leading.row, rows.slice(newLeading)) };
  remember(runtime, settings.campaignId, { version: of.version, total, leading, last });
  return { prefix: last.row, total };
};

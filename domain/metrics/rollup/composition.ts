import { childrenOf, type Level, levelsOf, type RowKey } from '#domain/metrics/levels.ts';
import { PAID } from '#domain/metrics/metric-event.ts';
import { readRows, readRowsAndMarks, type StoredRow } from '#domain/metrics/row-items.ts';
import { baseLevelOf } from '#domain/metrics/shards.ts';
import type { Marks } from '#domain/metrics/watermark-item.ts';
import { type CampaignSettings, plannedEndOf } from '#events/contract.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { appendInto, emptyRow, type Row, rowNetFen, tallyOf } from './row.ts';
import { unpackRowParts } from './row-codec.ts';

/**
 * How a row of a longer window is put together. The stored row covers its first children and stays as it is while the newest
 * window changes. The rest is read from the children, down to the base windows. So a refresh writes the newest window, and the
 * rows above it only now and then.
 */

/**
 * A campaign's tree of rows. The rows of the level {@link Tree.base} are those of whole base windows; the rows of higher levels
 * cover their children in the order of time.
 */
export type Tree = { settings: CampaignSettings; levels: readonly Level[]; base: number };

export const treeOf = (settings: CampaignSettings): Tree => ({
  settings,
  levels: levelsOf(settings),
  base: baseLevelOf(settings),
});

export const placeOf = ({ level, startMs, shard }: RowKey): string => `${level}#${startMs}#${shard}`;

/** How many of its first children a stored row covers. A row of the previous format covers all before the planned end. */
export const coveredBy = (
  { settings }: Tree,
  stored: StoredRow | undefined,
  children: readonly RowKey[],
): number => {
  if (stored === undefined) return 0;
  if (stored.madeOf?.kind === 'children') return stored.madeOf.counts.length;
  return children.filter(({ startMs }) => startMs < plannedEndOf(settings)).length;
};

/** The rows that a row is put together from, in the order of time. */
export type Composition = {
  key: RowKey;
  /** A fingerprint of everything in it. */
  version: string;
  /**
   * Identifies what its covered part was first made of. It stays the same while more children are covered, and changes when
   * covered children are made again.
   */
  root: string;
  blocks: number;
  stored: StoredRow | undefined;
  /** The children that the stored row does not cover. */
  tail: Composition[];
};

/** The part of a version that stays the same while a row is extended. */
const rootOf = (version: string): string => version.split('.')[0]!;

const compositionOf = (
  key: RowKey,
  stored: StoredRow | undefined,
  tail: readonly Composition[],
): Composition | undefined => {
  const used = tail.filter(({ blocks }) => blocks > 0);
  if (stored === undefined && used.length === 0) return undefined;
  return {
    key,
    version: fingerprintOf([stored?.version ?? '', ...used.map(({ version }) => version)].join()),
    root: stored === undefined ? '' : rootOf(stored.version),
    blocks: used.reduce((sum, { blocks }) => sum + blocks, stored?.blocks ?? 0),
    stored,
    tail: used,
  };
};

/** The rows that were read so far, and the keys of those that are still missing. */
class Reading {
  readonly #tree: Tree;
  readonly #rows = new Map<string, StoredRow | undefined>();
  #missing: RowKey[] = [];

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  add(keys: readonly RowKey[], rows: readonly (StoredRow | undefined)[]): void {
    for (const [i, key] of keys.entries()) this.#rows.set(placeOf(key), rows[i]);
  }

  compose(key: RowKey, tailMs: number): Composition | undefined {
    const place = placeOf(key);
    if (!this.#rows.has(place)) {
      this.#missing.push(key);
      return undefined;
    }
    const stored = this.#rows.get(place);
    const { settings, levels, base } = this.#tree;
    // A row that is not stored has nothing below it.
    if (stored === undefined || key.level <= base) return compositionOf(key, stored, []);
    const children = childrenOf(settings, levels, key);
    const tail: Composition[] = [];
    for (const child of children.slice(coveredBy(this.#tree, stored, children))) {
      if (child.startMs > tailMs) break;
      const composed = this.compose(child, tailMs);
      if (composed !== undefined) tail.push(composed);
    }
    return compositionOf(key, stored, tail);
  }

  /** Returns the keys of the rows that were needed and not read yet, and of those that would be needed next. */
  takeMissing(tailMs: number): RowKey[] {
    const missing = new Map(this.#missing.map((key) => [placeOf(key), key]));
    const { settings, levels, base } = this.#tree;
    const endsWithTail = ({ level, startMs }: RowKey): boolean =>
      startMs <= tailMs && tailMs < startMs + levels[level]!.lengthMs;
    // The rows below the one with the newest window are almost certainly needed next.
    for (const key of missing.values()) {
      if (key.level <= base || !endsWithTail(key)) continue;
      const children = childrenOf(settings, levels, key);
      const next =
        key.level - 1 === base
          ? children.filter(({ startMs }) => startMs <= tailMs)
          : children.filter(endsWithTail);
      for (const child of next) if (!this.#rows.has(placeOf(child))) missing.set(placeOf(child), child);
    }
    this.#missing = [];
    return [...missing.values()];
  }
}

/**
 * Reads what rows are put together from, and the campaign's marks; a composition is undefined if there is nothing for its key
 * yet. A row is read before the rows below it, so it can only be older than they are; and when a row comes to cover rows below
 * it, these are not removed. So everything that was in the tree when the call began is in the result exactly once. Takes two
 * calls, and one more for each level at which more than the newest child is not covered.
 */
export const readCompositions = async (
  runtime: Runtime,
  settings: CampaignSettings,
  keys: readonly RowKey[],
): Promise<{ compositions: (Composition | undefined)[]; marks: Marks }> => {
  const reading = new Reading(treeOf(settings));
  const { rows, marks } = await readRowsAndMarks(runtime, settings, keys);
  reading.add(keys, rows);
  const tailMs = marks.tailMs ?? Number.NEGATIVE_INFINITY;
  for (;;) {
    const compositions = keys.map((key) => reading.compose(key, tailMs));
    const missing = reading.takeMissing(tailMs);
    if (missing.length === 0) return { compositions, marks };
    reading.add(missing, await readRows(runtime, settings, missing));
  }
};

/** Appends the row of the next window to a row, with its point in the series. */
export const appendChild = (sum: Row, child: Row, { startMs }: RowKey): void => {
  appendInto(sum, child);
  const orders = tallyOf(child, PAID).count;
  const netFen = rowNetFen(child);
  if (orders === 0 && netFen === 0) return;
  sum.series.push({ startMs, orders, netFen, peakFen: child.peakFen });
};

/** Called with the covered part, and then after each child that is not covered. */
export type Watcher = {
  covered(sum: Row, of: Composition): void;
  appended(child: Row, sum: Row, of: Composition): void;
};

/** Puts a row together. */
export const composedRow = (composition: Composition | undefined, watcher?: Watcher): Row => {
  if (composition === undefined) return emptyRow();
  const sum = unpackRowParts(composition.stored?.parts ?? []);
  watcher?.covered(sum, composition);
  for (const tail of composition.tail) {
    const child = composedRow(tail);
    appendChild(sum, child, tail.key);
    watcher?.appended(child, sum, tail);
  }
  return sum;
};

import { childrenOf, type Level, levelsOf, type RowKey } from '#domain/metrics/levels.ts';
import { PAID } from '#domain/metrics/metric-event.ts';
import { readRows, readRowsAndMarks, type StoredRow } from '#domain/metrics/row-items.ts';
import { baseLevelOf } from '#domain/metrics/shards.ts';
import type { Marks } from '#domain/metrics/watermark-item.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { appendInto, emptyRow, type Row, rowNetFen, tallyOf } from './row.ts';
import { unpackRowParts } from './row-codec.ts';

/**
 * How a row of a longer window is put together. What is stored of it covers the first of its children and stays as it is while the
 * newest window changes; what follows is read from the children, down to the base windows. So a refresh writes the newest
 * window, and rows above it only once in a while.
 */

/** A campaign's tree of rows. Above {@link Tree.base}, whose rows are those of base windows, rows cover children in the order of time. */
export type Tree = { settings: CampaignSettings; levels: readonly Level[]; base: number };

export const treeOf = (settings: CampaignSettings): Tree => ({
  settings,
  levels: levelsOf(settings),
  base: baseLevelOf(settings),
});

export const placeOf = ({ level, startMs, shard }: RowKey): string => `${level}#${startMs}#${shard}`;

/** How many of its children, from the first on, a stored row covers; one of the format before covers all. */
export const coveredBy = (stored: StoredRow | undefined, children: number): number => {
  if (stored === undefined) return 0;
  return stored.madeOf?.kind === 'children' ? stored.madeOf.counts.length : children;
};

/** The rows that a row is put together from, in the order of time; none of them where there is nothing yet. */
export type Composition = {
  key: RowKey;
  /** A fingerprint of all that goes into it. */
  version: string;
  /** Names what its covered part was made of first; it stays while more children are covered, and changes when they are made again. */
  root: string;
  blocks: number;
  stored: StoredRow | undefined;
  /** The children that the stored row does not cover. */
  tail: Composition[];
};

/** A version's part that stays while a row is extended. */
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
    // A row that is not there has nothing below it.
    if (stored === undefined || key.level <= base) return compositionOf(key, stored, []);
    const children = childrenOf(settings, levels, key);
    const tail: Composition[] = [];
    for (const child of children.slice(coveredBy(stored, children.length))) {
      if (child.startMs > tailMs) break;
      const composed = this.compose(child, tailMs);
      if (composed !== undefined) tail.push(composed);
    }
    return compositionOf(key, stored, tail);
  }

  /** What had to be read and was not there, also where it would only be found after that. */
  takeMissing(tailMs: number): RowKey[] {
    const missing = new Map(this.#missing.map((key) => [placeOf(key), key]));
    const { settings, levels, base } = this.#tree;
    const endsWithTail = ({ level, startMs }: RowKey): boolean =>
      startMs <= tailMs && tailMs < startMs + levels[level]!.lengthMs;
    // The rows below the one in which the newest window lies are as good as sure to be asked for next.
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
 * Reads what rows are put together from, and the campaign's marks. A row that is read before what is below it is at most older, and
 * nothing leaves the rows below when it is covered above, so that everything that was in the tree when the call began is in
 * the result once. Two calls, and one more for each level at which more than the newest child is not covered.
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

/** Appends a row of the window that is next in time to a row, with its point in the series. */
export const appendChild = (sum: Row, child: Row, { startMs }: RowKey): void => {
  appendInto(sum, child);
  const orders = tallyOf(child, PAID).count;
  const netFen = rowNetFen(child);
  if (orders === 0 && netFen === 0) return;
  sum.series.push({ startMs, orders, netFen, peakFen: child.peakFen });
};

/** Is called with what is covered, and then after each child that is not. */
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

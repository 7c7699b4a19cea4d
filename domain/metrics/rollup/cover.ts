import { childrenOf, type RowKey } from '#domain/metrics/levels.ts';
import { putRow, type Replacement, readRows, type StoredRow } from '#domain/metrics/row-items.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { appendChild, coveredBy, placeOf, type Tree } from './composition.ts';
import { MAX_ATTEMPTS, refusedText } from './fold-window.ts';
import { emptyRow, type Row } from './row.ts';
import { packRowParts, unpackRowParts } from './row-codec.ts';

/**
 * A window is covered by rows above it only when the newest base window begins this many base windows after its end, or later.
 * Events near the end of a window arrive out of order, and a late event for a covered window forces the rows above it to be
 * written again.
 */
const GRACE_WINDOWS = 2;

/** How many of a row's first children may be covered while the newest window is the one at `tailMs`. */
export const coverableOf = ({ settings, levels }: Tree, key: RowKey, tailMs: number): number => {
  const { lengthMs } = levels[key.level - 1]!;
  const beforeMs = tailMs - GRACE_WINDOWS * settings.windowMs;
  return childrenOf(settings, levels, key).filter(({ startMs }) => startMs + lengthMs <= beforeMs).length;
};

const versionOf = (
  before: StoredRow | undefined,
  from: number,
  children: readonly (StoredRow | undefined)[],
): string => {
  const content = fingerprintOf(children.map((child) => child?.version ?? '').join());
  // An extended row keeps the first part of its version. If that is unchanged, the milestones that were found in the covered part
  // still hold.
  return from > 0 ? `${before!.version.split('.')[0]}.${content}` : `${content}.`;
};

const merged = (before: Row, keys: readonly RowKey[], rows: readonly (StoredRow | undefined)[]): Row => {
  for (const [i, stored] of rows.entries()) {
    if (stored !== undefined && stored.blocks > 0)
      appendChild(before, unpackRowParts(stored.parts), keys[i]!);
  }
  return before;
};

/** The row that covers these children, its first ones, in the form in which it is stored. */
export const rowOfChildren = (
  keys: readonly RowKey[],
  rows: readonly (StoredRow | undefined)[],
): Replacement['row'] => {
  const counts = rows.map((row) => row?.blocks ?? 0);
  return {
    blocks: counts.reduce((sum, count) => sum + count, 0),
    version: versionOf(undefined, 0, rows),
    madeOf: { kind: 'children', counts },
    parts: packRowParts(merged(emptyRow(), keys, rows)),
  };
};

const EMPTY = packRowParts(emptyRow());

/**
 * Stores an empty row if none is stored, to show that there is something below it: to a reader, a missing row means that nothing
 * is below it.
 */
export const touchRow = async (runtime: Runtime, { settings }: Tree, key: RowKey): Promise<void> => {
  await putRow(runtime, settings, key, {
    row: { blocks: 0, version: '.', madeOf: { kind: 'children', counts: [] }, parts: EMPTY },
    before: undefined,
  });
};

/**
 * Makes a row cover at least its first `upTo` children, with the current state of those `dirty` children that it covers.
 * Before that, each child that it newly covers is made to cover all of its own children. Returns whether the row has changed.
 */
export const cover = async (
  runtime: Runtime,
  tree: Tree,
  key: RowKey,
  { upTo, dirty }: { upTo: number; dirty: ReadonlySet<string> },
): Promise<boolean> => {
  const { settings, levels, base } = tree;
  const children = childrenOf(settings, levels, key);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const [before] = await readRows(runtime, settings, [key]);
    if (before === undefined) return false;
    const covered = coveredBy(tree, before, children);
    const until = Math.max(covered, upTo);
    const isDirty = children.slice(0, covered).some((child) => dirty.has(placeOf(child)));
    if (!isDirty && until === covered) return false;
    if (key.level - 1 > base) {
      for (const child of children.slice(covered, until)) {
        const all = childrenOf(settings, levels, child).length;
        await cover(runtime, tree, child, { upTo: all, dirty: new Set() });
      }
    }
    const from = isDirty ? 0 : covered;
    const keys = children.slice(from, until);
    // Children are read after the row, so each of them contains at least the events that the row has from it.
    const rows = await readRows(runtime, settings, keys);
    const counts = rows.map((row) => row?.blocks ?? 0);
    const version = versionOf(before, from, rows);
    if (before.madeOf !== undefined && before.version === version) return false;
    const known = before.madeOf?.kind === 'children' ? before.madeOf.counts.slice(0, from) : [];
    const all = [...known, ...counts];
    const row = merged(from === 0 ? emptyRow() : unpackRowParts(before.parts), keys, rows);
    const made = {
      blocks: all.reduce((sum, count) => sum + count, 0),
      version,
      madeOf: { kind: 'children', counts: all } as const,
      parts: packRowParts(row),
    };
    if (await putRow(runtime, settings, key, { row: made, before })) return true;
  }
  throw new Error(refusedText(settings, key));
};

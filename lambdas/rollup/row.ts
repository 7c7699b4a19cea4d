import type { BlockEvent } from '#lambdas/metrics/block.ts';
import { digestOf } from '#lambdas/shared/hash.ts';
import { HyperLogLog } from '#lambdas/shared/hyperloglog.ts';
import { PAID, REFUNDED } from '#lambdas/shared/metric-event.ts';

export type Tally = { count: number; fen: number };
export type BrandTally = { orders: number; grossFen: number; refunds: number; refundedFen: number };

/**
 * What a window, or a span of windows, adds up to. Every part is a sum, a union or a maximum over a set of events, so
 * rows merge in any order to the same row.
 */
export type Row = {
  /** Count and amount by label, such as `paid/far`. */
  tallies: Map<string, Tally>;
  brands: Map<string, BrandTally>;
  /** Distinct members by the label's first word, such as `paid`. */
  sketches: Map<string, HyperLogLog>;
  /** The newest event's own time in ms; 0 for a row without events. */
  newestMs: number;
  /** Event ids under which two or more different events arrived. */
  conflicts: number;
};

export const emptyRow = (): Row => ({
  tallies: new Map(),
  brands: new Map(),
  sketches: new Map(),
  newestMs: 0,
  conflicts: 0,
});

const noBrandTally = (): BrandTally => ({ orders: 0, grossFen: 0, refunds: 0, refundedFen: 0 });

const entryOf = <Value>(map: Map<string, Value>, key: string, create: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
};

const headOf = (label: string): string => {
  const slash = label.indexOf('/');
  return slash === -1 ? label : label.slice(0, slash);
};

const addEvent = (row: Row, event: BlockEvent): void => {
  const head = headOf(event.label);
  const tally = entryOf(row.tallies, event.label, () => ({ count: 0, fen: 0 }));
  tally.count += event.count;
  tally.fen += event.amountFen;
  row.newestMs = Math.max(row.newestMs, event.timeMs);
  for (const contribution of event.contributions) {
    entryOf(row.sketches, head, () => new HyperLogLog()).add(contribution);
  }
  if (event.brand === '') return;
  if (head === PAID) {
    const brand = entryOf(row.brands, event.brand, noBrandTally);
    brand.orders++;
    brand.grossFen += event.amountFen;
  } else if (head === REFUNDED) {
    const brand = entryOf(row.brands, event.brand, noBrandTally);
    brand.refunds++;
    brand.refundedFen += event.amountFen;
  }
};

const contentHash = (event: BlockEvent): string =>
  digestOf(
    String(event.timeMs),
    event.label,
    event.brand,
    String(event.amountFen),
    String(event.count),
    event.contributions.join(),
  ).toString('latin1');

const isSameEvent = (a: BlockEvent, b: BlockEvent): boolean =>
  a.timeMs === b.timeMs &&
  a.label === b.label &&
  a.brand === b.brand &&
  a.amountFen === b.amountFen &&
  a.count === b.count &&
  a.contributions.length === b.contributions.length &&
  a.contributions.every((contribution, i) => contribution === b.contributions[i]);

/**
 * The row of a window from the events of all of its blocks. Only the set of events matters: a repeated event counts
 * once. Where different events share an id, the one with the smallest content hash counts, whichever came first, and
 * the id is counted as a conflict.
 */
export const rowOfEvents = (events: Iterable<BlockEvent>): Row => {
  const byId = new Map<string, BlockEvent>();
  const conflicts = new Set<string>();
  for (const event of events) {
    const known = byId.get(event.id);
    if (known === undefined) {
      byId.set(event.id, event);
    } else if (!isSameEvent(known, event)) {
      conflicts.add(event.id);
      if (contentHash(event) < contentHash(known)) byId.set(event.id, event);
    }
  }
  const row = emptyRow();
  for (const event of byId.values()) addEvent(row, event);
  row.conflicts = conflicts.size;
  return row;
};

/** Adds a row's figures to another's, which is changed. */
export const mergeInto = (target: Row, source: Row): void => {
  for (const [label, tally] of source.tallies) {
    const sum = entryOf(target.tallies, label, () => ({ count: 0, fen: 0 }));
    sum.count += tally.count;
    sum.fen += tally.fen;
  }
  for (const [name, brand] of source.brands) {
    const sum = entryOf(target.brands, name, noBrandTally);
    sum.orders += brand.orders;
    sum.grossFen += brand.grossFen;
    sum.refunds += brand.refunds;
    sum.refundedFen += brand.refundedFen;
  }
  for (const [name, sketch] of source.sketches) {
    entryOf(target.sketches, name, () => new HyperLogLog()).merge(sketch);
  }
  target.newestMs = Math.max(target.newestMs, source.newestMs);
  target.conflicts += source.conflicts;
};

/** The tallies under one first word, added up: `paid` sums `paid/far` and `paid/near`. */
export const tallyOf = (row: Row, head: string): Tally => {
  const sum: Tally = { count: 0, fen: 0 };
  for (const [label, tally] of row.tallies) {
    if (headOf(label) !== head) continue;
    sum.count += tally.count;
    sum.fen += tally.fen;
  }
  return sum;
};

/** Sums over examples, from which a model of the use of coupons is computed. */
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { deflate, inflate } from '#platform/compression.ts';
import { readerOf } from '#platform/format.ts';
import { type Example, exampleText, FOLDS, OCCASIONS, type Occasion } from './example.ts';
import {
  emptyStatistics,
  mergeInto,
  type RowCollector,
  rowCollector,
  type Statistics,
} from './statistics.ts';

/** How many features an example has. Examples with another number are of another version of the features, and are left out. */
export const USE_FEATURES = 24;

/**
 * What a model of the use of coupons needs to know about a set of examples. By occasion and fold: the number of coupons given,
 * A = Σ x·xᵀ over them, and b = Σ x over uses less Σ x over returns, where x are the features of an example. All are whole
 * numbers, so that any order and grouping of the same examples gives the same bits.
 */
export type UseStatistics = {
  cells: Record<Occasion, Statistics[]>;
  /** Uses less returns. */
  used: number;
  /** The number of ids under which different examples arrived. */
  conflicts: number;
  /** The number of examples that came too late to compute their window's statistics again. They are in no sum. */
  tooLate: number;
};

export const emptyUseStatistics = (): UseStatistics => ({
  cells: {
    presale: Array.from({ length: FOLDS }, () => emptyStatistics(USE_FEATURES)),
    order: Array.from({ length: FOLDS }, () => emptyStatistics(USE_FEATURES)),
  },
  used: 0,
  conflicts: 0,
  tooLate: 0,
});

const SIGNS = { redeemed: 1, returned: -1 } as const;

/**
 * The statistics of a set of examples. A repeated example counts once. Of different examples under one id, the one whose text
 * sorts first counts.
 */
export const useStatisticsOf = (examples: Iterable<Example>): UseStatistics => {
  const byId = new Map<string, Example>();
  const conflicts = new Set<string>();
  for (const example of examples) {
    const known = byId.get(example.id);
    if (known === undefined) {
      byId.set(example.id, example);
      continue;
    }
    const [text, knownText] = [exampleText(example), exampleText(known)];
    if (text === knownText) continue;
    conflicts.add(example.id);
    if (text < knownText) byId.set(example.id, example);
  }
  const sum = emptyUseStatistics();
  sum.conflicts = conflicts.size;
  const collectors = new Map<Statistics, RowCollector>();
  for (const { kind, occasion, fold, features } of byId.values()) {
    if (features.length !== USE_FEATURES) continue;
    const cell = sum.cells[occasion][fold]!;
    if (kind === 'issued') {
      if (!collectors.has(cell)) collectors.set(cell, rowCollector(cell));
      collectors.get(cell)!.add(Int32Array.from(features), [0]);
    } else {
      for (const [i, feature] of features.entries()) cell.sums[i]! += SIGNS[kind] * feature;
      sum.used += SIGNS[kind];
    }
  }
  for (const { done } of collectors.values()) done();
  return sum;
};

/** Adds the second's examples to the first. No example may be in both. */
export const mergeUseStatistics = (into: UseStatistics, from: UseStatistics): UseStatistics => {
  for (const occasion of OCCASIONS) {
    for (let fold = 0; fold < FOLDS; fold++)
      mergeInto(into.cells[occasion][fold]!, from.cells[occasion][fold]!);
  }
  into.used += from.used;
  into.conflicts += from.conflicts;
  into.tooLate += from.tooLate;
  return into;
};

/** How many coupons were given in the examples. */
export const issuedIn = ({ cells }: UseStatistics): number =>
  OCCASIONS.flatMap((occasion) => cells[occasion]).reduce((sum, { rows }) => sum + rows, 0);

const FORMAT_VERSION = 1;

/** Statistics as bytes: at most 26 KB, and a few hundred bytes for few examples. */
export const encodeUseStatistics = ({ cells, used, conflicts, tooLate }: UseStatistics): Uint8Array => {
  const writer = new ByteWriter();
  writer.uint(USE_FEATURES);
  writer.int(used);
  writer.uint(conflicts);
  writer.uint(tooLate);
  for (const occasion of OCCASIONS) {
    for (const { rows, products, sums } of cells[occasion]) {
      writer.uint(rows);
      for (const product of products) writer.int(product);
      for (const sum of sums) writer.int(sum);
    }
  }
  const bytes = new ByteWriter();
  bytes.uint(FORMAT_VERSION);
  bytes.raw(deflate(writer.bytes(), 9));
  return bytes.bytes();
};

const decodeVersion1 = (outer: ByteReader): UseStatistics => {
  const reader = new ByteReader(inflate(outer.rest()));
  const size = reader.uint();
  if (size !== USE_FEATURES)
    throw new RangeError(`statistics: expected ${USE_FEATURES} features, got ${size}`);
  const sum = emptyUseStatistics();
  sum.used = reader.int();
  sum.conflicts = reader.uint();
  sum.tooLate = reader.uint();
  for (const occasion of OCCASIONS) {
    for (const cell of sum.cells[occasion]) {
      cell.rows = reader.uint();
      for (let i = 0; i < cell.products.length; i++) cell.products[i] = reader.int();
      for (let i = 0; i < cell.sums.length; i++) cell.sums[i] = reader.int();
    }
  }
  return sum;
};

const READERS = { [FORMAT_VERSION]: decodeVersion1 };

/** Reads back what {@link encodeUseStatistics} wrote. */
export const decodeUseStatistics = (bytes: Uint8Array): UseStatistics => {
  const reader = new ByteReader(bytes);
  return readerOf('statistics of use', READERS, reader.uint())(reader);
};

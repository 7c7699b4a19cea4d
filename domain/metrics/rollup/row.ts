import { type BlockEvent, decideBetween, isRepetition, isSameContent } from '#domain/metrics/block-event.ts';
import { HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import { armOfOrder, PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { MemberSample } from './member-sample.ts';
import {
  addSums,
  type BrandTally,
  LABEL_SUMS,
  type LabelTally,
  noBrandTally,
  noLabelTally,
  type SeriesPoint,
} from './row-columns.ts';
import {
  addToStore,
  addUnnamed,
  keepLargest,
  mergeStores,
  noFigures,
  noStores,
  STORE_FIELDS,
  type StoreFigures,
  type StoreSums,
} from './store-sums.ts';

/**
 * What a window, or a span of windows, adds up to: a pure function of a set of events. Rows of one window merge in any order
 * to the same row. Rows of successive windows are appended in the order of time, on which peaks, series and kept stores depend.
 */
export type Row = {
  /** Count and amount by label, such as `paid/far`. */
  tallies: Map<string, LabelTally>;
  brands: Map<string, BrandTally>;
  /**
   * The figures of near orders by store: of all stores, exactly, in the row of a base window (a window of the lowest level), and
   * of the stores that sold most in the rows above.
   */
  stores: StoreSums;
  /** Distinct members by the label's first word, such as `paid`. */
  sketches: Map<string, HyperLogLog>;
  /** Members who ordered, by arm, if arms are compared. */
  samples: Map<string, MemberSample>;
  /** The peak of the net amount of all orders, counted as that of a brand ({@link BrandTally}). */
  peakFen: number;
  /** The windows that the row is made of, in the order of time, without those that have no orders; empty for a base window. */
  series: SeriesPoint[];
  /**
   * The newest order's or refund's own time in ms; 0 for a row without any. A presale's coupons do not count for it, because
   * their times are in the future.
   */
  newestMs: number;
  /**
   * The number of event ids under which two or more different orders or refunds arrived. Events that the pipeline makes itself
   * never count as different.
   */
  conflicts: number;
};

export const emptyRow = (): Row => ({
  tallies: new Map(),
  brands: new Map(),
  stores: noStores(),
  sketches: new Map(),
  samples: new Map(),
  peakFen: 0,
  series: [],
  newestMs: 0,
  conflicts: 0,
});

/** The gross amount less what was refunded, in fen. */
export const netFenOf = ({ grossFen, refundedFen }: Pick<BrandTally, 'grossFen' | 'refundedFen'>): number =>
  grossFen - refundedFen;

const entryOf = <Value>(map: Map<string, Value>, key: string, create: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
};

const ORDERS: ReadonlySet<string> = new Set([PAID, REFUNDED]);

const headOf = (label: string): string => {
  const slash = label.indexOf('/');
  return slash === -1 ? label : label.slice(0, slash);
};

/** Adds an order to the sample of its member's arm. A refund reduces only the amount, because it may be partial. */
const addToSample = (row: Row, event: BlockEvent, head: string): void => {
  const arm = armOfOrder(event.label);
  if (arm === undefined || event.memberHash === 0) return;
  const sample = entryOf(row.samples, arm, () => new MemberSample());
  sample.add(
    event.memberHash,
    head === PAID
      ? { orders: event.count, netFen: event.amountFen }
      : { orders: 0, netFen: -event.amountFen },
  );
};

const storeFiguresOf = (head: string, { count, amountFen }: BlockEvent): StoreFigures => {
  switch (head) {
    case PAID:
      return { orders: count, grossFen: amountFen, refundedFen: 0 };
    case REFUNDED:
      return { orders: 0, grossFen: 0, refundedFen: amountFen };
    default:
      return noFigures();
  }
};

const addEvent = (row: Row, event: BlockEvent): void => {
  const head = headOf(event.label);
  addToSample(row, event, head);
  const tally = entryOf(row.tallies, event.label, noLabelTally);
  addSums(LABEL_SUMS, tally, { count: event.count, fen: event.amountFen });
  if (ORDERS.has(head)) row.newestMs = Math.max(row.newestMs, event.timeMs);
  for (const contribution of event.contributions) {
    entryOf(row.sketches, head, () => new HyperLogLog()).add(contribution);
  }
  if (event.store !== '') addToStore(row.stores, event.store, storeFiguresOf(head, event));
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

/** Whether these events, which share an id, hold different orders or refunds. */
const isConflict = (events: readonly BlockEvent[]): boolean => {
  const orders = events.filter(({ label }) => ORDERS.has(headOf(label)));
  return orders.some((order) => orders.some((other) => !isSameContent(order, other)));
};

/**
 * The row of a window from the events of all of its blocks. Only the set of events matters: a repeated event counts
 * once. If different events share an id, the one that was sent first counts, whichever arrived first; if they
 * are orders or refunds, the id is counted as a conflict.
 */
export const rowOfEvents = (events: Iterable<BlockEvent>): Row => {
  const byId = new Map<string, BlockEvent>();
  /** By id, the events that differ from the one in `byId`. */
  const contested = new Map<string, BlockEvent[]>();
  for (const event of events) {
    const known = byId.get(event.id);
    if (known === undefined) {
      byId.set(event.id, event);
    } else if (isRepetition(known, event)) {
      if (event.sentMs < known.sentMs) byId.set(event.id, event);
    } else {
      contested.set(event.id, [...(contested.get(event.id) ?? []), event]);
    }
  }
  let conflicts = 0;
  for (const [id, others] of contested) {
    const all = [byId.get(id)!, ...others];
    byId.set(id, decideBetween(all));
    if (isConflict(all)) conflicts++;
  }
  const row = emptyRow();
  for (const event of byId.values()) addEvent(row, event);
  row.conflicts = conflicts;
  addUnnamed(row.stores, unnamedOf(row));
  setWindowPeaks(row);
  return row;
};

/** The first word of the label of coupons that were honoured though their money had been freed. */
export const OVERDRAFT = 'coupon-overdraft';

/** The figures of near orders whose stores a row does not know. */
export const unnamedOf = (row: Row): StoreFigures => {
  const { count, fen } = tallyOf(row, `${PAID}/near`);
  const unnamed = { orders: count, grossFen: fen, refundedFen: tallyOf(row, `${REFUNDED}/near`).fen };
  for (const { known } of row.stores.stores.values())
    for (const field of STORE_FIELDS) unnamed[field] -= known[field];
  return unnamed;
};

/** The first word of the label for events that came when the row of their window could no longer be made again. */
export const TOO_LATE = 'too-late';

/** Counts events in a row as too late: `too-late/paid` for an order. Changes nothing else in the row, and returns it. */
export const countTooLate = (row: Row, events: Iterable<BlockEvent>): Row => {
  for (const { label, count, amountFen } of new Map([...events].map((event) => [event.id, event])).values()) {
    const tally = entryOf(row.tallies, `${TOO_LATE}/${headOf(label)}`, noLabelTally);
    addSums(LABEL_SUMS, tally, { count, fen: amountFen });
  }
  return row;
};

/** Sets the peaks of a base window, in which the amount is only known at the end. */
const setWindowPeaks = (row: Row): void => {
  for (const brand of row.brands.values()) brand.peakFen = Math.max(0, netFenOf(brand));
  row.peakFen = Math.max(0, rowNetFen(row));
};

/** Adds the figures of a row of the same base window, such as another shard's, to a row, which is changed. */
export const mergeInto = (target: Row, source: Row): void => {
  addFigures(target, source);
  setWindowPeaks(target);
};

/** Adds the figures of the row that is next in time to a row, which is changed. */
export const appendInto = (target: Row, next: Row): void => {
  target.peakFen = Math.max(target.peakFen, rowNetFen(target) + next.peakFen);
  for (const [name, brand] of next.brands) {
    const sum = entryOf(target.brands, name, noBrandTally);
    const peakFen = sum.grossFen - sum.refundedFen + brand.peakFen;
    if (peakFen > sum.peakFen) sum.peakFen = peakFen;
  }
  addFigures(target, next);
  keepLargest(target.stores);
};

/**
 * Adds all fields but the peak, which the callers set. Written out field by field for speed: there are tens of thousands of
 * brands.
 */
const addBrand = (sum: BrandTally, brand: Readonly<BrandTally>): void => {
  sum.orders += brand.orders;
  sum.grossFen += brand.grossFen;
  sum.refunds += brand.refunds;
  sum.refundedFen += brand.refundedFen;
};

const addFigures = (target: Row, source: Row): void => {
  for (const [label, tally] of source.tallies) {
    const sum = entryOf(target.tallies, label, noLabelTally);
    addSums(LABEL_SUMS, sum, tally);
  }
  for (const [name, brand] of source.brands) addBrand(entryOf(target.brands, name, noBrandTally), brand);
  for (const [name, sketch] of source.sketches) {
    entryOf(target.sketches, name, () => new HyperLogLog()).merge(sketch);
  }
  for (const [arm, sample] of source.samples) {
    entryOf(target.samples, arm, () => new MemberSample()).merge(sample);
  }
  mergeStores(target.stores, source.stores);
  target.newestMs = Math.max(target.newestMs, source.newestMs);
  target.conflicts += source.conflicts;
};

/** The tallies of all labels that begin with the words given, added up: `paid` sums `paid/far` and `paid/near/control`. */
export const tallyOf = (row: Row, words: string): LabelTally => {
  const sum = noLabelTally();
  for (const [label, tally] of row.tallies) {
    if (label !== words && !label.startsWith(`${words}/`)) continue;
    addSums(LABEL_SUMS, sum, tally);
  }
  return sum;
};

/**
 * Distinct members of the labels that begin with a word: an estimate within a standard error of 0.57 %, and never more than the
 * number of their events.
 */
export const membersOf = (row: Row, head: string): number =>
  Math.min(row.sketches.get(head)?.estimate() ?? 0, tallyOf(row, head).count);

/** The net amount of a row's orders. */
export const rowNetFen = (row: Row): number => tallyOf(row, PAID).fen - tallyOf(row, REFUNDED).fen;

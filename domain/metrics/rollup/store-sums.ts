import { compareText } from '#platform/collections.ts';

/**
 * The figures of near orders by store. The row of a base window has all stores, exactly. A row above keeps those that sold
 * most, and says how much of each may be missing. The summary is the one of P. K. Agarwal, G. Cormode, Z. Huang, J. M.
 * Phillips, Z. Wei and K. Yi, "Mergeable summaries" (PODC 2012), section 3, by gross amount: if rows hold n fen of sales and k
 * stores are kept, no store lacks more than n / (k + 1). What the paper calls a store's counter is here its known plus missing
 * gross amount, less that of `leftOut`.
 *
 * Merging in another order may keep other stores. A row above base windows is always put together from its children in the
 * order of time, so it is a pure function of the set of events all the same.
 */

/** A row above base windows keeps this many, so no store lacks more than 0.2 % of what was sold near. */
export const STORES_KEPT = 512;

/** Figures of a store, or how much may be missing of them. */
export type StoreFigures = { orders: number; grossFen: number; refundedFen: number };

export const STORE_FIELDS = [
  'orders',
  'grossFen',
  'refundedFen',
] as const satisfies readonly (keyof StoreFigures)[];

/** What is known of a store, and how much may be missing at the most. */
export type StoreTally = { known: StoreFigures; missing: StoreFigures };

export type StoreSums = {
  stores: Map<string, StoreTally>;
  /**
   * The highest figures that a store which is not kept may have; all zeros while every store is kept and every near order
   * names its store.
   */
  leftOut: StoreFigures;
};

export const noFigures = (): StoreFigures => ({ orders: 0, grossFen: 0, refundedFen: 0 });

export const noStores = (): StoreSums => ({ stores: new Map(), leftOut: noFigures() });

const add = (sum: StoreFigures, more: Readonly<StoreFigures>): void => {
  sum.orders += more.orders;
  sum.grossFen += more.grossFen;
  sum.refundedFen += more.refundedFen;
};

/** Adds figures to those of a store that an event names. */
export const addToStore = ({ stores }: StoreSums, name: string, figures: Readonly<StoreFigures>): void => {
  const tally = stores.get(name);
  if (tally === undefined) stores.set(name, { known: { ...figures }, missing: noFigures() });
  else add(tally.known, figures);
};

/** Notes near orders that name no store: they may be of any store. */
export const addUnnamed = ({ stores, leftOut }: StoreSums, figures: Readonly<StoreFigures>): void => {
  for (const { missing } of stores.values()) add(missing, figures);
  add(leftOut, figures);
};

/** Adds the stores of other orders. All stores of both are kept. */
export const mergeStores = (target: StoreSums, source: StoreSums): void => {
  for (const [name, tally] of target.stores) if (!source.stores.has(name)) add(tally.missing, source.leftOut);
  for (const [name, { known, missing }] of source.stores) {
    const tally = target.stores.get(name);
    if (tally === undefined) {
      const mayBeMissing = { ...target.leftOut };
      add(mayBeMissing, missing);
      target.stores.set(name, { known: { ...known }, missing: mayBeMissing });
    } else {
      add(tally.known, known);
      add(tally.missing, missing);
    }
  }
  add(target.leftOut, source.leftOut);
};

const upperFen = ({ known, missing }: StoreTally): number => known.grossFen + missing.grossFen;

/**
 * Keeps the {@link STORES_KEPT} stores with the highest upper bounds of their gross amount, known plus missing; ties go by
 * name.
 */
export const keepLargest = (sums: StoreSums, kept = STORES_KEPT): void => {
  if (sums.stores.size <= kept) return;
  const byAmount = [...sums.stores].sort(
    ([a, one], [b, other]) => upperFen(other) - upperFen(one) || compareText(a, b),
  );
  const { leftOut } = sums;
  for (const [, { known, missing }] of byAmount.slice(kept)) {
    for (const field of STORE_FIELDS)
      leftOut[field] = Math.max(leftOut[field], known[field] + missing[field]);
  }
  sums.stores = new Map(byAmount.slice(0, kept));
};

/** Makes the part of the screen's data that is about stores. */
import { netFenOf, type Row } from '#domain/metrics/rollup/row.ts';
import { compareText } from '#platform/collections.ts';
import type { StoreView } from './view.ts';

/** The largest number of stores on the screen. */
const STORES_MAX = 20;

/** The stores with the largest net amounts among those that a row keeps; ties are in the order of their names. */
export const storesOf = (row: Row): StoreView[] =>
  [...row.stores.stores]
    .map(([store, { known, missing }]) => ({
      store,
      netFen: netFenOf(known),
      orders: known.orders,
      missingFen: Math.max(missing.grossFen, missing.refundedFen),
      missingOrders: missing.orders,
    }))
    .sort((a, b) => b.netFen - a.netFen || compareText(a.store, b.store))
    .slice(0, STORES_MAX);

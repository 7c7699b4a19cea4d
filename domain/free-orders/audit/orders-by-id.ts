/** Sorts more orders than the memory holds. */
import { compareText } from '#platform/collections.ts';

/** At most half a gigabyte: while a run is collected, twice as many orders are held. */
const MAX_ORDERS_AT_ONCE = 250_000;

/** All orders under an id: more than one where several members have it, or one was delivered twice. */
export type Variants<Order> = [orderId: string, variants: Order[]];

const sortedIds = (orders: ReadonlyMap<string, unknown>): string[] => [...orders.keys()].sort(compareText);

/**
 * Yields the orders that `scan` reads, sorted by order id (in UTF-16 code units). `scan` reads all of them in any order, some at
 * a time.
 *
 * Each scan collects a run: the `maxOrders` smallest ids that were not yielded yet. So n orders take ⌈n / maxOrders⌉ scans, and
 * no disk space.
 */
export const ordersById = async function* <Order>(
  scan: () => AsyncIterable<readonly Order[]>,
  idOf: (order: Order) => string,
  maxOrders = MAX_ORDERS_AT_ONCE,
): AsyncGenerator<Variants<Order>> {
  let given: string | undefined;
  for (;;) {
    const run = new Map<string, Order[]>();
    let largest: string | undefined;
    /** Keeps only the smallest ids. Larger ones are left to a later run. */
    const cut = (): void => {
      if (run.size <= maxOrders) return;
      const ids = sortedIds(run);
      largest = ids[maxOrders - 1];
      for (const id of ids.slice(maxOrders)) run.delete(id);
    };
    const collect = (order: Order): void => {
      const orderId = idOf(order);
      if (given !== undefined && orderId <= given) return;
      if (largest !== undefined && orderId > largest) return;
      const variants = run.get(orderId);
      if (variants === undefined) run.set(orderId, [order]);
      else variants.push(order);
      if (run.size === 2 * maxOrders) cut();
    };
    for await (const orders of scan()) for (const order of orders) collect(order);
    cut();
    for (const id of sortedIds(run)) yield [id, run.get(id)!];
    if (largest === undefined) return;
    given = largest;
  }
};

/** How long it takes from sending an order until the screen counts it. */
/** The number of a campaign's orders that were sent up to a time, in ms on any clock. */
export type Sent = { atMs: number; orders: number };
/** The number of orders in an answer that arrived at a time on the same clock. */
export type Shown = { atMs: number; orders: number };

export type EventToScreen = {
  /** Orders that were sent and shown. */
  orders: number;
  /** Orders that were sent and are in no answer. */
  unseen: number;
  /** Undefined if no order was shown. */
  p50Ms: number | undefined;
  p99Ms: number | undefined;
  maxMs: number | undefined;
};

/** Orders that waited equally long. */
type Wait = { ms: number; orders: number };

/** The smallest wait that this share of the orders did not exceed. */
const quantile = (waits: readonly Wait[], orders: number, share: number): number | undefined => {
  let left = Math.ceil(orders * share);
  for (const wait of waits) {
    left -= wait.orders;
    if (left <= 0) return wait.ms;
  }
  return undefined;
};

/**
 * How long orders take from being sent to being shown: the n-th order sent is shown by the first answer with n orders. Orders
 * that overtake each other within the pipeline change places in that count. This does not change the mean, and hardly changes the
 * quantiles. Both lists are in order of time; a count that falls, which should not happen, is replaced by the largest before it.
 */
export const eventToScreen = (sent: readonly Sent[], shown: readonly Shown[]): EventToScreen => {
  const waits: Wait[] = [];
  let counted = 0;
  let i = 0;
  for (const { atMs, orders } of sent) {
    while (counted < orders) {
      while (i < shown.length && shown[i]!.orders <= counted) i++;
      const answer = shown[i];
      if (answer === undefined) break;
      const seen = Math.min(orders, answer.orders);
      waits.push({ ms: Math.max(0, answer.atMs - atMs), orders: seen - counted });
      counted = seen;
    }
  }
  waits.sort((a, b) => a.ms - b.ms);
  return {
    orders: counted,
    unseen: Math.max(0, (sent.at(-1)?.orders ?? 0) - counted),
    p50Ms: quantile(waits, counted, 0.5),
    p99Ms: quantile(waits, counted, 0.99),
    maxMs: waits.at(-1)?.ms,
  };
};

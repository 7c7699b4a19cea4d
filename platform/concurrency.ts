/** The most calls of one kind that run at the same time. */
export const CALLS_AT_ONCE = 8;

/**
 * Waits until all of these calls are over. If any of them failed, it then rejects with the failure of the
 * first failed call in the list. See {@link mapLimited} for why it waits.
 */
export const allOver = async (calls: readonly Promise<unknown>[]): Promise<void> => {
  for (const outcome of await Promise.allSettled(calls))
    if (outcome.status === 'rejected') throw outcome.reason;
};

/**
 * Processes items in their order, at most `limit` at a time, and returns the results in the order of the items. After the first
 * failure it starts no further item, waits for those that are under way, and rejects with that failure. So no work runs on after
 * a caller has reported the failure: Lambda would freeze such work and let it write during a later invocation.
 */
export const mapLimited = async <Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  if (items.length === 1) return [await work(items[0]!)];
  const results: Result[] = Array(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
};

/** The most calls of one kind that run at the same time. */
export const CALLS_AT_ONCE = 8;

/**
 * Processes items in their order, at most `limit` at a time, and returns the results in the order of the items. After the first
 * failure it starts no further item, and rejects with that failure.
 */
export const mapLimited = async <Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  if (items.length === 1) return [await work(items[0]!)];
  const results: Result[] = Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
};

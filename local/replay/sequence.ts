import { type Random, randomBelow } from '#simulator/random.ts';

/** The most records between an event and its duplicate if records are not shuffled. */
export const DUPLICATE_DISTANCE_MAX = 500;

/** How many of `records` are sent twice. */
export const duplicateCount = (records: number, share: number): number => Math.round(records * share);

/**
 * All of `records` in random order, `duplicates` distinct ones of them twice: every such order is equally likely.
 *
 * Algorithm: Fisher and Yates's shuffle as in Knuth, TAOCP volume 2, 3.4.2, algorithm P; its first `duplicates` steps
 * draw the sample that is sent twice.
 */
export const shuffledWithDuplicates = (
  records: Uint32Array,
  duplicates: number,
  random: Random,
): Uint32Array => {
  const order = new Uint32Array(records.length + duplicates);
  order.set(records);
  for (let i = 0; i < duplicates; i++) swap(order, i, i + randomBelow(random, records.length - i));
  order.copyWithin(records.length, 0, duplicates);
  for (let i = order.length - 1; i > 0; i--) swap(order, i, randomBelow(random, i + 1));
  return order;
};

const swap = (order: Uint32Array, i: number, j: number): void => {
  const held = order[i]!;
  order[i] = order[j]!;
  order[j] = held;
};

/**
 * Passes items on in order and sends exactly `duplicates` of `count` of them again, each at most
 * {@link DUPLICATE_DISTANCE_MAX} items later; holds no more items than that distance.
 *
 * Algorithm: selection sampling (Knuth, TAOCP volume 2, 3.4.2, algorithm S), which needs the count beforehand.
 */
export const repeater = <Item>(count: number, duplicates: number, random: Random) => {
  const held = new Map<number, Item[]>();
  let passed = 0;
  let toChoose = duplicates;
  const release = (position: number): Item[] => {
    const due = held.get(position) ?? [];
    held.delete(position);
    return due;
  };
  return {
    /** The item, and the earlier ones that are due to be sent again. */
    next(item: Item): Item[] {
      if (random() * (count - passed) < toChoose) {
        toChoose -= 1;
        const position = passed + 1 + randomBelow(random, DUPLICATE_DISTANCE_MAX);
        const due = held.get(position);
        if (due === undefined) held.set(position, [item]);
        else due.push(item);
      }
      const now = release(passed);
      passed += 1;
      return [item, ...now];
    },
    /** What still has to be sent again after the last item, in order. */
    rest(): Item[] {
      const positions = [...held.keys()].sort((a, b) => a - b);
      return positions.flatMap(release);
    },
  };
};

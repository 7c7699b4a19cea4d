/** Finds a text in what the pipeline stores, also inside packed bytes. */

import { unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { inflate } from '#platform/compression.ts';

/** The texts that bytes may hold: as they are, inflated, and as a block of orders. */
const textsOf = (bytes: Uint8Array): string[] => {
  const attempt = (read: () => string): string[] => {
    try {
      return [read()];
    } catch {
      return [];
    }
  };
  return [
    Buffer.from(bytes).toString('latin1'),
    ...attempt(() => inflate(bytes).toString()),
    ...attempt(() => JSON.stringify(unpackOrders(bytes))),
  ];
};

/** Whether a text is somewhere in an item. */
export const isInItem = (value: unknown, text: string | RegExp): boolean => {
  const says = (one: string): boolean => (typeof text === 'string' ? one.includes(text) : text.test(one));
  if (typeof value === 'string') return says(value);
  if (value instanceof Uint8Array) return textsOf(value).some(says);
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).some(([name, inner]) => says(name) || isInItem(inner, text))
  );
};

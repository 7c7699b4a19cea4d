import type { Row } from '#domain/metrics/rollup/row.ts';
import { compareText } from '#platform/collections.ts';

/**
 * Adds up the counts of all labels whose first word is `head`, by their word number `word` (from 0), the most
 * frequent first. A label is words with slashes between them.
 */
export const countsBy = (row: Row, head: string, word: number): [name: string, count: number][] => {
  const counts = new Map<string, number>();
  for (const [label, { count }] of row.tallies) {
    const words = label.split('/');
    const name = words[word];
    if (words[0] === head && name !== undefined) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return mostFrequentFirst([...counts]);
};

/** Sorts counts, the most frequent first, and leaves out those that are 0. */
export const mostFrequentFirst = (counts: [name: string, count: number][]): [name: string, count: number][] =>
  counts
    .filter(([, count]) => count > 0)
    .sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB));

import type { Row } from '#domain/metrics/rollup/row.ts';
import { compareText } from '#platform/collections.ts';

/** The counts of all labels that begin with a word, by another of their words (from 0), the most frequent first. */
export const countsBy = (row: Row, head: string, word: number): [name: string, count: number][] => {
  const counts = new Map<string, number>();
  for (const [label, { count }] of row.tallies) {
    const words = label.split('/');
    const name = words[word];
    if (words[0] === head && name !== undefined) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return mostFrequentFirst([...counts]);
};

export const mostFrequentFirst = (counts: [name: string, count: number][]): [name: string, count: number][] =>
  counts
    .filter(([, count]) => count > 0)
    .sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB));

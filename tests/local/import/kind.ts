import { expect } from 'vitest';
import type { Values } from '#local/cli/options.ts';
import { brief, readOrders } from './read.ts';

/** The result of reading a file. */
type Expected = { events: string[]; refused?: RegExp[]; currency?: string; time?: string; reason?: RegExp };

/** One kind of table: its name, its rows, the expected result, and the options that it needs. */
export type Kind = [what: string, rows: string | Buffer | string[], expected: Expected, options?: Values];

export const contentOf = (rows: Kind[1]): string | Buffer =>
  Array.isArray(rows) ? `${rows.join('\n')}\n` : rows;

export const expectKind = async (
  path: string,
  { events, refused = [], ...expected }: Expected,
  options: Values = {},
): Promise<void> => {
  const found = await readOrders(path, options);
  expect(found.refused).toHaveLength(refused.length);
  expect(brief(found.events)).toEqual(events);
  for (const [i, pattern] of refused.entries()) expect(found.refused[i]).toMatch(pattern);
  if (expected.currency !== undefined) expect(found.totals.currency).toBe(expected.currency);
  if (expected.time !== undefined) expect(found.events[0]?.time).toBe(expected.time);
  if (expected.reason !== undefined) expect(found.reasons.join('\n')).toMatch(expected.reason);
};

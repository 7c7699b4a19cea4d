import { readPrefixAndTotal } from '#domain/metrics/rollup/prefix.ts';
import type { Row } from '#domain/metrics/rollup/row.ts';

/** The part of a campaign that had elapsed. */
export const readPrefix = async (...arguments_: Parameters<typeof readPrefixAndTotal>): Promise<Row> =>
  (await readPrefixAndTotal(...arguments_)).prefix;

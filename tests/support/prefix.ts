import { readPrefixAndTotal } from '#domain/metrics/rollup/prefix.ts';
import type { Row } from '#domain/metrics/rollup/row.ts';

/** The figures of the first part of a campaign, without its total; see {@link readPrefixAndTotal}. */
export const readPrefix = async (...arguments_: Parameters<typeof readPrefixAndTotal>): Promise<Row> =>
  (await readPrefixAndTotal(...arguments_)).prefix;

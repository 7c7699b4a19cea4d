/** The metrics section of a campaign definition: how its figures are cut into windows. */
import * as z from 'zod/mini';
import { integer, record } from '../fields.ts';

/** In seconds, a leap year: a replay of a whole history may need a single window, and nothing needs a longer one. */
export const MAX_WINDOW_SECONDS = 31_622_400;

/**
 * In shards a window: 64 partitions take 64,000 write units/s. The published peak of 583,000 orders/s needs far less, because
 * orders are packed into blocks.
 */
export const MAX_SHARDS = 64;

/** In hours, about 114 years: long enough that nothing is late in a replay of old data. */
export const MAX_HORIZON_HOURS = 1_000_000;

/** In seconds. */
export const DEFAULT_WINDOW_SECONDS = 10;

export const DEFAULT_SHARDS = 1;

/** In hours, a week: how long after its window's end an order is still taken. */
export const DEFAULT_HORIZON_HOURS = 168;

/** In fen, CNY 90 bn: more than a brand sells, and small enough for exact sums in a double. */
export const MAX_BRAND_LINE_FEN = 9_000_000_000_000;

/** In fen, CNY 100 M: a real mega-sale announced how many brands went above this line. */
export const DEFAULT_BRAND_LINE_FEN = 10_000_000_000;

export const metricSettings = record({
  windowSeconds: z.optional(integer(1, MAX_WINDOW_SECONDS)),
  shards: z.optional(integer(1, MAX_SHARDS)),
  horizonHours: z.optional(integer(1, MAX_HORIZON_HOURS)),
  brandLineFen: z.optional(integer(1, MAX_BRAND_LINE_FEN)),
});

export type MetricSettings = z.output<typeof metricSettings>;

import { DAY_MS } from '#platform/duration.ts';

/** For at least this long after a campaign's end, in ms, its draw still takes refunds: goods often come back late. */
export const REFUND_HORIZON_MS = 30 * DAY_MS;

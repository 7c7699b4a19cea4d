import { DAY_MS } from '#platform/duration.ts';

/** In ms: for at least this long after a campaign's end, a refund of one of its orders still counts. Returns come late. */
export const REFUND_HORIZON_MS = 30 * DAY_MS;

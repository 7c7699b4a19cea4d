import { DAY_MS } from '#platform/duration.ts';

/** In ms: how long after a campaign's end the refund of one of its orders still counts, at the least. Returns come late. */
export const REFUND_HORIZON_MS = 30 * DAY_MS;

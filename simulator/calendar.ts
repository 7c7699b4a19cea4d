/**
 * When things happen in a simulated sale, in ms since 1970. The dates are fixed, so that a seed makes the same events on any
 * day.
 */

import { DAY_MS, HOUR_MS, MINUTE_MS } from '#platform/duration.ts';

/** Midnight in China, when 11 November begins. */
export const SALE_MS = Date.UTC(2026, 10, 10, 16);
export const SALE_END_MS = SALE_MS + HOUR_MS;
export const LAST_SALE_MS = Date.UTC(2025, 10, 10, 16);

/** The everyday period between the sales, from the day after last year's sale to the eve of this one. */
export const EVERYDAY_MS = LAST_SALE_MS + DAY_MS;
export const EVERYDAY_END_MS = SALE_MS - DAY_MS;

/**
 * When members got their tiers: before their everyday orders, so that a member's events come together and its item is written
 * once.
 */
export const TIERS_MS = EVERYDAY_MS;

/** When the sale is opened and all earlier events are sent, and when its presale is planned and issued. */
export const PREPARATION_MS = SALE_MS - HOUR_MS;
export const PRESALE_MS = SALE_MS - 30 * MINUTE_MS;

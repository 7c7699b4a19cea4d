import type { Coupons } from '#events/sections/coupons.ts';

/**
 * A member's coupons of a campaign have slots, numbered from 0; there are as many slots as a member may get coupons. The slot is
 * part of the grant's key, so it can be taken only once.
 */

/** The slot of the coupon that a presale gives. */
export const PRESALE_SLOT = 0;

/** The slot of a member's first coupon for an order. A presale slot is reserved only if the presale gives coupons. */
export const firstOrderSlot = ({ budgets }: Coupons): number =>
  budgets.some(({ presaleShare }) => presaleShare > 0) ? PRESALE_SLOT + 1 : PRESALE_SLOT;

/** The most counters that a member's item keeps. To drop one is safe: a slot that is taken refuses a second grant. */
const MAX_COUNTERS = 8;

/** A campaign's counter, which is the next slot; undefined if it is not kept. `hasOwn`, because an id may be `constructor`. */
export const nextSlotIn = (
  nextSlots: Readonly<Record<string, number>>,
  campaignId: string,
): number | undefined => (Object.hasOwn(nextSlots, campaignId) ? nextSlots[campaignId] : undefined);

/** Sets one counter. If there are too many, the least recently set one is dropped. */
export const withNextSlot = (
  nextSlots: Readonly<Record<string, number>>,
  campaignId: string,
  slot: number,
): Record<string, number> => {
  const others = Object.entries(nextSlots).filter(([id]) => id !== campaignId);
  return Object.fromEntries([...others.slice(-(MAX_COUNTERS - 1)), [campaignId, slot]]);
};

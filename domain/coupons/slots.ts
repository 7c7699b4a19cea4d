import type { Coupons } from '#events/sections/coupons.ts';

/** The slot of the coupon that a presale gives. */
export const PRESALE_SLOT = 0;

/** The slot of a member's first coupon for an order: no slot is reserved for a presale that gives nothing. */
export const firstOrderSlot = ({ budgets }: Coupons): number =>
  budgets.some(({ presaleShare }) => presaleShare > 0) ? PRESALE_SLOT + 1 : PRESALE_SLOT;

/** Counters that a member's item keeps. A dropped one is found again: its slots are taken. */
const MAX_COUNTERS = 8;

/** The counters with one set; the one that was set the longest ago is dropped. */
export const withNextSlot = (
  nextSlots: Readonly<Record<string, number>>,
  campaignId: string,
  slot: number,
): Record<string, number> => {
  const others = Object.entries(nextSlots).filter(([id]) => id !== campaignId);
  return Object.fromEntries([...others.slice(-(MAX_COUNTERS - 1)), [campaignId, slot]]);
};

import type { Coupons } from '#events/sections/coupons.ts';

/** The slot of the coupon that a presale gives. */
export const PRESALE_SLOT = 0;

/** The slot of the first coupon that orders bring a member: none is kept for a presale that gives nothing. */
export const firstOrderSlot = ({ budgets }: Coupons): number =>
  budgets.some(({ presaleShare }) => presaleShare > 0) ? PRESALE_SLOT + 1 : PRESALE_SLOT;

/** Campaigns whose counters a member's item keeps; one that is dropped is found again by the slots that are taken. */
const MAX_COUNTERS = 8;

/** The counters with one moved on; the one that was moved the longest ago gives way. */
export const withNextSlot = (
  nextSlots: Readonly<Record<string, number>>,
  campaignId: string,
  slot: number,
): Record<string, number> => {
  const others = Object.entries(nextSlots).filter(([id]) => id !== campaignId);
  return Object.fromEntries([...others.slice(-(MAX_COUNTERS - 1)), [campaignId, slot]]);
};

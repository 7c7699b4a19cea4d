import type { CampaignSettings } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';

/** On before over before yet to come. */
const standing = ({ startsAtMs, endsAtMs }: CampaignSettings, nowMs: number): number => {
  if (nowMs < startsAtMs) return 2;
  return nowMs < endsAtMs ? 0 : 1;
};

/**
 * The campaign to show where nobody says which: one that is on, else one that is over, else one that is yet to come. Among
 * these one that is compared with another, as a sale is and the everyday campaign beside it is not; among these the one that
 * starts last, and of two that start together the one whose id comes first. Undefined where none is open.
 */
export const campaignToShow = (
  open: readonly CampaignSettings[],
  nowMs: number,
): CampaignSettings | undefined =>
  [...open].sort(
    (a, b) =>
      standing(a, nowMs) - standing(b, nowMs) ||
      Number(a.compareWith === undefined) - Number(b.compareWith === undefined) ||
      b.startsAtMs - a.startsAtMs ||
      compareText(a.campaignId, b.campaignId),
  )[0];

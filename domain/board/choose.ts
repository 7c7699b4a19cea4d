import type { CampaignSettings } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';

/** Ranks a campaign that is on first, then one that is over, then one that is yet to come. */
const standing = ({ startsAtMs, endsAtMs }: CampaignSettings, nowMs: number): number => {
  if (nowMs < startsAtMs) return 2;
  return nowMs < endsAtMs ? 0 : 1;
};

/**
 * The campaign to show where none is named: one that is on, else one that is over, else one that is yet to come. Ties go
 * to a campaign that is compared with another (a sale is, the everyday campaign beside it is not), then to the one that
 * starts last, then to the smaller id. Undefined where none is open.
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

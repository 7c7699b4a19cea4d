import type { CampaignSettings } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';

const ON = 0;
const TO_COME = 1;
const OVER = 2;

const standing = ({ startsAtMs, endsAtMs }: CampaignSettings, nowMs: number): number => {
  if (nowMs < startsAtMs) return TO_COME;
  return nowMs < endsAtMs ? ON : OVER;
};

/** Of campaigns to come the one that comes first, else the one that started last. */
const byStart = (a: CampaignSettings, b: CampaignSettings, nowMs: number): number =>
  standing(a, nowMs) === TO_COME ? a.startsAtMs - b.startsAtMs : b.startsAtMs - a.startsAtMs;

/**
 * The campaign to show where nobody says which: one that is on, else one that is yet to come, else one that is over. Among
 * these one that is compared with another, as a sale is and the everyday campaign beside it is not; among these the next one
 * to come or the one that started last, and of two that start together the one whose id comes first. Undefined where none is
 * open.
 */
export const campaignToShow = (
  open: readonly CampaignSettings[],
  nowMs: number,
): CampaignSettings | undefined =>
  [...open].sort(
    (a, b) =>
      standing(a, nowMs) - standing(b, nowMs) ||
      Number(a.compareWith === undefined) - Number(b.compareWith === undefined) ||
      byStart(a, b, nowMs) ||
      compareText(a.campaignId, b.campaignId),
  )[0];

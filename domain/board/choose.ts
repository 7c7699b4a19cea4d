/** Chooses the campaign that the screen shows if none is named. */
import type { CampaignSettings } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';

const ON = 0;
const TO_COME = 1;
const OVER = 2;

/** Ranks a campaign that is on first, then one that is yet to come, then one that is over. */
const standing = ({ startsAtMs, endsAtMs }: CampaignSettings, nowMs: number): number => {
  if (nowMs < startsAtMs) return TO_COME;
  return nowMs < endsAtMs ? ON : OVER;
};

/** Orders campaigns of one standing: those to come by the earliest start first, the others by the latest start first. */
const byStart = (a: CampaignSettings, b: CampaignSettings, nowMs: number): number =>
  standing(a, nowMs) === TO_COME ? a.startsAtMs - b.startsAtMs : b.startsAtMs - a.startsAtMs;

/**
 * The campaign to show if none is named: one that is on, else one that is yet to come, else one that is over. Of several,
 * one that is compared with another campaign comes first (a sale is, an everyday campaign is not), then the one that starts next
 * or started last, then the one with the smaller id. Undefined if `open` is empty.
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

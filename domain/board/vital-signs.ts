import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { SECOND_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readViewWithTotal } from './read.ts';
import type { BoardView } from './view.ts';

/** What alarms watch: the worst values of all live campaigns, and how many campaigns need attention. */
export type VitalSigns = {
  /** The time since the start of the oldest window with events that no figure shows yet; 0 if all are shown. */
  WatermarkLagSeconds: number;
  /** How far coupon spending is from its plan, above or below, in percent of the whole budget. */
  SpendOffPlanPercent: number;
  /** Campaigns whose arms do not have the shares of members that they were planned to have. */
  SampleRatioMismatches: number;
  PausedCampaigns: number;
};

const PERCENT = 100;

const offPlanPercent = ({ coupons, closedSinceMs }: BoardView): number => {
  // A closed campaign is expected not to spend its budget.
  if (coupons === undefined || coupons.budgetFen === 0 || closedSinceMs !== undefined) return 0;
  const { budgetFen, remainingFen, plannedSpentFen } = coupons;
  return (PERCENT * Math.abs(budgetFen - remainingFen - plannedSpentFen)) / budgetFen;
};

/** Reads the vital signs of all live campaigns. For each campaign this takes the reads of one screen. */
export const readVitalSigns = async (runtime: Runtime, nowMs: number): Promise<VitalSigns> => {
  const worst: VitalSigns = {
    WatermarkLagSeconds: 0,
    SpendOffPlanPercent: 0,
    SampleRatioMismatches: 0,
    PausedCampaigns: 0,
  };
  for (const { settings } of await readListing(runtime)) {
    if (nowMs < settings.startsAtMs || nowMs >= settings.endsAtMs) continue;
    const shown = await readViewWithTotal(runtime, settings.campaignId, nowMs);
    if (shown === undefined) continue;
    const { view, total } = shown;
    const { pendingFromMs } = total;
    const lagMs = pendingFromMs === undefined ? 0 : Math.max(0, nowMs - pendingFromMs);
    worst.WatermarkLagSeconds = Math.max(worst.WatermarkLagSeconds, Math.round(lagMs / SECOND_MS));
    worst.SpendOffPlanPercent = Math.max(worst.SpendOffPlanPercent, offPlanPercent(view));
    if (view.experiment?.sampleRatio.isMismatched === true) worst.SampleRatioMismatches++;
    if (view.pausedSinceMs !== undefined) worst.PausedCampaigns++;
  }
  return worst;
};

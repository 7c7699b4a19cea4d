import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { SECOND_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readView } from './read.ts';
import type { BoardView } from './view.ts';

/** What an alarm watches of all campaigns that are live, the worst of them. */
export type VitalSigns = {
  /** Since the start of the oldest window that has orders which no figure shows yet; 0 where all are shown. */
  WatermarkLagSeconds: number;
  /** How far coupon spending is from its plan, in percent of the whole budget, whichever way. */
  SpendOffPlanPercent: number;
  /** Campaigns whose members are not in the arms as they were assigned. */
  SampleRatioMismatches: number;
  PausedCampaigns: number;
};

const PERCENT = 100;

const offPlanPercent = ({ coupons }: BoardView): number => {
  if (coupons === undefined || coupons.budgetFen === 0) return 0;
  const { budgetFen, remainingFen, plannedSpentFen } = coupons;
  return (PERCENT * Math.abs(budgetFen - remainingFen - plannedSpentFen)) / budgetFen;
};

/** Reads the vital signs of the campaigns that are live, which costs what a look at each one's screen does. */
export const readVitalSigns = async (runtime: Runtime, nowMs: number): Promise<VitalSigns> => {
  const worst: VitalSigns = {
    WatermarkLagSeconds: 0,
    SpendOffPlanPercent: 0,
    SampleRatioMismatches: 0,
    PausedCampaigns: 0,
  };
  for (const { settings } of await readListing(runtime)) {
    if (nowMs < settings.startsAtMs || nowMs >= settings.endsAtMs) continue;
    const { pendingFromMs } = await readTotal(runtime, settings);
    const view = await readView(runtime, settings.campaignId, nowMs);
    if (view === undefined) continue;
    const lagMs = pendingFromMs === undefined ? 0 : Math.max(0, nowMs - pendingFromMs);
    worst.WatermarkLagSeconds = Math.max(worst.WatermarkLagSeconds, Math.round(lagMs / SECOND_MS));
    worst.SpendOffPlanPercent = Math.max(worst.SpendOffPlanPercent, offPlanPercent(view));
    if (view.experiment?.sampleRatio.isMismatched === true) worst.SampleRatioMismatches++;
    if (view.pausedSinceMs !== undefined) worst.PausedCampaigns++;
  }
  return worst;
};

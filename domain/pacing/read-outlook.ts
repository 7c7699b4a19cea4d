/** Reads what pacing needs to know about demand: what orders showed, what the presale expects, and the planned curve. */
import { readCampaign } from '#domain/campaigns/extension.ts';
import { levelsOf } from '#domain/metrics/levels.ts';
import { parseDemandLabel } from '#domain/metrics/model-calls.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import type { LabelTally } from '#domain/metrics/rollup/row-columns.ts';
import { readPlan } from '#domain/presale/plan-item.ts';
import type { CampaignSettings } from '#events/campaign.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Curve, curveOf } from './curve.ts';
import type { ObservedDemand, Outlook } from './pace.ts';

/**
 * The demand on a campaign's budgets, from its tallies. The metric event that counts the model calls of an order's decision also
 * states the demand that the order shows, in fen. A decision counts one call more than there are offers.
 */
export const observedDemandOf = (
  tallies: Iterable<[label: string, tally: LabelTally]>,
  { offers }: Coupons,
): Record<string, ObservedDemand> => {
  const observed: Record<string, ObservedDemand> = {};
  for (const [label, { count, fen }] of tallies) {
    const place = parseDemandLabel(label);
    if (place === undefined) continue;
    const { orders, demand } = observed[place.budgetKey] ?? { orders: 0, demand: [] };
    demand.push([place.bucket, fen]);
    observed[place.budgetKey] = { orders: orders + count / (offers.length + 1), demand };
  }
  for (const { demand } of Object.values(observed)) demand.sort(([a], [b]) => a - b);
  return observed;
};

/** Reads what is known of the demand on a campaign's budgets: from its metrics and from the presale's plan. */
export const readOutlook = async (
  runtime: Runtime,
  settings: CampaignSettings,
  coupons: Coupons,
): Promise<Outlook> => {
  const [{ row, watermarkMs }, plan] = await Promise.all([
    readTotal(runtime, settings),
    readPlan(runtime, settings.campaignId),
  ]);
  return {
    observedUntilMs: watermarkMs ?? settings.startsAtMs,
    observed: observedDemandOf(row.tallies, coupons),
    audience: plan?.demand ?? {},
  };
};

/** The planned curve: that of the campaign to compare with, if it had enough orders. */
export const readCurve = async (
  runtime: Runtime,
  compareWith: string | undefined,
): Promise<Curve | undefined> => {
  const campaign = compareWith === undefined ? undefined : await readCampaign(runtime, compareWith);
  if (campaign === undefined) return undefined;
  const { settings } = campaign;
  const { row } = await readTotal(runtime, settings);
  return curveOf(row.series, levelsOf(settings).at(-2)!.lengthMs, settings);
};

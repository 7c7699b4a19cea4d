import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { levelsOf } from '#domain/metrics/levels.ts';
import { parseDemandLabel } from '#domain/metrics/model-calls.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import type { Tally } from '#domain/metrics/rollup/row.ts';
import { readPlan } from '#domain/presale/plan-item.ts';
import { type CampaignSettings, campaignSettings } from '#events/campaign.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Curve, curveOf } from './curve.ts';
import type { Outlook, Told } from './pace.ts';

/** What the tallies of a campaign tell of the demand on its budgets. Each order tells one edge, by all calls of its decision. */
export const toldOf = (
  tallies: Iterable<[label: string, tally: Tally]>,
  { offers }: Coupons,
): Record<string, Told> => {
  const told: Record<string, Told> = {};
  for (const [label, { count, fen }] of tallies) {
    const place = parseDemandLabel(label);
    if (place === undefined) continue;
    const { orders, demand } = told[place.budgetKey] ?? { orders: 0, demand: [] };
    demand.push([place.bucket, fen]);
    told[place.budgetKey] = { orders: orders + count / (offers.length + 1), demand };
  }
  for (const { demand } of Object.values(told)) demand.sort(([a], [b]) => a - b);
  return told;
};

/** What is known of the demand on a campaign's budgets: a row of the metrics, which is a set's, and the presale's plan. */
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
    toldUntilMs: watermarkMs ?? settings.startsAtMs,
    told: toldOf(row.tallies, coupons),
    audience: plan?.demand ?? {},
  };
};

/** The planned curve: that of the campaign which this one is compared with, where it had orders enough. */
export const readCurve = async (
  runtime: Runtime,
  compareWith: string | undefined,
): Promise<Curve | undefined> => {
  const definition = compareWith === undefined ? undefined : await readDefinition(runtime, compareWith);
  if (definition === undefined) return undefined;
  const settings = campaignSettings(definition);
  const { row } = await readTotal(runtime, settings);
  return curveOf(row.series, levelsOf(settings).at(-2)!.lengthMs, settings);
};

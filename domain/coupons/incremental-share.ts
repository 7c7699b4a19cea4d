/** How many of the used coupons brought an order about, as the arms of campaigns have measured it. */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { readout } from '#domain/experiment/readout.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { PRIOR_INCREMENTAL_SHARE } from './model.ts';

/** How sure the prior share is, as a standard deviation. */
const PRIOR_SIGMA = 0.1;
const LEAST_SHARE = 0.01;
/** At most this many campaigns are used, the newest first: what arms measured long ago says little about today. */
const CAMPAIGNS_MAX = 5;

/** What arms say about the share: an estimate and its standard deviation. */
export type MeasuredShare = { share: number; sigma: number };

/** The mean of the prior and what was measured, each weighted by its precision. */
export const incrementalShareOf = (measured: readonly MeasuredShare[]): number => {
  const all = [{ share: PRIOR_INCREMENTAL_SHARE, sigma: PRIOR_SIGMA }, ...measured];
  let [sum, weights] = [0, 0];
  for (const { share, sigma } of all) {
    sum += share / sigma ** 2;
    weights += 1 / sigma ** 2;
  }
  return Math.max(LEAST_SHARE, Math.min(1, sum / weights));
};

/**
 * The share of used coupons whose orders would not have been made without a coupon: how many more orders per
 * member the engine's arm has than the control arm, divided by its used coupons per member. It is measured in
 * the newest of these campaigns, where their arms can be compared, and averaged with the prior.
 */
export const readIncrementalShare = async (
  runtime: Runtime,
  campaigns: readonly CampaignSettings[],
): Promise<number> => {
  const newest = campaigns.toSorted((a, b) => b.startsAtMs - a.startsAtMs).slice(0, CAMPAIGNS_MAX);
  const measured: MeasuredShare[] = [];
  for (const settings of newest) {
    const definition = await readDefinition(runtime, settings.campaignId);
    if (definition?.coupons === undefined) continue;
    const { row } = await readTotal(runtime, settings);
    const view = readout(row, definition.coupons);
    const orders = view?.ordersPerMember.engine;
    const engine = view?.arms.find(({ arm }) => arm === 'engine');
    if (orders === undefined || engine === undefined || engine.redeemed === 0) continue;
    const usedPerMember = engine.redeemed / engine.eligible;
    // The interval holds at all looks at once. So it is wider than needed for one look, and sigma is too
    // large rather than too small.
    const sigma = (orders.high - orders.low) / 4 / usedPerMember;
    measured.push({ share: orders.estimate / usedPerMember, sigma });
  }
  return incrementalShareOf(measured);
};

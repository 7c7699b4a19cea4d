import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { type CampaignBudget, campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { applySwitch, type SwitchingEvent, switchOfEvent } from '#domain/campaigns/issuing-switch.ts';
import { advance, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import type { CampaignSettings } from '#events/campaign.ts';
import { formatTime } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sumOf } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import { plannedFen, shareAt } from './curve.ts';
import { readCurve } from './read-outlook.ts';

/**
 * The automatic pause of a campaign whose coupons are spent ahead of their plan. It happens at most once: the person who
 * resumes the campaign knows the reason, and must not be overruled a minute later.
 */
const pauseKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'PAUSED_AHEAD' });

const SOURCE = '/zhihui/pacer';

/**
 * The automatic pause takes the form of an event with the time of the stored decision: applying it again
 * changes nothing, and a later event overrides it.
 */
const pauseEvent = (campaignId: string, atMs: number): SwitchingEvent => ({
  id: campaignId,
  source: SOURCE,
  type: 'campaign.paused',
  time: formatTime(atMs),
});

/** When a campaign was paused automatically, in ms since the epoch; undefined if it was not. */
export const readPausedAhead = async (runtime: Runtime, campaignId: string): Promise<number | undefined> =>
  (await readProgress(runtime, pauseKey(campaignId))).doneMs;

/**
 * The first of the engine's budgets whose spending is ahead of its plan by more than the definition allows; undefined if there
 * is none. The baseline is not watched, because its rule is to spend as fast as it can.
 */
const budgetAhead = (
  budgets: readonly CampaignBudget[],
  remaining: ReadonlyMap<string, readonly number[]>,
  { allowedShare, expectedShare }: { allowedShare: number; expectedShare: number },
): { budgetKey: string; spentFen: number; plannedFen: number } | undefined => {
  for (const budget of budgets) {
    const { key } = budget;
    if (budget.arm !== 'engine') continue;
    const spentFen = budget.totalFen - sumOf(remaining.get(key) ?? []);
    const planned = plannedFen(budget, expectedShare);
    if (spentFen - planned > allowedShare * budget.totalFen)
      return { budgetKey: key, spentFen, plannedFen: planned };
  }
  return undefined;
};

/**
 * Pauses a running campaign whose coupons are spent ahead of their plan by more than its definition allows. The decision is
 * stored before any shard is marked as paused, so if the pacer crashes in between, its next run completes the pause.
 */
export const pauseWhenAhead = async (
  runtime: Runtime,
  { campaignId, startsAtMs, endsAtMs, compareWith }: CampaignSettings,
  coupons: Coupons,
  nowMs: number,
): Promise<void> => {
  if (coupons.pauseAheadShare === undefined) return;
  let known = await readProgress(runtime, pauseKey(campaignId));
  if (known.doneMs === undefined) {
    const curve = await readCurve(runtime, compareWith);
    const expectedShare = shareAt({ startsAtMs, endsAtMs, ...(curve && { curve }) }, nowMs);
    const ahead = budgetAhead(campaignBudgets(coupons), await readBudgets(runtime, campaignId), {
      allowedShare: coupons.pauseAheadShare,
      expectedShare,
    });
    if (ahead === undefined) return;
    runtime.logger.warn('campaign pauses, since it spends ahead of its plan', { campaignId, ...ahead });
    known = await advance(runtime, pauseKey(campaignId), known, { isDone: true, doneMs: nowMs });
  }
  await applySwitch(runtime, campaignId, switchOfEvent(pauseEvent(campaignId, known.doneMs!)));
};

import { heldBackIn, leftIn, readBudgetShards } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { readCeilings } from '#domain/campaigns/ceiling.ts';
import { InputError } from '#local/console/input-error.ts';
import { sumOf } from '#platform/collections.ts';
import { openedDefinition, sendCommand } from './campaigns.ts';
import { untilHolds } from './send-events.ts';
import type { Target } from './target.ts';

export type Capped = {
  campaignId: string;
  pool: string;
  ceilingFen: number;
  /** What the live and used coupons of the pool cost, in fen. */
  spentFen: number;
  /** What the pool holds back of its budget, in fen. */
  heldFen: number;
  /** Whether more is spent than the ceiling allows: the pool gives nothing until enough has come back. */
  isOver: boolean;
  /** Whether every shard follows the ceiling; false if that took longer than half a minute. */
  isInEffect: boolean;
  /** Whether another ceiling, of a later command, is in effect. */
  isSuperseded: boolean;
  /** From sending the event to its effect, in ms. */
  tookMs: number;
};

/**
 * Sets the most that a pool of a campaign gives, and waits until all shards of its budgets follow. Throws an InputError if
 * there is no such campaign or pool, or if the ceiling is beyond the pool's budget.
 */
export const capCampaign = async (
  target: Target,
  campaignId: string,
  { pool, ceilingFen }: { pool: string; ceilingFen: number },
): Promise<Capped> => {
  const { runtime } = target;
  const { coupons } = await openedDefinition(target, campaignId);
  const budget = coupons?.budgets.find((one) => one.pool === pool);
  if (coupons === undefined)
    throw new InputError(
      `ID: expected a campaign with coupons, got ${JSON.stringify(campaignId)}, which has none`,
    );
  if (budget === undefined)
    throw new InputError(
      `POOL: expected one of ${coupons.budgets.map((one) => one.pool).join(', ')}, got ${JSON.stringify(pool)}`,
    );
  if (ceilingFen > budget.totalFen)
    throw new InputError(
      `FEN: expected at most ${budget.totalFen}, the budget of ${pool}, got ${ceilingFen}`,
    );
  const known = (await readCeilings(runtime, campaignId)).find((one) => one.pool === pool);
  const sentMs = runtime.clock.nowMs();
  // Later than the event that set the present ceiling, even if that event's sender has a clock that runs ahead.
  const timeMs = Math.max(sentMs, (known?.sinceMs ?? Number.NEGATIVE_INFINITY) + 1);
  await sendCommand(target, 'campaign.capped', { campaignId, pool, ceilingFen }, timeMs);
  const keys = new Set(
    campaignBudgets(coupons)
      .filter((one) => one.pool === pool)
      .map((one) => one.key),
  );
  const look = async () => {
    const shards = (await readBudgetShards(runtime, campaignId)).filter(({ budgetKey }) =>
      keys.has(budgetKey),
    );
    const spentFen = budget.totalFen - sumOf([...leftIn(shards).values()].flat());
    const ceiling = (await readCeilings(runtime, campaignId)).find((one) => one.pool === pool);
    return { shards, spentFen, ceiling, isOver: shards.some(({ isCapped }) => isCapped) };
  };
  let seen = await look();
  const isInEffect = await untilHolds(target, async () => {
    seen = await look();
    const { shards, ceiling, isOver, spentFen } = seen;
    if (ceiling === undefined || ceiling.sinceMs < timeMs) return false;
    const follows = shards.every(({ ceilingOrder }) => ceilingOrder >= ceiling.order);
    return follows && (!isOver || spentFen > ceilingFen);
  });
  const { shards, spentFen, ceiling, isOver } = seen;
  return {
    campaignId,
    pool,
    ceilingFen,
    spentFen,
    heldFen: sumOf(Object.values(heldBackIn(shards))),
    isOver,
    isInEffect,
    isSuperseded: isInEffect && ceiling!.sinceMs > timeMs,
    tookMs: runtime.clock.nowMs() - sentMs,
  };
};

import { readClosingProgress } from '#domain/campaigns/closing.ts';
import { InputError } from '#local/console/input-error.ts';
import { openedDefinition, sendCommand } from './campaigns.ts';
import { untilHolds } from './send-events.ts';
import type { Target } from './target.ts';

export type Closed = {
  campaignId: string;
  /** Whether every shard is closed; false if that took longer than half a minute. */
  isInEffect: boolean;
  shards: number;
  closed: number;
  /**
   * The money left in each budget, in fen, by arm and pool. Money of coupons that expire or are given back later still returns to
   * their budget.
   */
  notIssuedFen: Record<string, number>;
  /** From sending the event to its effect, in ms. */
  tookMs: number;
};

/**
 * Closes a campaign's coupons for good, and waits up to half a minute until no shard of their budgets gives any money. Throws an
 * InputError if there is no such campaign, or it has no coupons.
 */
export const closeCampaign = async (target: Target, campaignId: string): Promise<Closed> => {
  const { runtime } = target;
  const definition = await openedDefinition(target, campaignId);
  if (definition.coupons === undefined)
    throw new InputError(
      `campaign ${campaignId}: expected one with coupons, got one without; a draw of free orders ends when its rules say`,
    );
  const sentMs = runtime.clock.nowMs();
  await sendCommand(target, 'campaign.closed', { campaignId }, sentMs);
  let progress = await readClosingProgress(runtime, definition);
  const isInEffect = await untilHolds(target, async () => {
    progress = await readClosingProgress(runtime, definition);
    return progress.closedMs !== undefined && progress.closed === progress.shards;
  });
  const { shards, closed, notIssuedFen } = progress;
  return { campaignId, isInEffect, shards, closed, notIssuedFen, tookMs: runtime.clock.nowMs() - sentMs };
};

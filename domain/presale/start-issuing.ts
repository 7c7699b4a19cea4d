import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { advance, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readPlan } from './plan-item.ts';
import { AUDIENCE_SEGMENTS, startMessages } from './segment.ts';

const startKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'ISSUE_START' });

/** Begins the second pass of a presale, which issues its coupons, if a budget has a share for it. */
const startIssuing = async (
  runtime: Runtime,
  campaignId: string,
  { budgets }: Coupons,
  segments: number,
): Promise<void> => {
  if (budgets.some(({ presaleShare }) => presaleShare > 0))
    await sendAll(
      runtime,
      runtime.environment('AUDIENCE_QUEUE_URL'),
      startMessages(campaignId, segments, 'issue'),
    );
};

/**
 * Begins the second pass after the plan is fixed. Every worker that finds the plan fixed calls this, and so does every
 * redelivery of a counted segment: the first whose messages are sent marks that, and the others send nothing.
 */
export const startIssuingOnce = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
  segments: number,
): Promise<void> => {
  const key = startKey(campaignId);
  const known = await readProgress(runtime, key);
  if (known.isDone) return;
  await startIssuing(runtime, campaignId, coupons, segments);
  await advance(runtime, key, known, { isDone: true });
};

/**
 * After a campaign is resumed, lets its presale issue the rest of its plan. If there is no plan yet, the issuing begins by
 * itself once there is one. For a segment that is done, the message is a no-op.
 */
export const resumeIssuing = async (runtime: Runtime, campaignId: string): Promise<void> => {
  const definition = await readDefinition(runtime, campaignId);
  if (definition?.coupons === undefined || (await readPlan(runtime, campaignId)) === undefined) return;
  await startIssuing(runtime, campaignId, definition.coupons, AUDIENCE_SEGMENTS);
};

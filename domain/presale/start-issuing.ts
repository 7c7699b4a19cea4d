import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readPlan } from './plan-item.ts';
import { AUDIENCE_SEGMENTS, startMessages } from './segment.ts';

/** Begins the second pass of a presale, which issues its coupons, if a budget has a share for it. */
export const startIssuing = async (
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
 * After a campaign is resumed, lets its presale issue the rest of its plan. If there is no plan yet, the issuing begins by
 * itself once there is one. For a segment that is done, the message is a no-op.
 */
export const resumeIssuing = async (runtime: Runtime, campaignId: string): Promise<void> => {
  const definition = await readDefinition(runtime, campaignId);
  if (definition?.coupons === undefined || (await readPlan(runtime, campaignId)) === undefined) return;
  await startIssuing(runtime, campaignId, definition.coupons, AUDIENCE_SEGMENTS);
};

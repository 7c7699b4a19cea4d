import { readAllProgress } from '#domain/campaigns/progress-items.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { AUDIENCE_SEGMENTS, segmentsPrefix } from './segment.ts';

/**
 * Whether a campaign's presale has issued everything that it plans. A presale without money has nothing to issue, so this is
 * true from the start.
 */
export const isPresaleIssued = async (
  runtime: Runtime,
  campaignId: string,
  { budgets }: Coupons,
): Promise<boolean> => {
  if (budgets.every(({ presaleShare }) => presaleShare === 0)) return true;
  const segments = await readAllProgress(runtime, campaignId, segmentsPrefix(AUDIENCE_SEGMENTS, 'issue'));
  return segments.length === AUDIENCE_SEGMENTS && segments.every(({ isDone }) => isDone);
};

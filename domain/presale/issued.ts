import type { Coupons } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readSegments, segmentsDone } from './segments.ts';

/** Whether a presale issues anything: only if a budget has a share for it. */
export const issuesInPresale = ({ budgets }: Coupons): boolean =>
  budgets.some(({ presaleShare }) => presaleShare > 0);

/**
 * Whether a campaign's presale has issued everything that it plans. A presale without money has nothing to issue, so this is
 * true from the start.
 */
export const isPresaleIssued = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
): Promise<boolean> => {
  if (!issuesInPresale(coupons)) return true;
  const segments = await readSegments(runtime, campaignId);
  return (
    segments !== undefined && (await segmentsDone(runtime, campaignId, segments, 'issue')).size === segments
  );
};

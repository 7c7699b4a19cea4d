/** The open campaigns, as a process remembers them for a moment. */
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type OpenCampaign, readListing } from './campaigns-table.ts';

/** How long a process uses the campaigns it read: after this time, an opened campaign is known everywhere. */
const MAX_AGE_MS = 2000;

const LISTING = compartment((): { campaigns: OpenCampaign[]; readMs: number } => ({
  campaigns: [],
  readMs: Number.NEGATIVE_INFINITY,
}));

/** The campaigns that are open, read at most {@link MAX_AGE_MS} before `nowMs`, or now if `freshness` is 'fresh'. */
export const openCampaigns = async (
  runtime: Runtime,
  nowMs: number,
  freshness: 'cached' | 'fresh',
): Promise<OpenCampaign[]> => {
  const known = runtime.memory.of(LISTING);
  if (freshness === 'fresh' || nowMs - known.readMs > MAX_AGE_MS) {
    known.campaigns = await readListing(runtime);
    known.readMs = nowMs;
  }
  return known.campaigns;
};

import { masterKey } from '#platform/master-key.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type DrawKeys, drawKeysOf } from './keys.ts';

/** The seed and the member key of a campaign's draw. */
export const drawKeys = async (runtime: Runtime, campaignId: string): Promise<DrawKeys> =>
  drawKeysOf(await masterKey(runtime, 'DRAW_SECRET'), campaignId);

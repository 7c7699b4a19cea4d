import { masterKey } from '#platform/master-key.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type DrawKeys, drawKeysOf } from './keys.ts';

/** The seed of a campaign's draw, and the key under which it hashes the ids of members. */
export const drawKeys = async (runtime: Runtime, campaignId: string): Promise<DrawKeys> =>
  drawKeysOf(await masterKey(runtime, 'DRAW_SECRET'), campaignId);

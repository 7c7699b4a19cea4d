import type { RowKey } from '#domain/metrics/levels.ts';
import { rebuildRows } from '#domain/metrics/rollup/rebuild.ts';
import { formatTime } from '#events/contract.ts';
import { settingsOf } from './campaign-settings.ts';
import type { Target } from './target.ts';

/** A row, named by its window. */
export type NamedRow = { level: number; window: string; shard: number };

export type RebuiltRows = { windows: number; mended: NamedRow[]; expired: NamedRow[] };

const named = ({ level, startMs, shard }: RowKey): NamedRow => ({
  level,
  window: formatTime(startMs),
  shard,
});

/** Makes a campaign's rows again from their blocks. Throws an InputError if there is no such campaign. */
export const rebuildCampaign = async (
  target: Target,
  campaignId: string,
  span: { fromMs?: number; untilMs?: number },
): Promise<RebuiltRows> => {
  const { windows, mended, expired } = await rebuildRows(
    target.runtime,
    await settingsOf(target, campaignId),
    span,
  );
  return { windows, mended: mended.map(named), expired: expired.map(named) };
};

import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import type { RowKey } from '#domain/metrics/levels.ts';
import { rebuildRows } from '#domain/metrics/rollup/rebuild.ts';
import { campaignSettings, formatTime } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import type { Target } from './target.ts';

/** A row, named by its window. */
export type NamedRow = { level: number; window: string; shard: number };

export type RebuiltRows = { windows: number; mended: NamedRow[]; expired: NamedRow[] };

const named = ({ level, startMs, shard }: RowKey): NamedRow => ({
  level,
  window: formatTime(startMs),
  shard,
});

/** Makes a campaign's rows again from their blocks. Throws an InputError where there is no such campaign. */
export const rebuildCampaign = async (
  { runtime, name }: Target,
  campaignId: string,
  span: { fromMs?: number; untilMs?: number },
): Promise<RebuiltRows> => {
  const definition = await readDefinition(runtime, campaignId);
  if (definition === undefined)
    throw new InputError(`campaign: expected one of ${name}, got ${JSON.stringify(campaignId)}`);
  const { windows, mended, expired } = await rebuildRows(runtime, campaignSettings(definition), span);
  return { windows, mended: mended.map(named), expired: expired.map(named) };
};

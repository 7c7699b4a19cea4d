import { childrenOf, type RowKey, totalKey } from '#domain/metrics/levels.ts';
import { readRows } from '#domain/metrics/row-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { treeOf } from './composition.ts';
import { unpackRowParts } from './row-codec.ts';
import { mergeStores, noStores, type StoreSums } from './store-sums.ts';

/**
 * Reads every store of a campaign, for an export. The figures are exact, because the rows of base windows know all stores. Near
 * orders that name no store are left out, such as those from before orders named stores. The children of one row are read at a
 * time (at most 60, or 240 of the total), so that an export does not slow down a sale.
 */
export const readAllStores = async (runtime: Runtime, settings: CampaignSettings): Promise<StoreSums> => {
  const { levels, base } = treeOf(settings);
  const sums = noStores();
  const addBelow = async (keys: readonly RowKey[]): Promise<void> => {
    const rows = await readRows(runtime, settings, keys);
    for (const [i, key] of keys.entries()) {
      const row = rows[i];
      // A row that is not there has nothing below it.
      if (row === undefined) continue;
      if (key.level === base) mergeStores(sums, unpackRowParts(row.parts).stores);
      else await addBelow(childrenOf(settings, levels, key));
    }
  };
  await addBelow([totalKey(settings)]);
  return sums;
};

import { childrenOf, type RowKey, totalKey } from '#domain/metrics/levels.ts';
import { readRows } from '#domain/metrics/row-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { treeOf } from './composition.ts';
import { unpackRowParts } from './row-codec.ts';
import { mergeStores, noStores, type StoreSums } from './store-sums.ts';

/**
 * Every store of a campaign, exactly, from the rows of its base windows, which know them all and do not expire: for an export. What is
 * left out is near orders of stores that nobody named, as before there were stores. A call for each 60 rows, and one at a time, so
 * that an export does not get in a sale's way.
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

import type { Replacement, StoredRow } from '#domain/metrics/row-items.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { emptyRow, mergeInto } from './row.ts';
import { packRowParts, unpackRowParts } from './row-codec.ts';

type Shards = readonly (StoredRow | undefined)[];

/** Names the shards' rows that a base window's row is made of. */
export const versionOfShards = (shards: Shards): string =>
  fingerprintOf(shards.map((shard) => shard?.version ?? '').join());

/** The row of a base window from the rows of all of its shards, as it is stored. */
export const rowOfShards = (shards: Shards): Replacement['row'] => {
  const row = emptyRow();
  for (const shard of shards) if (shard !== undefined) mergeInto(row, unpackRowParts(shard.parts));
  const counts = shards.map((shard) => shard?.blocks ?? 0);
  return {
    blocks: counts.reduce((sum, count) => sum + count, 0),
    version: versionOfShards(shards),
    madeOf: { kind: 'children', counts },
    parts: packRowParts(row),
  };
};

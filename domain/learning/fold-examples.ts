/** Folds the blocks of examples into the statistics of their campaign. */
import { type RowKey, windowEndOf } from '#domain/metrics/levels.ts';
import { blockKeyOf } from '#domain/metrics/made-of.ts';
import { oldestPendingMs, readPending, removePending } from '#domain/metrics/pending-items.ts';
import {
  type FoldedWindow,
  type Folding,
  foldWindow,
  MAX_ATTEMPTS,
  refusedText,
} from '#domain/metrics/rollup/fold-window.ts';
import { putRow, readRows, type StoredRow } from '#domain/metrics/row-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { textOfBytes } from '#platform/bytes.ts';
import { chunks } from '#platform/collections.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { compartment } from '#platform/memory.ts';
import { Remembered } from '#platform/remembered.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Example } from './example.ts';
import { unpackExamples } from './example-block.ts';
import { examplesIdOf, rowKeysOf, totalKeyOf } from './example-windows.ts';
import {
  decodeUseStatistics,
  emptyUseStatistics,
  encodeUseStatistics,
  mergeUseStatistics,
  type UseStatistics,
  useStatisticsOf,
} from './use-statistics.ts';

const ROWS_A_READ = 100;

const unpack = (parts: readonly Uint8Array[]): UseStatistics => decodeUseStatistics(parts[0]!);

/**
 * A process remembers the examples of this many bytes of blocks. Unpacked, they take about twenty times as much memory.
 */
const REMEMBERED_BYTES = 1_000_000;

const UNPACKED = compartment(() => new Remembered<readonly Example[]>(REMEMBERED_BYTES));

const FOLDING: Folding<UseStatistics> = {
  rowOf: (blocks, results) => {
    const unpacked = results.of(UNPACKED);
    return useStatisticsOf(
      blocks.flatMap((body) => unpacked.of(textOfBytes(body), () => unpackExamples(body))),
    );
  },
  countTooLate: (row, news) => {
    row.tooLate += new Set(news.flatMap(unpackExamples).map(({ id }) => id)).size;
    return row;
  },
  pack: (row) => [encodeUseStatistics(row)],
  unpack,
  newestMs: () => 0,
  // Nothing is reported here: if two examples with one id differ, so do the orders behind them, and that conflict is reported.
  alarmingIn: () => ({ conflicts: 0, overdrafts: 0 }),
};

/** Makes the total from the rows of all windows. A new total is always made of at least the blocks of the previous one. */
const makeTotal = async (runtime: Runtime, examples: CampaignSettings): Promise<void> => {
  const key = totalKeyOf(examples);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const [before] = await readRows(runtime, examples, [key]);
    const rows: (StoredRow | undefined)[] = [];
    for (const keys of chunks(rowKeysOf(examples), ROWS_A_READ))
      rows.push(...(await readRows(runtime, examples, keys)));
    const counts = rows.map((row) => row?.blocks ?? 0);
    const isAhead =
      before?.madeOf?.kind !== 'children' || before.madeOf.counts.every((count, i) => count <= counts[i]!);
    if (!isAhead) continue;
    const version = fingerprintOf(rows.map((row) => row?.version ?? '').join());
    if (before?.version === version) return;
    const sum = emptyUseStatistics();
    for (const row of rows) if (row !== undefined) mergeUseStatistics(sum, unpack(row.parts));
    const made = {
      blocks: counts.reduce((all, count) => all + count, 0),
      version,
      madeOf: { kind: 'children', counts } as const,
      parts: [encodeUseStatistics(sum)],
    };
    if (await putRow(runtime, examples, key, { row: made, before })) return;
  }
  throw new Error(refusedText(examples, key));
};

/**
 * Folds a campaign's examples into its statistics. Examples of windows that end after `reachedMs` stay pending.
 * Calls may overlap, repeat or crash anywhere: a row is made of a set of blocks, and is only replaced by a
 * row that is made of a superset of them. Blocks stay pending until they are in the total. Returns whether
 * there was anything to fold. Throws if another call replaces the total during each of MAX_ATTEMPTS attempts.
 *
 * @param examples as `examplesSettings` gives them.
 * @param reachedMs the time before which no order is still expected, in ms since the epoch: see `readReached`.
 */
export const foldExamples = async (
  runtime: Runtime,
  examples: CampaignSettings,
  reachedMs: number,
): Promise<boolean> => {
  const shards = Array.from({ length: examples.shards }, (_, shard) => shard);
  const pending = (
    await mapLimited(shards, CALLS_AT_ONCE, (shard) => readPending(runtime, examples, shard))
  ).flat();
  const over = pending.filter(({ startMs }) => windowEndOf(examples, startMs) <= reachedMs);
  if (over.length === 0) return false;
  const keys = [
    ...new Map(
      over.map(({ startMs, shard }) => [
        `${startMs}#${shard}`,
        { level: 0, startMs, shard } satisfies RowKey,
      ]),
    ),
  ];
  const folded = new Map<string, FoldedWindow>();
  await mapLimited(keys, CALLS_AT_ONCE, async ([place, key]) => {
    folded.set(place, await foldWindow(runtime, examples, key, FOLDING));
  });
  await makeTotal(runtime, examples);
  const done = over.filter(({ startMs, shard, blockId }) =>
    folded.get(`${startMs}#${shard}`)!.blocks.has(blockKeyOf(blockId)),
  );
  await removePending(runtime, examples, done);
  return true;
};

/** Whether any of a campaign's examples wait to be folded. */
export const hasPendingExamples = async (runtime: Runtime, settings: CampaignSettings): Promise<boolean> =>
  (await oldestPendingMs(runtime, { ...settings, campaignId: examplesIdOf(settings) })) !== undefined;

/** The statistics of these campaigns, added up. */
export const readUseStatistics = async (
  runtime: Runtime,
  campaigns: readonly CampaignSettings[],
): Promise<UseStatistics> => {
  const sum = emptyUseStatistics();
  const rows = await mapLimited(
    campaigns,
    CALLS_AT_ONCE,
    async (settings) =>
      (
        await readRows(runtime, { ...settings, campaignId: examplesIdOf(settings) }, [totalKeyOf(settings)])
      )[0],
  );
  for (const row of rows) if (row !== undefined) mergeUseStatistics(sum, unpack(row.parts));
  return sum;
};

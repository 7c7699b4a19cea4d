import { unpackBlock } from '#domain/metrics/block.ts';
import type { BlockEvent } from '#domain/metrics/block-event.ts';
import { type RowKey, windowEndOf } from '#domain/metrics/levels.ts';
import { type BlockSet, blockKeyOf, encodeMadeOf, type MadeOf } from '#domain/metrics/made-of.ts';
import { FORMER_MARGIN_MS, readWindow, type StoredBlock } from '#domain/metrics/metrics-table.ts';
import { putRow, type StoredRow } from '#domain/metrics/row-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { textOfBytes } from '#platform/bytes.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { compartment, type Memory } from '#platform/memory.ts';
import { Remembered } from '#platform/remembered.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { countTooLate, OVERDRAFT, type Row, rowOfEvents, tallyOf } from './row.ts';
import { MAX_PART_BYTES, packRowParts, unpackRowParts } from './row-codec.ts';

/** A row is refused only if another worker has written it since it was read, so this many attempts are plenty. */
export const MAX_ATTEMPTS = 24;

export const refusedText = (settings: CampaignSettings, { level, startMs, shard }: RowKey): string =>
  `row of ${settings.campaignId}, level ${level}, window ${new Date(startMs).toISOString()}, shard ${shard}: expected to be written within ${MAX_ATTEMPTS} attempts, got a conflict in each`;

/**
 * What an operator is alerted to as soon as it is in a row: orders that contradict each other, and coupons honoured beyond a
 * budget.
 */
export type Alarming = { conflicts: number; overdrafts: number };

/** A window that has been folded. */
export type FoldedWindow = {
  /** The keys of the blocks that are in the row, or were counted as too late. */
  blocks: ReadonlySet<string>;
  /** How many blocks its row is made of, those that have expired included; 0 without a row. */
  count: number;
  /** The newest order's time; 0 without one. */
  newestMs: number;
  /** Write units that its blocks took, and that its row takes each time it is written. */
  units: { blocks: number; row: number };
  /** What an operator is alerted to: only what this version of the row adds to the one before. */
  alarming?: Alarming;
};

/** DynamoDB counts one write unit for each started kilobyte. */
const UNIT_BYTES = 1_024;

const unitsOf = (bodies: readonly Uint8Array[]): number =>
  bodies.reduce((sum, { length }) => sum + Math.ceil(length / UNIT_BYTES), 0);

/** A window's stored row, and the blocks that have not expired. */
type Window = { live: ReadonlyMap<string, StoredBlock>; row: StoredRow | undefined };

const liveOf = (blocks: readonly StoredBlock[]): Map<string, StoredBlock> =>
  new Map(blocks.map((block) => [blockKeyOf(block.id), block]));

const madeOfBlocks = (row: StoredRow | undefined): BlockSet | undefined =>
  row?.madeOf?.kind === 'blocks' ? row.madeOf : undefined;

/**
 * Reads a window, so that every block of its row that is not among the blocks read has expired. Blocks are read before the row,
 * and other workers may write both in between, so the blocks are read again if any of the row's blocks is missing.
 */
const readSettledWindow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
): Promise<Window> => {
  const { blocks, row } = await readWindow(runtime, settings, key);
  const live = liveOf(blocks);
  const isComplete =
    row === undefined ||
    (row.madeOf === undefined
      ? row.blocks <= live.size
      : madeOfBlocks(row)!.blocks.every((block) => live.has(block)));
  if (isComplete) return { live, row };
  return { live: liveOf((await readWindow(runtime, settings, key)).blocks), row };
};

/** Whether some of a row's blocks have expired. A row of the previous format has only their number, so time is checked too. */
const isSealed = (
  settings: CampaignSettings,
  { startMs }: RowKey,
  { live, row }: Window,
  nowMs: number,
): boolean => {
  if (row === undefined) return false;
  const madeOf = madeOfBlocks(row);
  if (madeOf !== undefined) return madeOf.isSealed || madeOf.blocks.some((block) => !live.has(block));
  const mayExpireMs = windowEndOf(settings, startMs) + settings.horizonMs + FORMER_MARGIN_MS;
  return row.blocks > live.size || nowMs >= mayExpireMs;
};

const alarmingIn = (row: Row): Alarming => ({
  conflicts: row.conflicts,
  overdrafts: tallyOf(row, OVERDRAFT).count,
});

/** How a row is made from blocks, and how it is packed for its items. */
export type Folding<Row> = {
  /** `results` keeps what blocks were unpacked to, because a window's blocks are read again with each new one. */
  rowOf(blocks: readonly Uint8Array[], results: Memory): Row;
  /** Counts events that came when the row could no longer be made again from its blocks. May change the row, and returns it. */
  countTooLate(row: Row, news: readonly Uint8Array[]): Row;
  /** The first part holds at most this many bytes. */
  pack(row: Row, maxBytes: number): Uint8Array[];
  unpack(parts: readonly Uint8Array[]): Row;
  /** The newest order's time, 0 without one. */
  newestMs(row: Row): number;
  alarmingIn(row: Row): Alarming;
};

/**
 * A process remembers what was unpacked from this many bytes of blocks. Unpacked, they take some twenty times as much memory.
 */
const REMEMBERED_BYTES = 1_000_000;

const UNPACKED = compartment(() => new Remembered<readonly BlockEvent[]>(REMEMBERED_BYTES));

export const METRICS_FOLDING: Folding<Row> = {
  rowOf: (blocks, results) => {
    const unpacked = results.of(UNPACKED);
    return rowOfEvents(blocks.flatMap((body) => unpacked.of(textOfBytes(body), () => unpackBlock(body))));
  },
  countTooLate: (row, news) => countTooLate(row, news.flatMap(unpackBlock)),
  pack: packRowParts,
  unpack: unpackRowParts,
  newestMs: ({ newestMs }) => newestMs,
  alarmingIn,
};

/** How many conflicts and overdrafts a row has in addition to those of the row before it. */
const alarmingSince = <Row>(folding: Folding<Row>, row: Row, before: StoredRow | undefined): Alarming => {
  const { conflicts, overdrafts } = folding.alarmingIn(row);
  if (before === undefined || conflicts + overdrafts === 0) return { conflicts, overdrafts };
  const known = folding.alarmingIn(folding.unpack(before.parts));
  return { conflicts: conflicts - known.conflicts, overdrafts: overdrafts - known.overdrafts };
};

const bodiesOf = (blocks: Iterable<StoredBlock>): Uint8Array[] => [...blocks].map(({ body }) => body);

const versionOf = ({ blocks, isSealed: hasExpired }: BlockSet): string =>
  fingerprintOf(`${hasExpired ? 'sealed,' : ''}${blocks.join()}`);

/** The row of a base window (a window of the lowest level) as it is stored. */
const madeRow = <Row>(
  folding: Folding<Row>,
  row: Row,
  madeOf: BlockSet,
  blocks: number,
): StoredRow & { madeOf: MadeOf } => ({
  blocks,
  version: versionOf(madeOf),
  madeOf,
  // The ids of the blocks lie in the same item as the first part.
  parts: folding.pack(row, MAX_PART_BYTES - encodeMadeOf(madeOf).length),
});

/** The row that a base window's blocks make, if all of them are there. */
export const rowFromBlocks = <Row>(
  folding: Folding<Row>,
  blocks: readonly StoredBlock[],
  results: Memory,
): StoredRow & { madeOf: MadeOf } => {
  const live = liveOf(blocks);
  const madeOf: BlockSet = { kind: 'blocks', blocks: [...live.keys()].sort(), isSealed: false };
  return madeRow(folding, folding.rowOf(bodiesOf(live.values()), results), madeOf, live.size);
};

/** The version that the previous format gave a row of these blocks. */
const formerVersionOf = (live: ReadonlyMap<string, StoredBlock>): string =>
  fingerprintOf([...live.values().map(({ id }) => id)].sort().join());

/**
 * Makes the row of a base window again from all of its blocks. If some of the row's blocks have expired, the
 * row stays as it is, and the events of new blocks are counted as too late. Throws if other workers write the
 * row first in each of {@link MAX_ATTEMPTS} attempts.
 */
export const foldWindow = async <Row>(
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
  folding: Folding<Row>,
): Promise<FoldedWindow> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const window = await readSettledWindow(runtime, settings, key);
    const { live, row: before } = window;
    const blocks: ReadonlySet<string> = new Set(live.keys());
    const folded = (count: number, newestMs: number, parts: readonly Uint8Array[]): FoldedWindow => ({
      blocks,
      count,
      newestMs,
      units: { blocks: unitsOf(bodiesOf(live.values())), row: unitsOf(parts) },
    });
    const known = new Set(madeOfBlocks(before)?.blocks);
    const news = [...live].filter(([block]) => !known.has(block)).map(([, block]) => block);
    if (before !== undefined && (news.length === 0 || before.version === formerVersionOf(live)))
      return folded(before.blocks, folding.newestMs(folding.unpack(before.parts)), before.parts);
    if (news.length === 0) return folded(0, 0, []);
    const hasExpired = isSealed(settings, key, window, runtime.clock.nowMs());
    const row = hasExpired
      ? folding.countTooLate(folding.unpack(before!.parts), bodiesOf(news))
      : folding.rowOf(bodiesOf(live.values()), runtime.results);
    const madeOf: BlockSet = {
      kind: 'blocks',
      blocks: [...new Set([...known, ...live.keys()])].sort(),
      isSealed: hasExpired,
    };
    const made = madeRow(folding, row, madeOf, hasExpired ? before!.blocks + news.length : live.size);
    if (!(await putRow(runtime, settings, key, { row: made, before }))) continue;
    if (hasExpired)
      runtime.logger.warn('too late to be counted: blocks of the window have expired', {
        campaignId: settings.campaignId,
        window: new Date(key.startMs).toISOString(),
        blocks: news.map(({ id }) => id),
      });
    return {
      ...folded(made.blocks, folding.newestMs(row), made.parts),
      alarming: alarmingSince(folding, row, before),
    };
  }
  throw new Error(refusedText(settings, key));
};

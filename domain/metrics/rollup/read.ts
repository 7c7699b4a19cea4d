import { totalKey } from '#domain/metrics/levels.ts';
import { oldestPendingMs } from '#domain/metrics/pending-items.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { composedRow, readCompositions } from './composition.ts';
import { type Crossing, watchLine } from './locate.ts';
import type { Row } from './row.ts';

/** A campaign's total, and the time up to which it is complete. */
export type Total = {
  row: Row;
  /** How many blocks are in it. */
  blocks: number;
  /** For each brand that has reached the line, where it did so. */
  crossings: ReadonlyMap<string, Crossing>;
  /**
   * In ms: every earlier event that had reached the metrics function is in the row. It is the time of the
   * newest order or refund, or the start of the oldest window with a pending block if that is earlier, as the
   * last rollup found it. A late event does not lower it. Undefined until the rollup that folds in the
   * first order is done.
   */
  watermarkMs: number | undefined;
  /** The start of the oldest window with a pending block, in ms; undefined if no block is pending. */
  pendingFromMs: number | undefined;
};

/** Reads a campaign's total: one call for each shard, and those of {@link readCompositions}. */
export const readTotal = async (runtime: Runtime, settings: CampaignSettings): Promise<Total> => {
  // The pending blocks are read first: a block that is folded in meanwhile is then in the row. In the other
  // order, a block could be missing from both.
  const pendingFromMs = await oldestPendingMs(runtime, settings);
  const { compositions, marks } = await readCompositions(runtime, settings, [totalKey(settings)]);
  const [composition] = compositions;
  const watch = watchLine(brandLineFenOf(settings));
  const row = composedRow(composition, watch);
  // The time up to which a rollup found the rows complete is stored and never decreases. Rows of the previous format have no
  // marks beside them. If there are marks, and none of them says what is complete, the first rollup is still working, and nothing
  // is complete yet.
  const isFormer = marks.completeMs === undefined && marks.tailMs === undefined;
  const completeMs = isFormer
    ? Math.min(row.newestMs, pendingFromMs ?? Number.POSITIVE_INFINITY)
    : marks.completeMs;
  return {
    row,
    blocks: composition?.blocks ?? 0,
    crossings: watch.crossings,
    watermarkMs: row.newestMs === 0 ? undefined : completeMs,
    pendingFromMs,
  };
};

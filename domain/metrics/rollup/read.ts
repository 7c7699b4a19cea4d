import { totalKey } from '#domain/metrics/levels.ts';
import { oldestPendingMs } from '#domain/metrics/pending-items.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { composedRow, readCompositions } from './composition.ts';
import { type Crossing, watchLine } from './locate.ts';
import type { Row } from './row.ts';

/** A campaign's total, and up to when it is complete. */
export type Total = {
  row: Row;
  /** How many blocks are in it. */
  blocks: number;
  /** Where each brand that has reached the line reached it. */
  crossings: ReadonlyMap<string, Crossing>;
  /**
   * Every event of an earlier time that had reached the metrics when somebody looked is in the row, in ms: the newest order's or
   * refund's time, or the start of the oldest window with a block that was not folded in yet, if that was earlier. An event that comes
   * later for an earlier time does not take it back. Undefined before the first order is folded in.
   */
  watermarkMs: number | undefined;
  /** The start of the oldest window with a block that is not folded in yet, in ms; undefined where everything is folded in. */
  pendingFromMs: number | undefined;
};

/** Reads a campaign's total: a call a shard, and those of {@link readCompositions}. */
export const readTotal = async (runtime: Runtime, settings: CampaignSettings): Promise<Total> => {
  // The pending blocks come first: one that is folded in between is in the row, whereas in the other order a block could
  // be missing from both.
  const pendingFromMs = await oldestPendingMs(runtime, settings);
  const { compositions, marks } = await readCompositions(runtime, settings, [totalKey(settings)]);
  const [composition] = compositions;
  const watch = watchLine(brandLineFenOf(settings));
  const row = composedRow(composition, watch);
  const nowCompleteMs = Math.min(row.newestMs, pendingFromMs ?? Number.POSITIVE_INFINITY);
  return {
    row,
    blocks: composition?.blocks ?? 0,
    crossings: watch.crossings,
    watermarkMs: row.newestMs === 0 ? undefined : Math.max(marks.completeMs ?? 0, nowCompleteMs),
    pendingFromMs,
  };
};

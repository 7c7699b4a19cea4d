import { totalKey } from '#domain/metrics/levels.ts';
import { readAllPending, readRows } from '#domain/metrics/metrics-table.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Row } from './row.ts';
import { unpackRowParts } from './row-codec.ts';

/** A campaign's total, and up to when it is complete. */
export type Total = {
  row: Row;
  /**
   * Every event of an earlier time that has reached the metrics is in the row, in ms: the newest order's or refund's time, or
   * the start of the oldest window with a block that is not folded in yet, if that is earlier. Undefined before the first order
   * is folded in.
   */
  watermarkMs: number | undefined;
  /** Everything that has reached the metrics is folded in. */
  isFoldedIn: boolean;
};

/** Reads a campaign's total: two calls, and one more where it is so large that it has several parts. */
export const readTotal = async (runtime: Runtime, settings: CampaignSettings): Promise<Total> => {
  // The pending blocks come first: one that is folded in between is in the row, whereas in the other order a block could
  // be missing from both.
  const pending = await readAllPending(runtime, settings);
  const [stored] = await readRows(runtime, settings, [totalKey(settings)]);
  const row = unpackRowParts(stored?.parts ?? []);
  const watermarkMs =
    row.newestMs === 0 ? undefined : Math.min(row.newestMs, ...pending.map(({ startMs }) => startMs));
  return { row, watermarkMs, isFoldedIn: pending.length === 0 };
};

import { readView } from '#domain/board/read.ts';
import type { BoardView } from '#domain/board/view.ts';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { isPresaleIssued } from '#domain/presale/issued.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import { readerRuntime } from '../aws/reader-runtime.ts';
import { brokenInvariants, buildReport, type Report } from '../replay/report.ts';

/** What the pipeline found, from the events alone. */
export type Findings = {
  report: Report;
  view: BoardView;
  /** The coupon budgets, what is left in all their shards, and in the shard that has the least, in fen. */
  budget: { totalFen: number; remainingFen: number; leastShardFen: number };
  /** A line for each promise of the pipeline that is broken. */
  broken: string[];
};

/** Reads the screen's data without drawing it. */
export const screenReader = (
  pipeline: Pipeline,
): ((campaignId: string, nowMs: number) => Promise<BoardView | undefined>) => {
  const runtime = readerRuntime(pipeline);
  return (campaignId, nowMs) => readView(runtime, campaignId, nowMs);
};

/** Tells whether a sale's presale has issued all that it plans. */
export const presaleReader = (
  pipeline: Pipeline,
  { campaignId, coupons }: { campaignId: string; coupons: Coupons },
): (() => Promise<boolean>) => {
  const runtime = readerRuntime(pipeline);
  return () => isPresaleIssued(runtime, campaignId, coupons);
};

/** Reads everything that a finished run is judged by. */
export const readFindings = async (
  pipeline: Pipeline,
  { campaignId, coupons }: { campaignId: string; coupons: Coupons },
  nowMs: number,
  seconds: number,
): Promise<Findings> => {
  const runtime = readerRuntime(pipeline);
  const report = await buildReport({ pipeline, unreadable: 0, seconds });
  const view = await readView(runtime, campaignId, nowMs);
  if (view === undefined) throw new Error(`campaign ${campaignId}: expected it to be open, got nothing`);
  const remaining = await readBudgets(runtime, campaignId);
  const shards = campaignBudgets(coupons).flatMap(({ key }) => remaining.get(key) ?? []);
  return {
    report,
    view,
    budget: {
      totalFen: coupons.budgets.reduce((sum, { totalFen }) => sum + totalFen, 0),
      remainingFen: shards.reduce((sum, fen) => sum + fen, 0),
      leastShardFen: Math.min(...shards),
    },
    broken: await brokenInvariants(report, pipeline),
  };
};

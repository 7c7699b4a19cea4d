/** The report of a replay: what the pipeline counted, and whether that is consistent. */
import { readOpenCampaigns } from '#domain/campaigns/campaigns-table.ts';
import { ASSIGNED, ELIGIBLE } from '#domain/experiment/assigned.ts';
import { PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { MODEL_CALLS } from '#domain/metrics/model-calls.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { membersOf, type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import type { BrandTally } from '#domain/metrics/rollup/row-columns.ts';
import { formatTime } from '#events/contract.ts';
import type { Consumed, Pipeline } from '../aws/pipeline.ts';
import { readerRuntime } from '../aws/reader-runtime.ts';
import { readYears, type YearReport } from './years.ts';

export type BrandReport = { orders: number; refunds: number; grossFen: number; netFen: number };

export type CampaignReport = {
  orders: number;
  refunds: number;
  grossFen: number;
  netFen: number;
  /** Distinct members who paid, an estimate with a standard error of 0.57 %. */
  members: number;
  /** The time up to which these figures are complete; null if nothing has arrived. */
  watermark: string | null;
  /** Event ids under which different events arrived, of which one was counted. */
  conflicts: number;
  brands: Record<string, BrandReport>;
  /** What was decided, by label: `coupon-issued/engine/OFFER`, `free-order/won`, `free-refused/below-minimum`… */
  decisions: Record<string, DecisionReport>;
  /** Distinct members, an estimate, by the first word of a decision's label: under `free-order`, those who took part. */
  decidedMembers: Record<string, number>;
} & YearReport;

export type DecisionReport = {
  count: number;
  /** Face values of coupons, or awards of free orders. */
  amountFen: number;
};

export type Report = {
  /** The currency of all amounts, if the input names it. Amounts are in its minor units. */
  currency?: string;
  campaigns: Record<string, CampaignReport>;
  /** Distinct order events counted, once in every campaign they belong to. */
  accepted: number;
  /** Distinct refused events by reason. */
  rejected: Record<string, number>;
  /** Rows or lines of the input that could not be read. */
  unreadable: number;
  consumed: Record<string, Consumed>;
  seconds: number;
};

const DEAD_LETTERS = /-dead-letters$/;

const toBrandReport = ({ orders, refunds, grossFen, refundedFen }: BrandTally): BrandReport => ({
  orders,
  refunds,
  grossFen,
  netFen: grossFen - refundedFen,
});

const byName = <Value>(entries: Iterable<[string, Value]>): Record<string, Value> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Reads every campaign's total with the pipeline's own code. */
const readCampaigns = async (pipeline: Pipeline): Promise<[string, CampaignReport][]> => {
  const runtime = readerRuntime(pipeline);
  const reports: [string, CampaignReport][] = [];
  const campaigns = await readOpenCampaigns(runtime);
  for (const settings of campaigns) {
    const total = await readTotal(runtime, settings);
    const { row, watermarkMs } = total;
    const paid = tallyOf(row, PAID);
    const refunded = tallyOf(row, REFUNDED);
    reports.push([
      settings.campaignId,
      {
        orders: paid.count,
        refunds: refunded.count,
        grossFen: paid.fen,
        netFen: paid.fen - refunded.fen,
        members: membersOf(row, PAID),
        watermark: watermarkMs === undefined ? null : formatTime(watermarkMs),
        conflicts: row.conflicts,
        brands: byName([...row.brands].map(([name, brand]) => [name, toBrandReport(brand)])),
        decisions: byName(decisionsOf(row)),
        decidedMembers: byName(decidedMembersOf(row)),
        ...(await readYears(runtime, settings, total, campaigns)),
      },
    ]);
  }
  return reports;
};

const ORDER_HEADS = new Set([PAID, REFUNDED]);
/** First words of labels that count orders, the model's calls or the members of each arm, not decisions. */
const OTHER_HEADS = new Set([...ORDER_HEADS, MODEL_CALLS, ASSIGNED, ELIGIBLE]);
const headOf = (label: string): string => label.split('/', 1)[0]!;

const decisionsOf = (row: Row): [string, DecisionReport][] =>
  [...row.tallies]
    .filter(([label]) => !OTHER_HEADS.has(headOf(label)))
    .map(([label, { count, fen }]) => [label, { count, amountFen: fen }]);

const decidedMembersOf = (row: Row): [string, number][] =>
  [...row.sketches.keys()]
    .filter((head) => !ORDER_HEADS.has(head))
    .map((head) => [head, membersOf(row, head)]);

/** Counts the refusals in the rejects queue by reason. A repeated refusal has the same id and counts once. */
const countRejects = async (pipeline: Pipeline): Promise<Record<string, number>> => {
  const reasons = new Map<string, string>();
  for (const body of await pipeline.messages('rejects')) {
    const { id, reason } = JSON.parse(body) as { id: string; reason: string };
    reasons.set(id, reason);
  }
  const counts = new Map<string, number>();
  for (const reason of reasons.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return byName(counts);
};

export const buildReport = async (run: {
  pipeline: Pipeline;
  unreadable: number;
  seconds: number;
  currency?: string;
}): Promise<Report> => {
  const campaigns = byName(await readCampaigns(run.pipeline));
  return {
    ...(run.currency === undefined ? {} : { currency: run.currency }),
    campaigns,
    accepted: Object.values(campaigns).reduce((sum, { orders, refunds }) => sum + orders + refunds, 0),
    rejected: await countRejects(run.pipeline),
    unreadable: run.unreadable,
    consumed: run.pipeline.consumed(),
    seconds: run.seconds,
  };
};

/** Checks what must hold after everything is counted. Returns a line for each thing that does not hold. */
export const brokenInvariants = async (report: Report, pipeline: Pipeline): Promise<string[]> => {
  const broken: string[] = [];
  for (const [queue, { visible, inFlight, delayed }] of Object.entries(await pipeline.depths())) {
    const messages = visible + inFlight + delayed;
    if (DEAD_LETTERS.test(queue) && messages > 0) {
      broken.push(`queue ${queue}: expected no message, got ${messages}`);
    }
  }
  for (const [id, campaign] of Object.entries(report.campaigns)) {
    for (const field of ['orders', 'refunds', 'grossFen', 'netFen'] as const) {
      const sum = Object.values(campaign.brands).reduce((total, brand) => total + brand[field], 0);
      if (sum !== campaign[field]) {
        broken.push(
          `campaign ${id}: expected its brands' ${field} to add up to ${campaign[field]}, got ${sum}`,
        );
      }
    }
  }
  return broken;
};

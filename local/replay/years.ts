import {
  brandsAtLine,
  doubledBrands,
  type YearFigures,
  yearFiguresOf,
} from '#domain/metrics/rollup/compare.ts';
import type { MilestoneView } from '#domain/metrics/rollup/milestone-view.ts';
import { readMilestones } from '#domain/metrics/rollup/milestones.ts';
import { readPrefixAndTotal } from '#domain/metrics/rollup/prefix.ts';
import { elapsedAt } from '#domain/metrics/rollup/prefix-keys.ts';
import type { Total } from '#domain/metrics/rollup/read.ts';
import type { Row } from '#domain/metrics/rollup/row.ts';
import { brandLineFenOf, type CampaignSettings, formatTime } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';

/** Something that happened once. Its time is the end of the base window in which it happened. */
export type MilestoneReport =
  | { kind: 'brand-line'; brand: string; at: string }
  | { kind: 'passed-last-year'; at: string };

/** A campaign and the one that it is compared with, both from their start to the same elapsed time. */
export type ComparisonReport = {
  compareWith: string;
  /** From the start to the end of the base window with the newest event. */
  elapsedSeconds: number;
  /** The number of brands whose net amount is more than twice last year's. */
  doubled: number;
  doubledBrands: string[];
  lastYear: YearFigures;
};

/** What a campaign's report says about the brand line (an amount that brands should reach), milestones and last year. */
export type YearReport = {
  brandLineFen: number;
  /** Brands whose net amount is at the line or above it now. */
  aboveLine: number;
  milestones: MilestoneReport[];
  /** Undefined if there is nothing to compare with. */
  comparison?: ComparisonReport;
};

const toMilestoneReport = (milestone: MilestoneView): MilestoneReport => {
  const at = formatTime(milestone.atMs);
  switch (milestone.kind) {
    case 'brand-line':
      return { kind: milestone.kind, brand: milestone.brand, at };
    case 'passed-last-year':
      return { kind: milestone.kind, at };
    default:
      return milestone satisfies never;
  }
};

const comparisonOf = (row: Row, prefix: Row, compareWith: string, elapsedMs: number): ComparisonReport => {
  const doubled = doubledBrands(row, prefix);
  return {
    compareWith,
    elapsedSeconds: elapsedMs / 1_000,
    doubled: doubled.length,
    doubledBrands: doubled,
    lastYear: yearFiguresOf(prefix),
  };
};

/**
 * Makes a campaign's year report from its total and from last year's campaign, which it reads up to the same
 * elapsed time.
 */
export const readYears = async (
  runtime: Runtime,
  settings: CampaignSettings,
  total: Total,
  campaigns: readonly CampaignSettings[],
): Promise<YearReport> => {
  const { row } = total;
  const lineFen = brandLineFenOf(settings);
  const lastYear = campaigns.find(({ campaignId }) => campaignId === settings.compareWith);
  const elapsedMs = row.newestMs === 0 ? 0 : elapsedAt(settings, row.newestMs);
  const read = lastYear && (await readPrefixAndTotal(runtime, lastYear, elapsedMs));
  return {
    brandLineFen: lineFen,
    aboveLine: brandsAtLine(row, lineFen).length,
    milestones: (await readMilestones(runtime, settings, total, read?.total)).map(toMilestoneReport),
    ...(lastYear && read
      ? { comparison: comparisonOf(row, read.prefix, lastYear.campaignId, elapsedMs) }
      : {}),
  };
};

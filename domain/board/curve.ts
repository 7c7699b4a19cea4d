/** Makes the curves of this year's and last year's orders and net amounts from the points of their totals. */
import { levelsOf } from '#domain/metrics/levels.ts';
import type { SeriesPoint } from '#domain/metrics/rollup/row-columns.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Curve, CurvePoint } from './view.ts';

/** The points that a campaign's total is made of, and the settings that define their grid. */
export type Series = { settings: CampaignSettings; points: readonly SeriesPoint[] };

/** Length of the windows that a campaign's total is made of, in ms. */
export const seriesWindowMs = (settings: CampaignSettings): number => levelsOf(settings).at(-2)!.lengthMs;

/**
 * The points of a series by time from the campaign's start, up to `untilMs` (exclusive, from the start). Windows without
 * orders are included: a line that skipped them would show sales where there were none. Where a campaign starts within a
 * window, its first point covers less time. `windowMs` is a multiple of the series' own window.
 */
const pointsOf = ({ settings, points }: Series, windowMs: number, untilMs: number): CurvePoint[] => {
  const { startsAtMs, endsAtMs } = settings;
  const firstMs = Math.floor(startsAtMs / windowMs) * windowMs;
  const endMs = Math.min(startsAtMs + untilMs, endsAtMs);
  const curve: CurvePoint[] = [];
  for (let windowStartMs = firstMs; windowStartMs < endMs; windowStartMs += windowMs) {
    curve.push({ elapsedMs: Math.max(0, windowStartMs - startsAtMs), orders: 0, netFen: 0 });
  }
  for (const { startMs, orders, netFen } of points) {
    const point = curve[Math.floor((startMs - firstMs) / windowMs)];
    if (point === undefined) continue;
    point.orders += orders;
    point.netFen += netFen;
  }
  return curve;
};

/**
 * This year's curve up to `elapsedMs`, and the whole of last year's. Last year's points are summed into this year's windows.
 * Where this year's windows are not a multiple of last year's, as when last year's campaign was much longer, last year's curve is
 * empty.
 */
export const curveOf = (series: Series, elapsedMs: number, lastYear: Series | undefined): Curve => {
  const windowMs = seriesWindowMs(series.settings);
  const isComparable = lastYear !== undefined && windowMs % seriesWindowMs(lastYear.settings) === 0;
  return {
    windowMs,
    points: pointsOf(series, windowMs, elapsedMs),
    lastYear: isComparable ? pointsOf(lastYear, windowMs, Number.POSITIVE_INFINITY) : [],
  };
};

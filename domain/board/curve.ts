import { levelsOf } from '#domain/metrics/levels.ts';
import type { SeriesPoint } from '#domain/metrics/rollup/row-columns.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Curve, CurvePoint } from './view.ts';

/** A campaign's series: what its total is made of, and the grid that it is on. */
export type Series = { settings: CampaignSettings; points: readonly SeriesPoint[] };

/** How long the windows are that a campaign's total is made of, in ms. */
export const seriesWindowMs = (settings: CampaignSettings): number => levelsOf(settings).at(-2)!.lengthMs;

/**
 * The points of a series by time from the campaign's start, from the first window to the one at `untilMs` (exclusive, from the
 * start), windows without orders included: a line that skipped them would show sales where there were none. A campaign that
 * starts within a window has less of that one, which begins with the campaign. `windowMs` is a multiple of the series' own.
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
 * This year's curve up to `elapsedMs`, and the whole of last year's. Last year's points are added up to this year's windows;
 * where its own are no part of them, as those of a much longer campaign, there is nothing to draw beside this year's.
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

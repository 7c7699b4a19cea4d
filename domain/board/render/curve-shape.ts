/** Computes the lines and marks of the curve of net amounts; `curve.ts` draws them. */
import type { Curve, CurvePoint } from '#domain/board/view.ts';

/** The drawing's own units, stretched to whatever room the curve has. */
export const CURVE_WIDTH = 1_000;
export const CURVE_HEIGHT = 400;

/** At most this many points per line: more could not be distinguished on a screen, and would make the answer large. */
const MAX_POINTS = 500;

/** At most this many marks on the scale of amounts; the one at the bottom is not counted. */
const MAX_AMOUNT_MARKS = 4;

/** The shortest scale, in fen (CNY 40): from this length on, all marks of a scale are at whole yuan. */
const LEAST_SCALE_FEN = 4_000;

type Bucket = { elapsedMs: number; netFen: number };

/** A place on the drawing: 0 to 1 from the left, and 0 to 1 from the top. */
type Spot = { x: number; y: number };

export type CurveShape = {
  /** The length of a window as drawn: that of the curve's own windows, or of several of them together. */
  windowMs: number;
  /** SVG paths; undefined if there is nothing to draw. */
  area: string | undefined;
  line: string | undefined;
  /** The windows that are not complete yet. */
  partial: string | undefined;
  lastYear: string | undefined;
  lastYearArea: string | undefined;
  /** Last year's largest window. */
  lastYearPeak: Bucket | undefined;
  /** The largest complete window. */
  peak: (Spot & Bucket) | undefined;
  /** Where the complete part ends, 0 to 1 from the left; undefined before there is one. */
  watermark: number | undefined;
  amounts: { netFen: number; y: number }[];
  /** The position of the zero line, 0 to 1 from the top. It is at the bottom unless a window refunded more than it sold. */
  zero: number;
};

/** Windows of a series from the one that holds the campaign's start to `untilMs`, those without orders as zero. */
const bucketsOf = (points: readonly CurvePoint[], windowMs: number, untilMs: number): Bucket[] => {
  const first = points[0];
  if (first === undefined) return [];
  const phase = ((first.elapsedMs % windowMs) + windowMs) % windowMs;
  const fromMs = phase === 0 ? 0 : phase - windowMs;
  const count = Math.max(0, Math.ceil((untilMs - fromMs) / windowMs));
  const merged = Math.max(1, Math.ceil(count / MAX_POINTS));
  const buckets: Bucket[] = Array.from({ length: Math.ceil(count / merged) }, (_, i) => ({
    elapsedMs: fromMs + i * merged * windowMs,
    netFen: 0,
  }));
  for (const { elapsedMs, netFen } of points) {
    const bucket = buckets[Math.floor((elapsedMs - fromMs) / (merged * windowMs))];
    if (bucket !== undefined) bucket.netFen += netFen;
  }
  return buckets;
};

/**
 * Round amounts that divide a scale up to `largest` fen: 1, 2, 2.5 or 5 times a power of ten apart, in whole
 * yuan.
 */
export const amountMarks = (largest: number, atMost = MAX_AMOUNT_MARKS): number[] => {
  const top = Math.max(largest, LEAST_SCALE_FEN);
  const least = top / atMost;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= least * (1 - 1e-9))!;
  return Array.from({ length: Math.ceil(top / step - 1e-9) }, (_, i) => Math.round((i + 1) * step));
};

/** When the last point's window ends, in ms from the campaign's start. */
const endOf = (points: readonly CurvePoint[], windowMs: number): number =>
  (points.at(-1)?.elapsedMs ?? -windowMs) + windowMs;

const largestOf = (buckets: readonly Bucket[]): Bucket | undefined =>
  buckets.reduce<Bucket | undefined>(
    (best, bucket) => (best === undefined || bucket.netFen > best.netFen ? bucket : best),
    undefined,
  );

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

/**
 * Where this year's and last year's curves, the marks and the watermark go. `totalMs` is the campaign's length, and
 * `completeMs` the part of it for which all figures are complete. Complete windows belong to the curve. Later ones are drawn
 * separately, because the curve would seem to fall there.
 */
export const shapeOf = (curve: Curve, totalMs: number, completeMs: number | undefined): CurveShape => {
  const count = totalMs / curve.windowMs;
  const windowMs = curve.windowMs * Math.max(1, Math.ceil(count / MAX_POINTS));
  const reachedMs = Math.max(completeMs ?? 0, (curve.points.at(-1)?.elapsedMs ?? -curve.windowMs) + 1);
  const mine = bucketsOf(curve.points, windowMs, Math.min(totalMs, reachedMs));
  const theirs = bucketsOf(
    curve.lastYear,
    windowMs,
    Math.min(totalMs, endOf(curve.lastYear, curve.windowMs)),
  );
  const isComplete = ({ elapsedMs }: Bucket): boolean =>
    completeMs !== undefined && Math.min(elapsedMs + windowMs, totalMs) <= completeMs;
  const done = mine.filter(isComplete);
  const open = mine.slice(done.length);

  const amounts = [...mine, ...theirs].map(({ netFen }) => netFen);
  const marks = amountMarks(Math.max(0, ...amounts));
  const high = marks.at(-1)!;
  const low = Math.min(0, ...amounts);
  const yOf = (netFen: number): number => 1 - (netFen - low) / (high - low);
  const xOf = (elapsedMs: number): number => Math.min(1, Math.max(0, elapsedMs / totalMs));
  const middleOf = ({ elapsedMs }: Bucket): number => xOf(elapsedMs + windowMs / 2);
  const at = (x: number, netFen: number): string =>
    `${rounded(x * CURVE_WIDTH)} ${rounded(yOf(netFen) * CURVE_HEIGHT)}`;

  /** A line through the middles of the windows, from the beginning of the first to the end of the last. */
  const through = (buckets: readonly Bucket[]): string | undefined => {
    const first = buckets[0];
    const last = buckets.at(-1);
    if (first === undefined || last === undefined) return undefined;
    return `M${[
      at(xOf(first.elapsedMs), first.netFen),
      ...buckets.map((bucket) => at(middleOf(bucket), bucket.netFen)),
      at(xOf(last.elapsedMs + windowMs), last.netFen),
    ].join('L')}`;
  };

  /** Closes a line into an area: both ends of the line are joined to zero. */
  const closed = (path: string | undefined, buckets: readonly Bucket[]): string | undefined =>
    path === undefined
      ? undefined
      : `${path}L${at(xOf(buckets.at(-1)!.elapsedMs + windowMs), 0)}L${at(xOf(buckets[0]!.elapsedMs), 0)}Z`;

  const line = through(done);
  const lastYear = through(theirs);
  const partial = open
    .filter(({ netFen }) => netFen !== 0)
    .map((bucket) => {
      const [left, right] = [xOf(bucket.elapsedMs), xOf(bucket.elapsedMs + windowMs)];
      return `M${at(left, 0)}L${at(left, bucket.netFen)}L${at(right, bucket.netFen)}L${at(right, 0)}Z`;
    })
    .join('');
  const peak = largestOf(done);
  return {
    windowMs,
    area: closed(line, done),
    line,
    partial: partial === '' ? undefined : partial,
    lastYear,
    lastYearArea: closed(lastYear, theirs),
    lastYearPeak: largestOf(theirs),
    peak:
      peak === undefined || peak.netFen <= 0
        ? undefined
        : { ...peak, x: middleOf(peak), y: yOf(peak.netFen) },
    watermark: completeMs === undefined || completeMs <= 0 ? undefined : xOf(completeMs),
    amounts: marks.map((netFen) => ({ netFen, y: yOf(netFen) })),
    zero: yOf(0),
  };
};

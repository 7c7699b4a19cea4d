/** The planned curve: which share of a sale's demand is expected by which time. */

/**
 * The sale is cut into equal parts, one for each number. Each number is the share of the demand, up to 1,
 * that has come by the end of its part.
 */
export type Curve = readonly number[];

/**
 * The time in which a campaign's budgets are to be spent, and the curve that its demand is expected to
 * follow. Without a curve, even demand is expected.
 */
export type Sale = { startsAtMs: number; endsAtMs: number; curve?: Curve };

/** The number of orders in a stretch of an earlier sale, and when the stretch began, in ms since the epoch. */
export type CurvePoint = { startMs: number; orders: number };

/** The number of parts of a curve: for a sale of one day, quarters of an hour. */
const PARTS = 96;
/** This share of the demand is assumed to come evenly, so that no part of the sale is planned without demand. */
const EVEN_SHARE = 0.05;
/** With fewer orders than this, an earlier sale says little about when orders come. */
const MIN_ORDERS = 1_000;

/** The share of a sale's demand that is expected by a time, 0 to 1. */
export const shareAt = ({ startsAtMs, endsAtMs, curve }: Sale, atMs: number): number => {
  const part = Math.min(1, Math.max(0, (atMs - startsAtMs) / (endsAtMs - startsAtMs)));
  if (curve === undefined) return part;
  const place = part * curve.length;
  const index = Math.min(curve.length - 1, Math.floor(place));
  const from = index === 0 ? 0 : curve[index - 1]!;
  return from + (curve[index]! - from) * (place - index);
};

/**
 * The part of a budget that is planned to be spent by now: the presale's part at the opening, the rest in proportion to
 * expected demand.
 */
export const plannedFen = (
  { totalFen, presaleFen }: { totalFen: number; presaleFen: number },
  expectedShare: number,
): number => Math.round(presaleFen + (totalFen - presaleFen) * expectedShare);

/**
 * The curve of an earlier sale. Its parts are shares of the sale's length, so it fits a sale of any length. `points` are the
 * orders of the earlier sale's stretches; stretches without orders may be left out. Undefined if there were too few orders.
 *
 * @param stretchMs the length of a stretch.
 */
export const curveOf = (
  points: readonly CurvePoint[],
  stretchMs: number,
  { startsAtMs, endsAtMs }: Sale,
): Curve | undefined => {
  const all = points.reduce((sum, { orders }) => sum + orders, 0);
  if (all < MIN_ORDERS) return undefined;
  return Array.from({ length: PARTS }, (_, i) => {
    const part = (i + 1) / PARTS;
    const untilMs = startsAtMs + part * (endsAtMs - startsAtMs);
    let orders = 0;
    for (const point of points) {
      // The first and the last stretch may reach beyond the sale, but all of their orders were made within it.
      const fromMs = Math.max(startsAtMs, point.startMs);
      const toMs = Math.min(endsAtMs, point.startMs + stretchMs);
      orders += point.orders * Math.min(1, Math.max(0, (untilMs - fromMs) / (toMs - fromMs)));
    }
    return EVEN_SHARE * part + (1 - EVEN_SHARE) * (orders / all);
  });
};

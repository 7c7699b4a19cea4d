/** The demand that is still to come, and the price at which what is left of a budget buys it. */
import { type Demand, demandFen, demandOf, histogramOf } from '#domain/allocation/demand.ts';
import { Histogram, PACE_BITS } from '#domain/allocation/histogram.ts';
import { priceBand, priceIn } from '#domain/allocation/price.ts';

/** The demand on a budget that was observed so far. Shares are shares of the sale's expected demand, see `curve.ts`. */
export type Watch = {
  /** All demand so far. */
  total: Demand;
  /**
   * The same, but demand loses half its weight with every {@link HALF_LIFE_SHARE} of the sale that has passed since it came.
   * `recentShare` is the share of the sale's demand that this stands for.
   */
  recent: Demand;
  recentShare: number;
  /** Recent demand in fen, with a half-life that shortens towards the end, and the share of the sale's demand that it covers. */
  paceFen: number;
  paceShare: number;
};

/** In the mix of demand, what came before loses half its weight over this share of the sale. */
const HALF_LIFE_SHARE = 0.07;
/**
 * In the amount of demand, what came before loses half its weight over this part of the rest of the sale, but at least over
 * `LEAST_HALF_LIFE_SHARE` of the whole sale and at most over {@link HALF_LIFE_SHARE} of it.
 */
const PACE_HALF_LIFE_PART = 0.5;
const LEAST_HALF_LIFE_SHARE = 0.01;
/**
 * How much is still to come is estimated from all that came. Over this last share of the sale, the estimate moves gradually to
 * what came recently.
 */
const LAST_SHARE = 0.1;
/** Only this part of the estimate is used, so that the budget is spent by the end even if demand falls unexpectedly. */
export const SURE_PART = 0.95;

export const NOTHING_WATCHED: Watch = { total: [], recent: [], recentShare: 0, paceFen: 0, paceShare: 0 };

/** Adds the demand observed while the sale went from one share to another; `total` is all of it so far. */
export const watched = (watch: Watch, total: Demand, fromShare: number, toShare: number): Watch => {
  const passed = toShare - fromShare;
  if (passed <= 0) return watch;
  const kept = 2 ** (-passed / HALF_LIFE_SHARE);
  const paceHalfLife = Math.max(
    LEAST_HALF_LIFE_SHARE,
    Math.min(HALF_LIFE_SHARE, PACE_HALF_LIFE_PART * (1 - toShare)),
  );
  const paceKept = 2 ** (-passed / paceHalfLife);
  const known = new Map(watch.total);
  const recent = histogramOf(watch.recent, kept);
  let addedFen = 0;
  for (const [bucket, fen] of total) {
    const added = fen - (known.get(bucket) ?? 0);
    if (added <= 0) continue;
    recent.addBucket(bucket, added);
    addedFen += added;
  }
  return {
    total,
    recent: demandOf(recent),
    recentShare: watch.recentShare * kept + passed,
    paceFen: watch.paceFen * paceKept + addedFen,
    paceShare: watch.paceShare * paceKept + passed,
  };
};

export type Forecast = {
  /** The price at which what is left of the budget buys what is still to come, in value per fen. */
  price: number;
  /** Fen that would be spent at that price if the whole sale were like now. */
  spendFen: number;
};

/** A sale and one of its budgets at a time. */
export type ForecastInput = {
  /** The share of the sale's demand that is expected by now, and the share up to which demand was observed. */
  share: number;
  observedShare: number;
  remainingFen: number;
  /** The mix of all demand that is expected, in any unit; undefined if it is not known. */
  audience: Demand | undefined;
  /** How values change with the time that is left; undefined if they do not. */
  timeLeft?: TimeLeft;
};

/**
 * What an offer is worth now, and in the coming stretches of the sale (`slots`), as a share of its worth with all of its time
 * left. Demand is stated as if all of the time were left. `weight` is the stretch's part of the demand to come.
 */
export type TimeLeft = { now: number; slots: readonly { weight: number; share: number }[] };

/** Adds `weight` times the demand, with its efficiencies multiplied by a factor. */
const addScaled = (into: Histogram, demand: Demand, factor: number, weight: number): void => {
  for (const [bucket, fen] of demand) {
    const low = into.lowOf(bucket) * factor;
    const high = into.lowOf(bucket + 1) * factor;
    const first = into.bucketOf(low);
    const border = Math.min(high, into.lowOf(first + 1));
    const part = (border - low) / (high - low);
    into.addBucket(first, fen * weight * part);
    if (part < 1) into.addBucket(first + 1, fen * weight * (1 - part));
  }
};

/** The demand that was observed, as another model would have valued it: `ratio` times as high. */
export const rescaledWatch = (watch: Watch, ratio: number): Watch => {
  const recent = new Histogram(PACE_BITS);
  addScaled(recent, watch.recent, ratio, 1);
  return { ...watch, recent: demandOf(recent) };
};

/** The demand that is still to come: `leftFen` of it, in the mix of `demand`. */
const comingDemand = (demand: Demand, leftFen: number, timeLeft: TimeLeft | undefined): Histogram => {
  const coming = new Histogram(PACE_BITS);
  const scale = leftFen / demandFen(demand);
  if (timeLeft === undefined) coming.merge(histogramOf(demand, scale));
  else for (const { weight, share } of timeLeft.slots) addScaled(coming, demand, share, weight * scale);
  return coming;
};

/**
 * The fluid re-solve: what is left of the budget is spent on what is left of the demand, at one price (X. Li and Y. Ye,
 * Operations Research 70, 2022, algorithm 3). How much demand is left follows from what came so far and from
 * the planned curve; its mix follows from the audience. If values fall with the time left, the demand is put
 * together from the coming stretches of the sale.
 * Without an audience, the members still to come are assumed to be like those who came. Spending is then even: if the mix
 * drifts, uneven spending would be worth more, but those who came do not show in which direction.
 */
export const forecastOf = (
  watch: Watch,
  { share, observedShare, remainingFen, audience, timeLeft }: ForecastInput,
): Forecast | undefined => {
  const totalFen = demandFen(watch.total);
  const recentFen = demandFen(watch.recent);
  if (totalFen === 0 || recentFen === 0 || watch.paceShare === 0 || observedShare <= 0) return undefined;
  const left = 1 - share;
  const late = Math.max(0, 1 - left / LAST_SHARE);
  const paceFen = watch.paceFen / watch.paceShare;
  const leftFen = SURE_PART * left * ((1 - late) * (totalFen / observedShare) + late * paceFen);
  const mix = audience !== undefined && audience.length > 0 ? audience : watch.recent;
  const coming = comingDemand(mix, leftFen, timeLeft);
  if (coming.edges === 0) return undefined;
  const price = Math.max(priceIn(priceBand(coming, remainingFen)), coming.lowOf(coming.lowest));
  const wholePrice = price / (timeLeft?.now ?? 1);
  return { price, spendFen: (paceFen * histogramOf(watch.recent).costAbove(wholePrice)) / recentFen };
};

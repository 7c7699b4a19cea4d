import { type Demand, demandFen, demandOf, histogramOf } from '#domain/allocation/demand.ts';
import { Histogram, PACE_BITS } from '#domain/allocation/histogram.ts';
import { priceBand, priceIn } from '#domain/allocation/price.ts';

/** What has been told of the demand on a budget. Shares are of the demand of the sale that is expected, see `curve.ts`. */
export type Watch = {
  /** All of it. */
  total: Demand;
  /** The same, each part halved for every {@link HALF_LIFE_SHARE} that came after it, and the share that this stands for. */
  recent: Demand;
  recentShare: number;
  /** The fen of it, forgotten the faster the nearer the end, and the share that this stands for. */
  paceFen: number;
  paceShare: number;
};

/** The mix of those who come is forgotten by half in this share of the sale. */
const HALF_LIFE_SHARE = 0.07;
/** How much comes is forgotten by half in this part of what is left of the sale, and in this share at the least. */
const PACE_HALF_LIFE_PART = 0.5;
const LEAST_HALF_LIFE_SHARE = 0.01;
/** How much is still to come is told from all that came, but in this last share of the sale from what came of late. */
const LAST_SHARE = 0.1;
/** And this part of it is counted on: where demand ebbs away unforeseen, the budget is spent before the end all the same. */
export const SURE_PART = 0.95;

export const NOTHING_WATCHED: Watch = { total: [], recent: [], recentShare: 0, paceFen: 0, paceShare: 0 };

/** Takes in what was told while the sale went on from one share to another. */
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
  /** The price at which what is left of the budget buys what is still to come. */
  price: number;
  /** Fen that those who come now spend at that price, if the whole sale were like now. */
  spendFen: number;
};

/**
 * The fluid re-solve: what is left of the budget is spent on what is left of the demand, at one price (X. Li and Y. Ye,
 * Operations Research 70, 2022, algorithm 3). How much is left is told from what came so far and from the planned curve; of
 * which mix it is, from the audience. Without an audience, those who came are taken to be like those who will, and spending
 * is even then: where the mix drifts, spending unevenly would be worth more, but which way cannot be told from those who came.
 *
 * @param share of the sale that has passed, and `toldShare` of that of which all is told.
 * @param audience the mix of those who are expected all in all, in any unit.
 */
export const forecastOf = (
  watch: Watch,
  share: number,
  toldShare: number,
  remainingFen: number,
  audience: Demand | undefined,
): Forecast | undefined => {
  const totalFen = demandFen(watch.total);
  const recentFen = demandFen(watch.recent);
  if (totalFen === 0 || recentFen === 0 || watch.paceShare === 0 || toldShare <= 0) return undefined;
  const left = 1 - share;
  const late = Math.max(0, 1 - left / LAST_SHARE);
  const paceFen = watch.paceFen / watch.paceShare;
  const leftFen = SURE_PART * left * ((1 - late) * (totalFen / toldShare) + late * paceFen);
  const coming = new Histogram(PACE_BITS);
  if (audience !== undefined && audience.length > 0) {
    coming.merge(histogramOf(audience, leftFen / demandFen(audience)));
  } else {
    coming.merge(histogramOf(watch.recent, leftFen / recentFen));
  }
  const price = Math.max(priceIn(priceBand(coming, remainingFen)), coming.lowOf(coming.lowest));
  return { price, spendFen: (paceFen * histogramOf(watch.recent).costAbove(price)) / recentFen };
};

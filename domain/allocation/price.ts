import type { Histogram } from './histogram.ts';
import { placeOf, TieCells } from './tie-cells.ts';

/**
 * What one pass over an audience says about its budget. The price of a fen is between `low` and `high`, the ends of one bucket
 * of the histogram: everything more efficient than `high` is bought, nothing less efficient than `low`, and of what lies
 * between, `share` of the cost fits into the budget.
 */
export interface PriceBand {
  /** Value per fen; both are 0 when the budget buys everything. */
  readonly low: number;
  readonly high: number;
  /** 0 to 1. */
  readonly share: number;
  /**
   * 0 to 1. The members whose place (`placeOf`) is smaller are served: together they cost the money that is
   * left for the bucket. Plans of the previous version have none.
   */
  readonly place?: number;
  /** Fen that everything above `high` costs. */
  readonly surelyFen: number;
  /** No plan within the budget is worth more (the value of the linear relaxation, within the width of the bucket). */
  readonly bound: number;
}

/** The one price inside a band, for a figure or for a decision that wants a single number. */
export const priceIn = (band: PriceBand): number => band.high - (band.high - band.low) * band.share;

/**
 * Reads the price of a budget off a histogram: the dual of the budget constraint, found by buying buckets from the most
 * efficient down (E. Zemel, Operations Research 28, 1980; M. Dyer, Mathematical Programming 29, 1984 show why the
 * linear relaxation needs no more than the edges in that order).
 */
export const priceBand = (histogram: Histogram, budgetFen: number, ties = new TieCells()): PriceBand => {
  let spentFen = 0;
  let value = histogram.freeValue;
  for (let bucket = histogram.highest; bucket >= histogram.lowest; bucket--) {
    const costFen = histogram.costFenOf(bucket);
    if (costFen === 0) continue;
    if (spentFen + costFen > budgetFen) {
      const leftFen = budgetFen - spentFen;
      const high = histogram.lowOf(bucket + 1);
      const low = bucket === 0 ? 0 : histogram.lowOf(bucket);
      // Each fen of the bucket's cost that is not spent would bring at least `low`; each that is spent brings at most `high`.
      const worth = histogram.valueOf(bucket);
      const partBound = Math.min(worth - (costFen - leftFen) * low, leftFen * high);
      const share = leftFen / costFen;
      return {
        low,
        high,
        share,
        place: ties.placeBefore(bucket, leftFen, costFen),
        surelyFen: spentFen,
        bound: value + partBound,
      };
    }
    spentFen += costFen;
    value += histogram.valueOf(bucket);
  }
  return { low: 0, high: 0, share: 1, place: 1, surelyFen: spentFen, bound: value };
};

/** The share of the members within a band who are served, 0 to 1. */
export const servedShare = ({ place, share }: PriceBand): number => place ?? share;

/**
 * The price a member faces inside a band: the low one for those who are served, the high one for the others, by a hash of the
 * member. This fills the last bucket fractionally without any state that members share.
 */
export const priceFor = (band: PriceBand, hash: number): number =>
  placeOf(hash) < servedShare(band) ? band.low : band.high;

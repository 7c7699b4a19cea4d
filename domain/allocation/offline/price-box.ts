import { type Constraints, pricesOf } from '../budget.ts';
import type { PriceRange } from './survey.ts';

/** A range of dual prices, one for each constraint, and the point in it to begin with. */
export interface PriceBox {
  readonly low: Float64Array;
  readonly at: Float64Array;
  readonly high: Float64Array;
}

/** A price of 0 may rise to this share of the mean price, times the width. */
const ZERO_PRICE_SHARE = 0.05;

/** The range of the pools' prices that a box stands for. */
export const rangeOf = (constraints: Constraints, box: PriceBox): PriceRange => {
  const pools = constraints.own.length;
  return {
    low: pricesOf(constraints, box.low, new Float64Array(pools)),
    at: pricesOf(constraints, box.at, new Float64Array(pools)),
    high: pricesOf(constraints, box.high, new Float64Array(pools)),
  };
};

/** A box of one price. */
export const boxOfOne = (low: number, high: number): PriceBox => ({
  low: Float64Array.of(low),
  at: Float64Array.of((low + high) / 2),
  high: Float64Array.of(high),
});

/** A box around prices, from `1 - width` to `1 + width` times each. */
export const boxAround = (constraints: Constraints, dual: Float64Array, width: number): PriceBox => {
  const prices = pricesOf(constraints, dual, new Float64Array(constraints.own.length));
  const floor = (prices.reduce((sum, price) => sum + price, 0) / prices.length) * ZERO_PRICE_SHARE;
  const reach = dual.map((price) => width * Math.max(price, floor) + Number.MIN_VALUE);
  return {
    low: dual.map((price, k) => Math.max(0, price - reach[k]!)),
    at: dual,
    high: dual.map((price, k) => price + reach[k]!),
  };
};

/** Whether the optimum of a box is not at one of its walls. Beyond a wall there may be a better one. */
export const isInside = (box: PriceBox, dual: Float64Array): boolean =>
  dual.every((price, k) => price < box.high[k]! && (price > box.low[k]! || box.low[k] === 0));

import type { Offer } from '#events/sections/coupons.ts';
import { DAY_MS } from '#platform/duration.ts';
import { chanceOf, logistic, logNormal, normal, type Random } from './chance.ts';

/**
 * Worlds whose members behave differently, so that no engine is tuned to a single invented world. Worlds differ in the traits
 * that show who reacts to coupons, in the effect of discounts, in the pattern of the days, and in the share of unknown members.
 * Each seed is a world.
 */
export type World = {
  /** The share of members without any history. */
  newcomerShare: number;
  /** Orders a day of a usual member, and by how much habits differ. */
  perDay: number;
  habitSigma: number;
  /** In log-odds: the usual share of near orders, and by how much members differ in it. */
  nearLogOdds: number;
  nearSigma: number;
  /** Medians of what members pay, in fen, and the spread: the standard deviation of the logarithm. */
  farBasketFen: number;
  nearBasketFen: number;
  basketSigma: number;
  /** The log-odds that an average coupon makes an average member order, and what traits and the discount add to them. */
  pull: number;
  pullPerHabit: number;
  pullPerNear: number;
  pullPerBasket: number;
  pullOfNewcomers: number;
  pullPerDiscount: number;
  /** The part of the pull that no trait shows, as a standard deviation in log-odds. */
  pullSigma: number;
  /** How much more is ordered in the evening, and the factor of each day of the week. */
  eveningShare: number;
  dayFactors: readonly number[];
};

/** A member. Only the simulator knows these traits; an engine sees only the orders that follow from them. */
export type Customer = {
  isNew: boolean;
  habit: number;
  perDay: number;
  nearShare: number;
  farBasketFen: number;
  nearBasketFen: number;
  /** The log-odds that a coupon of the usual discount makes this member order. */
  pull: number;
};

const USUAL_DISCOUNT = 0.1;

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();

export const worldOf = (seed: number): World => {
  const random = chanceOf(seed, 'worlds');
  return {
    newcomerShare: between(random, 0, 0.8),
    perDay: between(random, 0.15, 0.5),
    habitSigma: between(random, 0.3, 0.9),
    nearLogOdds: between(random, -1.5, 1.5),
    nearSigma: between(random, 0.8, 2),
    farBasketFen: between(random, 12_000, 40_000),
    nearBasketFen: between(random, 4_000, 12_000),
    basketSigma: between(random, 0.3, 0.7),
    pull: between(random, -3.5, -1.5),
    pullPerHabit: between(random, -1, 1),
    pullPerNear: between(random, -2, 2),
    pullPerBasket: between(random, -1.2, 1.2),
    pullOfNewcomers: between(random, -1.5, 1.5),
    pullPerDiscount: between(random, 0.3, 2),
    pullSigma: between(random, 0.3, 1),
    eveningShare: between(random, 0, 0.6),
    dayFactors: Array.from({ length: 7 }, () => between(random, 0.7, 1.25)),
  };
};

export const customersOf = (seed: number, world: World, count: number): Customer[] => {
  const random = chanceOf(seed, 'tastes');
  return Array.from({ length: count }, () => {
    const habit = normal(random);
    const nearShare = logistic(world.nearLogOdds + world.nearSigma * normal(random));
    const basket = normal(random);
    const isNew = random() < world.newcomerShare;
    return {
      isNew,
      habit,
      perDay: world.perDay * Math.exp(world.habitSigma * habit),
      nearShare,
      farBasketFen: world.farBasketFen * Math.exp(world.basketSigma * basket),
      nearBasketFen: logNormal(random, world.nearBasketFen, world.basketSigma),
      pull:
        world.pull +
        world.pullPerHabit * habit +
        world.pullPerNear * (nearShare - 0.5) +
        world.pullPerBasket * basket +
        (isNew ? world.pullOfNewcomers : 0) +
        world.pullSigma * normal(random),
    };
  });
};

/** How much is ordered at a time, as a multiple of the usual rate; below 2. */
export const rateAt = ({ eveningShare, dayFactors }: World, timeMs: number): number => {
  const part = (timeMs % DAY_MS) / DAY_MS;
  const day = Math.floor(timeMs / DAY_MS) % dayFactors.length;
  return dayFactors[day]! * (1 - eveningShare * Math.cos(2 * Math.PI * (part - 0.3)));
};

/**
 * The probability that a coupon brings about an order, if all of its time is left and the member would not
 * have used it on another order.
 */
export const pullIn = (world: World, customer: Customer, offer: Offer): number => {
  const { nearShare, farBasketFen, nearBasketFen, pull } = customer;
  const appeal = offer.scope === 'near' ? nearShare : offer.scope === 'far' ? 1 - nearShare : 1;
  const basketFen = nearShare * nearBasketFen + (1 - nearShare) * farBasketFen;
  const reach = 1 / (1 + (offer.thresholdFen / basketFen) ** 2);
  const discount = Math.log(offer.discountFen / offer.thresholdFen / USUAL_DISCOUNT);
  return appeal * reach * logistic(pull + world.pullPerDiscount * discount);
};

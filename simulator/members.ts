/** The members of a simulated sale, and what they are like. */
import type { Size } from './announced.ts';
import { chanceOf, exponential, logistic, logNormal, normal, type Random } from './chance.ts';

/** What a member is like. Only the simulator knows this; the pipeline sees only the resulting orders. */
export type Taste = {
  member: string;
  isTopTier: boolean;
  /** How often the member buys compared with others: a standard normal number, about which past orders say something. */
  habit: number;
  /**
   * The probability of an order in the hour of the sale without a coupon, and of another order after each order.
   */
  orderProbability: number;
  repeatProbability: number;
  /** The share of near orders. */
  nearShare: number;
  /** The medians of what the member pays for an order, in fen. */
  farBasketFen: number;
  nearBasketFen: number;
  /** How strongly coupons affect the member; 1 at the median. */
  sensitivity: number;
};

/**
 * The log-odds of ordering in the hour of the sale: those of a usual member, what one unit of habit adds, and
 * what one unit of the mood of the day adds. Past orders do not show the mood.
 */
const ORDER_LOG_ODDS = -0.5;
const PER_HABIT = 0.55;
const PER_MOOD = 0.9;
const REPEAT_SHARE = 0.55;
/** The log-odds of the share of near orders. */
const NEAR_LOG_ODDS = -0.1;
const NEAR_SIGMA = 1.8;
const FAR_BASKET_FEN = 36_000;
const FAR_SIGMA = 0.5;
const NEAR_BASKET_FEN = 9_000;
const NEAR_BASKET_SIGMA = 0.35;
const SENSITIVITY_SIGMA = 0.6;

const DIGITS = 6;

const tasteOf = (member: string, isTopTier: boolean, random: Random): Taste => {
  const habit = normal(random);
  const mood = normal(random);
  const orderProbability = logistic(ORDER_LOG_ODDS + PER_HABIT * habit + PER_MOOD * mood);
  return {
    member,
    isTopTier,
    habit,
    orderProbability,
    repeatProbability: REPEAT_SHARE * orderProbability,
    nearShare: logistic(NEAR_LOG_ODDS + NEAR_SIGMA * normal(random)),
    farBasketFen: logNormal(random, FAR_BASKET_FEN, FAR_SIGMA),
    nearBasketFen: logNormal(random, NEAR_BASKET_FEN, NEAR_BASKET_SIGMA),
    sensitivity: logNormal(random, 1, SENSITIVITY_SIGMA),
  };
};

/** All members: first the top tier, whom the shop knows, then the others, who come for the hour and always order. */
export const membersOf = (seed: number, { topTierMembers, otherMembers }: Size): Taste[] => {
  const random = chanceOf(seed, 'tastes');
  const named = (kind: string, i: number): string => `${kind}-${String(i).padStart(DIGITS, '0')}`;
  return [
    ...Array.from({ length: topTierMembers }, (_, i) => tasteOf(named('vip', i), true, random)),
    ...Array.from({ length: otherMembers }, (_, i) => ({
      ...tasteOf(named('guest', i), false, random),
      orderProbability: 1,
    })),
  ];
};

const HABIT_ON_RECENCY = 0.8;
const RECENCY_DAYS = 40;
const RECENCY_DAYS_MAX = 300;

/** How many days before the end of the everyday period a member ordered last. */
export const recencyDaysOf = ({ habit }: Taste, random: Random): number =>
  Math.min(RECENCY_DAYS_MAX, exponential(random, RECENCY_DAYS * Math.exp(-HABIT_ON_RECENCY * habit)));

/** How many of last year's orders a member has, compared with others. */
export const lastYearWeightOf = ({ habit }: Taste): number => Math.exp(habit);

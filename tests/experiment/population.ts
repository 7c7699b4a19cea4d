import type { Arm } from '#domain/campaigns/arms.ts';
import type { Coupons } from '#events/sections/coupons.ts';

/**
 * The members of a simulated sale with their tastes, which the readout never sees. Each orders at its own rate, so that some
 * order often; amounts are heavy-tailed; a coupon makes some of them order once more.
 */

export const ARMS: readonly Arm[] = ['engine', 'baseline', 'control'];

export const COUPONS: Coupons = {
  budgets: [{ pool: 'platform', totalFen: 1_000_000_000, presaleShare: 1 }],
  offers: [
    {
      offerId: 'off-20',
      pool: 'platform',
      thresholdFen: 10_000,
      discountFen: 2_000,
      scope: 'all',
      validHours: 24,
    },
  ],
  arms: { engine: 70, baseline: 15, control: 15 },
  salt: 'sale',
  objective: 'conversions',
  perMemberLimit: 2,
  baselineOffer: 'off-20',
};

/** The shares of members who get the first coupon, at the presale, and the second one, at a time of their own in the sale. */
export const COUPON_SHARES = [0.45, 0.25] as const;

export type SalePlan = {
  seed: number;
  members: number;
  /** How often the campaign's total is looked at, evenly spread over the sale. */
  looks: number;
  /** False for an A/A sale: coupons make nobody order, and the engine gives them to anybody as the baseline does. */
  hasEffect: boolean;
  /** The share of members whom nobody knows before their first order, and who get no coupons; 0 if left out. */
  newcomers?: number;
};

export type Population = {
  /** Indexes of {@link ARMS}. */
  arm: Uint8Array;
  /** Orders in the whole sale without coupons, in expectation. */
  rate: Float64Array;
  /** An order's amount in expectation. */
  meanFen: Float64Array;
  /** The probability that a coupon makes the member order once more, sooner or later. */
  response: Float64Array;
  /** The part of the response that the engine can know. Members with more of it get the coupons. */
  known: Float64Array;
  /** The look at whose beginning the second coupon is given. */
  secondLook: Uint16Array;
  /** 1 for a newcomer. */
  isNew: Uint8Array;
};

const WHOLE_PERCENT = 100;
/** The mean, over all members, of the orders that a member makes in the whole sale without coupons. */
const MEAN_ORDERS = 0.5;
/** How unequal members are: the sigma of their log-normal rates, and how a rate's logarithm correlates with what is known. */
const RATE_SIGMA = 0.8;
const KNOWN_PART = 0.4;
const MEDIAN_FEN = 15_000;
const MEMBER_AMOUNT_SIGMA = 0.6;
/** The log-odds of a response: their mean, and the weights of the part that the engine can know and of the hidden part. */
const RESPONSE_MEAN = -1.7;
const RESPONSE_KNOWN = 0.11;
const RESPONSE_HIDDEN = 0.8;

/** An order's amount divided by its member's median: log-normal, and now and then much larger. */
const ORDER_AMOUNT_SIGMA = 0.7;
const LARGE_SHARE = 0.005;
const LARGE_FACTOR = 10;
const MEAN_SIZE = Math.exp(ORDER_AMOUNT_SIGMA ** 2 / 2) * (1 + LARGE_SHARE * (LARGE_FACTOR - 1));

/** Standard normal numbers (Box and Muller). */
export const normals = (random: () => number) => (): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Draws an order's amount, in fen, of a member whose orders are `meanFen` on average. */
export const drawFen = (meanFen: number, random: () => number, normal: () => number): number => {
  const size = Math.exp(ORDER_AMOUNT_SIGMA * normal()) * (random() < LARGE_SHARE ? LARGE_FACTOR : 1);
  return Math.max(1, Math.round((meanFen / MEAN_SIZE) * size));
};

export const drawPopulation = (plan: SalePlan, random: () => number): Population => {
  const { members, looks, hasEffect, newcomers = 0 } = plan;
  const normal = normals(random);
  const { engine, baseline } = COUPONS.arms!;
  const population: Population = {
    arm: new Uint8Array(members),
    rate: new Float64Array(members),
    meanFen: new Float64Array(members),
    response: new Float64Array(members),
    known: new Float64Array(members),
    secondLook: new Uint16Array(members),
    isNew: new Uint8Array(members),
  };
  for (let i = 0; i < members; i++) {
    const percent = random() * WHOLE_PERCENT;
    population.arm[i] = percent < engine ? 0 : percent < engine + baseline ? 1 : 2;
    const known = normal();
    population.known[i] = known;
    // Members who respond to coupons also order more without them.
    const activity = KNOWN_PART * known + Math.sqrt(1 - KNOWN_PART ** 2) * normal();
    population.rate[i] = MEAN_ORDERS * Math.exp(RATE_SIGMA * activity - RATE_SIGMA ** 2 / 2);
    population.meanFen[i] = MEDIAN_FEN * Math.exp(MEMBER_AMOUNT_SIGMA * normal()) * MEAN_SIZE;
    const odds = Math.exp(RESPONSE_MEAN + RESPONSE_KNOWN * known + RESPONSE_HIDDEN * normal());
    population.response[i] = hasEffect ? odds / (1 + odds) : 0;
    population.secondLook[i] = 1 + Math.floor(random() * (looks - 1));
    if (newcomers > 0) population.isNew[i] = random() < newcomers ? 1 : 0;
  }
  return population;
};

/** For each coupon, the least `known` of the members to whom the engine gives it: it gives as many as the baseline does. */
export const thresholdsOf = ({ known }: Population): number[] => {
  const sorted = known.toSorted();
  return COUPON_SHARES.map((share) => sorted[Math.floor((1 - share) * sorted.length)]!);
};

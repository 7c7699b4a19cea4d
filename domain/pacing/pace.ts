/** Moves the prices of a campaign, so that its budgets are spent as planned. */
import type { Demand } from '#domain/allocation/demand.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import { type Sale, shareAt } from './curve.ts';
import {
  forecastOf,
  NOTHING_WATCHED,
  rescaledWatch,
  type TimeLeft,
  type Watch,
  watched,
} from './forecast.ts';

/** What is left of a campaign's budgets at a time, by key, in fen. */
export type Remainders = { atMs: number; remainingFen: Record<string, number> };

/** The demand on a budget that orders have shown. */
export type ObservedDemand = { orders: number; demand: Demand };

/** What is known of the demand on a campaign's budgets, by key. */
export type Outlook = {
  /** All orders before this time are included. */
  observedUntilMs: number;
  observed: Readonly<Record<string, ObservedDemand>>;
  /** The mix of all demand that is expected. */
  audience: Readonly<Record<string, Demand>>;
};

/** What a pacer remembers of a budget from one tick to the next. */
export type Course = {
  watch: Watch;
  /** Fen that would be spent at the forecast's price if the whole sale were like now. Only set if there is a forecast. */
  spendFen?: number;
  /** The logarithm of the factor between the price and the forecast's price. */
  correction: number;
};

/** What a tick compares: what was left at the tick before, and what is left now. */
export type PacerTick = { before: Reading; now: Remainders };

/** The campaign whose prices are moved. */
export type PacedCampaign = {
  sale: Sale;
  /** By budget key, the mean face value of its coupons. */
  couponFen: Readonly<Record<string, number>>;
  outlook: Outlook;
  /**
   * What coupons of a budget are worth at a time, as a share of their worth with all the time left. Undefined if that stays the
   * same.
   */
  timeLeft?: (budgetKey: string, atMs: number) => number;
};

/** What a pacer remembers of a campaign from one tick to the next. */
export type Reading = Remainders & {
  /** How much of the sale the observed demand covers, 0 to 1. */
  observedShare: number;
  courses: Record<string, Course>;
  /** Set once a model has replaced the one that was asked when the audience was counted. */
  hasNewModel?: true;
};

/**
 * Prices and a reading after a new model has replaced the one before: as they would be if the new one, whose answers are
 * `ratio` times as high, had always been used.
 */
export const rescaled = (
  { prices, reading }: { prices: Prices; reading: Reading },
  ratio: number,
): { prices: Prices; reading: Reading } => ({
  prices: Object.fromEntries(
    Object.entries(prices).map(([key, price]) => [key, isEngines(key) ? price * ratio : price]),
  ),
  reading: {
    ...reading,
    hasNewModel: true,
    courses: Object.fromEntries(
      Object.entries(reading.courses).map(([key, course]) => [
        key,
        isEngines(key) ? { ...course, watch: rescaledWatch(course.watch, ratio) } : course,
      ]),
    ),
  },
});

/** Only the engine asks a model. */
const isEngines = (budgetKey: string): boolean => budgetKey.startsWith('engine/');

/** The opening price counts as if it had been observed for only this long, so the first ticks correct it quickly. */
const OPENING_WEIGHT_MS = 4 * MINUTE_MS;
/** The opening price counts for at least the time in which this many coupons are planned: fewer say little about a price. */
const OPENING_WEIGHT_COUPONS = 3;
/** A price adapts to a changing mix over this part of the sale: slower would lag, faster would follow random variation. */
const MEMORY_SHARE = 0.1;
/** An error in spending is corrected within this part of the time left, so that it is corrected by the end. */
const CATCH_UP_SHARE = 0.2;
/** Errors are averaged over at least this many planned coupons: with fewer, the end of a sale would follow random variation. */
const MEMORY_COUPONS = 40;
/** After a tick that spent nothing, a price is divided by at most e to this power. */
const MAX_GAIN = 0.25;
/**
 * A price is multiplied by at most e to this power. The bound is on the step, not on the error: if one coupon costs as much as
 * many ticks plan, most errors are -1 and a few are large, and they average to 0 only if they are not bounded.
 */
const MAX_RISE = 0.75;
/** From this many orders on, the demand that they showed is a better guide than the opening price. */
const MIN_ORDERS = 30;
/** A forecast's price is multiplied or divided by at most e to this power to correct it. */
const MAX_CORRECTION = 1;

/**
 * The part of a tick's relative error that goes into the logarithm of the price. It is the gain that averages over a
 * stretch of the sale: at first over all the time that passed, which makes the price a mean that converges as 1/time (H.
 * Robbins, S. Monro, Annals of Mathematical Statistics 22, 1951); later over a fixed part of the sale; and near the end
 * over a part of what is left of it.
 *
 * @param before the share of the sale that had passed before the tick, and `passed` the share that passed in it.
 * @param couponShare the share of the sale in which one coupon is planned.
 */
const gainOf = (
  before: number,
  passed: number,
  { startsAtMs, endsAtMs }: Sale,
  couponShare: number,
): number => {
  const opening = OPENING_WEIGHT_MS / (endsAtMs - startsAtMs);
  const learnt = before + Math.max(opening, OPENING_WEIGHT_COUPONS * couponShare);
  const memory = Math.min(MEMORY_SHARE, CATCH_UP_SHARE * (1 - before));
  const horizon = Math.min(learnt, Math.max(memory, MEMORY_COUPONS * couponShare));
  return Math.min(MAX_GAIN, passed / horizon);
};

/** The rest of a sale is divided into this many slots: the value of an offer hardly changes within one. */
const SLOTS = 24;

const timeLeftOf = ({ sale, timeLeft }: PacedCampaign, key: string, atMs: number): TimeLeft | undefined => {
  if (timeLeft === undefined) return undefined;
  const lengthMs = (sale.endsAtMs - atMs) / SLOTS;
  const left = 1 - shareAt(sale, atMs);
  const slots = Array.from({ length: SLOTS }, (_, slot) => {
    const fromMs = atMs + slot * lengthMs;
    const weight = (shareAt(sale, fromMs + lengthMs) - shareAt(sale, fromMs)) / left;
    return { weight, share: timeLeft(key, fromMs + lengthMs / 2) };
  });
  return { now: timeLeft(key, atMs), slots };
};

/**
 * The prices after a tick, and what the next tick needs to know of it.
 *
 * What a tick spent is compared with what it should have spent, and the logarithm of the price is moved by a
 * part of the relative error: price ← price · exp(gain · (spent / planned - 1)). That is dual mirror descent
 * with the entropy as its mirror (S. Balseiro, H. Lu, V. Mirrokni, Operations Research 71, 2023, section 3).
 * While little demand has been observed, what is left of a budget is planned evenly over what is left of the
 * sale. Later, the price is that of the forecast (`forecast.ts`), solved again at each tick, times the
 * correction, and the plan is the current spending at that price. The feedback makes up for what a forecast
 * in buckets cannot see, such as half a market that would buy at exactly one price.
 *
 * A price of 0 stays 0; each price gets its first value from the presale's plan. A price whose budget is
 * missing in one of the two readings stays as it is.
 */
export const paced = (
  prices: Prices,
  { before, now }: PacerTick,
  campaign: PacedCampaign,
): { prices: Prices; reading: Reading } => {
  const { sale, couponFen, outlook } = campaign;
  const from = shareAt(sale, before.atMs);
  const to = shareAt(sale, now.atMs);
  const observedShare = Math.min(to, shareAt(sale, outlook.observedUntilMs));
  const moved: Prices = { ...prices };
  const reading: Reading = {
    ...now,
    observedShare: Math.max(before.observedShare, observedShare),
    courses: { ...before.courses },
    ...(before.hasNewModel && { hasNewModel: true }),
  };
  const passed = to - from;
  if (passed <= 0 || from >= 1)
    return { prices, reading: { ...reading, observedShare: before.observedShare } };
  for (const [key, price] of Object.entries(prices)) {
    const hadFen = before.remainingFen[key];
    const hasFen = now.remainingFen[key];
    const eachFen = couponFen[key];
    if (price === 0 || hadFen === undefined || hasFen === undefined || eachFen === undefined) continue;
    const known = before.courses[key];
    const observed = outlook.observed[key];
    const watch = watched(
      known?.watch ?? NOTHING_WATCHED,
      observed?.demand ?? [],
      before.observedShare,
      observedShare,
    );
    const course: Course = { watch, correction: known?.correction ?? 0 };
    reading.courses[key] = course;
    // An empty budget gives nothing anyway. Its price stays until money comes back.
    const evenFen = hadFen * Math.min(1, passed / (1 - from));
    if (evenFen === 0) continue;
    const plannedFen = known?.spendFen === undefined ? evenFen : Math.min(hadFen, known.spendFen * passed);
    // The gain is computed from the even plan, which is never 0.
    const gain = gainOf(from, passed, sale, (passed * eachFen) / evenFen);
    // If more money came back than went out, nothing was spent. How much came back says nothing about the
    // price.
    const error = plannedFen > 0 ? Math.max(-1, (hadFen - hasFen) / plannedFen - 1) : 0;
    const step = Math.min(MAX_RISE, gain * error);
    const timeLeft = timeLeftOf(campaign, key, now.atMs);
    const forecast =
      observed === undefined || observed.orders < MIN_ORDERS || to >= 1
        ? undefined
        : forecastOf(watch, {
            share: to,
            observedShare,
            remainingFen: hasFen,
            // A new model ranks the audience in another way, and the audience was not counted again by it.
            audience: before.hasNewModel ? undefined : outlook.audience[key],
            ...(timeLeft && { timeLeft }),
          });
    if (forecast === undefined) {
      moved[key] = price * Math.exp(step);
      continue;
    }
    if (known?.spendFen !== undefined) {
      course.correction = Math.max(-MAX_CORRECTION, Math.min(MAX_CORRECTION, course.correction + step));
    }
    course.spendFen = forecast.spendFen;
    moved[key] = forecast.price * Math.exp(course.correction);
  }
  return { prices: moved, reading };
};

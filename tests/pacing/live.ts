import { CandidateList, type Candidates } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import type { Demand } from '#domain/allocation/demand.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { type Curve, curveOf } from '#domain/pacing/curve.ts';
import { type Outlook, paced, type Reading } from '#domain/pacing/pace.ts';
import { DAY_MS, type Day } from './day.ts';

/** What a pacer knows of a day before it begins. */
export type Known = {
  openingPrice: number;
  audience?: Demand;
  curve?: Curve;
};

export type DayResult = {
  /** Value given out, divided by the value of the optimum. */
  ratio: number;
  /** Money given out, divided by the budget. */
  spendShare: number;
  /** The most that was given out beyond the budget at any time. */
  overspendFen: number;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const KEY = 'engine/platform';
/** The coupon function uses a new price after this long. */
const PRICE_AGE_MS = 5_000;
/** The demand that an order shows is in the figures after this long. */
const OBSERVED_AGE_MS = MINUTE_MS;

/** The offers of a member that the budget can still pay: when money is short, the coupon function decides among these. */
const affordable = (candidates: Candidates, member: number, leftFen: number): CandidateList => {
  const list = new CandidateList();
  list.member(candidates.hash[member]!);
  for (let at = candidates.first[member]!; at < candidates.first[member + 1]!; at++) {
    if (candidates.costFen[at]! <= leftFen) list.offer(candidates.value[at]!, candidates.costFen[at]!, 0);
  }
  return list;
};

const meanCostFen = ({ costFen, first, members }: Candidates): number => {
  const offers = first[members]!;
  let sumFen = 0;
  for (let at = 0; at < offers; at++) sumFen += costFen[at]!;
  return sumFen / offers;
};

/** The planned curve that the next day gets from this one. */
export const curveLeftBy = ({ atMs }: Day): Curve | undefined => {
  const orders = new Map<number, number>();
  for (const ms of atMs) {
    const hourMs = Math.floor(ms / HOUR_MS) * HOUR_MS;
    orders.set(hourMs, (orders.get(hourMs) ?? 0) + 1);
  }
  const points = [...orders].map(([startMs, count]) => ({ startMs, orders: count }));
  return curveOf(points, HOUR_MS, { startsAtMs: 0, endsAtMs: DAY_MS });
};

/** The demand that a day's orders show, a minute after they came. */
class ObservedDemand {
  readonly #day: Day;
  readonly #demand = new Map<number, number>();
  #orders = 0;

  constructor(day: Day) {
    this.#day = day;
  }

  outlook(nowMs: number, audience: Demand | undefined): Outlook {
    const { observed, atMs } = this.#day;
    const observedUntilMs = Math.max(0, nowMs - OBSERVED_AGE_MS);
    for (; this.#orders < observed.length && atMs[this.#orders]! < observedUntilMs; this.#orders++) {
      const edge = observed[this.#orders];
      if (edge) this.#demand.set(edge.bucket, (this.#demand.get(edge.bucket) ?? 0) + edge.fen);
    }
    const demand = [...this.#demand].sort(([a], [b]) => a - b);
    return {
      observedUntilMs,
      observed: { [KEY]: { orders: this.#orders, demand } },
      audience: audience === undefined ? {} : { [KEY]: audience },
    };
  }
}

/** A minute of a day: the money left at its end, and the price that the pacer then set. */
export type Minute = { atMs: number; leftFen: number; price: number };

/** Plays a day: members choose at the current price while there is money, and the pacer changes the price every minute. */
export const liveThrough = (
  day: Day,
  known: Known,
  onMinute: (minute: Minute) => void = () => {},
): DayResult => {
  const { candidates, atMs, budgetFen, optimum } = day;
  const couponFen = { [KEY]: meanCostFen(candidates) };
  const sale = { startsAtMs: 0, endsAtMs: DAY_MS, ...(known.curve && { curve: known.curve }) };
  let prices: Prices = { [KEY]: known.openingPrice };
  const facing = [known.openingPrice];
  const observedDemand = new ObservedDemand(day);
  let leftFen = budgetFen;
  let value = 0;
  let overspendFen = 0;
  let member = 0;
  const serveUntil = (ms: number): void => {
    for (; member < candidates.members && atMs[member]! < ms; member++) {
      let from = candidates;
      let at = choose(from, member, facing);
      if (at !== NONE && from.costFen[at]! > leftFen) {
        from = affordable(candidates, member, leftFen);
        at = choose(from, 0, facing);
      }
      if (at === NONE) continue;
      leftFen -= from.costFen[at]!;
      value += from.value[at]!;
      overspendFen = Math.max(overspendFen, -leftFen);
    }
  };
  let before: Reading = { atMs: 0, remainingFen: { [KEY]: leftFen }, observedShare: 0, courses: {} };
  for (let ms = MINUTE_MS; ms <= DAY_MS; ms += MINUTE_MS) {
    serveUntil(before.atMs + PRICE_AGE_MS);
    facing[0] = prices[KEY]!;
    serveUntil(ms);
    const now = { atMs: ms, remainingFen: { [KEY]: leftFen } };
    const outlook = observedDemand.outlook(ms, known.audience);
    ({ prices, reading: before } = paced(prices, { before, now }, { sale, couponFen, outlook }));
    onMinute({ atMs: ms, leftFen, price: prices[KEY]! });
  }
  return { ratio: value / optimum, spendShare: 1 - leftFen / budgetFen, overspendFen };
};

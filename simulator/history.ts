/** What happened before a simulated sale: last year's orders, everyday orders and tiers. */
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';
import type { Brand } from './brands.ts';
import { EVERYDAY_END_MS, EVERYDAY_MS, LAST_SALE_MS, SALE_MS, TIERS_MS } from './calendar.ts';
import { TOP_TIER } from './campaigns.ts';
import { chanceOf, logNormal, weightedPick } from './chance.ts';
import { orderText, tierText } from './event.ts';
import { emptyLedger, enterOrder, type Ledger } from './ledger.ts';
import { lastYearWeightOf, recencyDaysOf, type Taste } from './members.ts';
import { basketOf, channelOf } from './purchases.ts';
import { formerStore } from './stores.ts';
import { type EverydayOrder, TrialReactions } from './trial.ts';

/** The typical amount of an order last year, in fen, of a star brand and of any other. */
const STAR_ORDER_FEN = 30_000;
const OTHER_ORDER_FEN = 15_000;
/** How unequal the parts are into which an amount is divided: the sigma of a log-normal distribution. */
const UNEVENNESS = 0.5;
/** Above 1, more of last year's orders come early in the hour. */
const RUSH = 1.3;
/** The number of brands in everyday orders. Nobody looks at their figures, so a few are enough. */
const EVERYDAY_BRANDS = 40;

/** Divides an amount into uneven parts of at least one fen each. */
const divided = (fen: number, parts: number, random: () => number): number[] => {
  const weights = Array.from({ length: parts }, () => logNormal(random, 1, UNEVENNESS));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  let reached = 0;
  return weights.map((weight, i) => {
    reached += weight;
    const upTo =
      i === parts - 1
        ? fen
        : Math.min(fen - (parts - 1 - i), Math.max(before + 1, Math.floor((fen * reached) / total)));
    const part = upTo - before;
    before = upTo;
    return part;
  });
};

/** What happened before the presale: last year's ledger, and the events of each member who has any. */
export type History = {
  lastYear: Ledger;
  /** How many members have any events. */
  members: number;
  /**
   * Each element holds one member's events, in the order of their times. Last year's buyers come first, in
   * the order in which they bought.
   */
  texts: Iterable<readonly string[]>;
  /** What members do with the coupons that these events bring. */
  trial: TrialReactions;
};

type LastYearOrder = { brand: string; amountFen: number; timeMs: number; place: number };
type Checkout = { member: number; timeMs: number; orders: LastYearOrder[] };

/** All orders of a member last year are paid within this time, as one basket of several brands. */
const CHECKOUT_MS = 20_000;

/**
 * The top-tier members' orders of last year, one everyday order of each member, and the members' tiers.
 * Events are made on demand, because their text is ten times as large as the data behind it.
 */
export const historyOf = (
  seed: number,
  members: readonly Taste[],
  brands: readonly Brand[],
  lineFen: number,
): History => {
  const known = members.filter(({ isTopTier }) => isTopTier);
  const checkouts = lastYearOf(seed, known, brands);
  const ledger = emptyLedger();
  for (const { member, orders } of checkouts) {
    for (const order of orders) {
      enterOrder(ledger, { ...order, member: known[member]!.member, takesPart: false });
    }
  }
  const everyday = new Map<string, EverydayOrder>();
  return {
    lastYear: ledger,
    members: known.length,
    texts: textsOf(seed, { known, checkouts, everyday }, lineFen),
    trial: new TrialReactions({ seed, lineFen }, known, everyday),
  };
};

/** Last year's checkouts in the order of their times, so that their orders fill one window after the other. */
const lastYearOf = (seed: number, known: readonly Taste[], brands: readonly Brand[]): Checkout[] => {
  const random = chanceOf(seed, 'lastYear');
  const pick = weightedPick(known.map(lastYearWeightOf));
  const checkouts = new Map<number, Checkout>();
  let place = 0;
  for (const { brand, isStar, lastYearFen } of brands) {
    if (lastYearFen === 0) continue;
    const each = isStar ? STAR_ORDER_FEN : OTHER_ORDER_FEN;
    const parts = Math.min(lastYearFen, Math.max(1, Math.round(lastYearFen / each)));
    for (const amountFen of divided(lastYearFen, parts, random)) {
      const member = pick(random);
      let checkout = checkouts.get(member);
      if (checkout === undefined) {
        const timeMs = LAST_SALE_MS + Math.floor((HOUR_MS - CHECKOUT_MS) * random() ** RUSH);
        checkout = { member, timeMs, orders: [] };
        checkouts.set(member, checkout);
      }
      const timeMs = checkout.timeMs + Math.floor(random() * CHECKOUT_MS);
      checkout.orders.push({ brand, amountFen, timeMs, place: place++ });
    }
  }
  return [...checkouts.values()].sort((a, b) => a.timeMs - b.timeMs);
};

/** The events of each member. When a member's everyday order is made, it is also stored in `everyday`. */
const textsOf = function* (
  seed: number,
  {
    known,
    checkouts,
    everyday,
  }: { known: readonly Taste[]; checkouts: readonly Checkout[]; everyday: Map<string, EverydayOrder> },
  lineFen: number,
): Generator<readonly string[]> {
  const random = chanceOf(seed, 'histories');
  const bought = new Set(checkouts.map(({ member }) => member));
  const nothing = [...known.keys()].filter((member) => !bought.has(member));
  const all = [...checkouts, ...nothing.map((member) => ({ member, orders: [] as LastYearOrder[] }))];
  for (const { member: i, orders } of all) {
    const taste = known[i]!;
    const { member } = taste;
    const texts = orders
      .toSorted((a, b) => a.timeMs - b.timeMs)
      .map(({ brand, amountFen, timeMs, place }) => {
        const channel = channelOf(taste, random);
        const orderId = `2025-${place}`;
        const order = { orderId, member, brand, channel, storeId: formerStore(channel, place), amountFen };
        return orderText('paid', { ...order, couponId: undefined }, timeMs);
      });
    const agoMs = recencyDaysOf(taste, random) * DAY_MS;
    const timeMs = Math.min(
      EVERYDAY_END_MS - 1,
      Math.max(EVERYDAY_MS + 1, Math.floor(SALE_MS - DAY_MS - agoMs)),
    );
    const channel = channelOf(taste, random);
    const order = {
      orderId: `everyday-${i}`,
      member,
      brand: `everyday-${i % EVERYDAY_BRANDS}`,
      channel,
      storeId: formerStore(channel, i),
      amountFen: basketOf(taste, channel, lineFen, random),
      couponId: undefined,
    };
    everyday.set(member, { timeMs, brand: order.brand });
    texts.push(tierText(member, TOP_TIER, TIERS_MS), orderText('paid', order, timeMs));
    yield texts;
  }
};

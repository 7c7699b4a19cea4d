import { between, oneOf } from '../random.ts';
import { type Definition, type Fields, timeText } from './events.ts';
import { BEGIN_MS, DAY_MS, HOUR_MS, MINUTE_MS } from './workload.ts';

/** The random campaigns of a seed's sale: their times, money and rules differ, and some overlap. */

export const TIERS = ['plain', '88vip', 'gold'] as const;
export const BRANDS = Array.from({ length: 8 }, (_, i) => `brand-${i}`);
export const STORES = ['store-1', 'store-2', 'store-3'];

export type Span = { readonly campaignId: string; readonly startsMs: number; readonly endsMs: number };

export const spanOf = ({ campaignId, startsMs, endsMs }: Span): Definition => ({
  campaignId,
  startsAt: timeText(startsMs),
  endsAt: timeText(endsMs),
});

const offersOf = (random: () => number, pools: readonly string[]): Fields[] =>
  Array.from({ length: between(random, 1, 3) }, (_, i) => {
    const scope = oneOf(random, ['all', 'all', 'all', 'far', 'near', 'brands'] as const);
    const thresholdFen = between(random, 20, 80) * 100;
    return {
      offerId: `offer-${i}`,
      pool: pools[i % pools.length],
      thresholdFen,
      discountFen: between(random, 5, 20) * 100,
      scope,
      ...(scope === 'brands' ? { brands: BRANDS.slice(0, 5) } : {}),
      ...(random() < 0.2 ? { tiers: [TIERS[1]] } : {}),
      validHours: 1,
    };
  });

/** The shares of the arms, in percent. Few members are in the control arm, because most of what can go wrong needs a coupon. */
const armsOf = (random: () => number): Fields => {
  const control = between(random, 0, 2) * 5;
  const baseline = between(random, 3, 12) * 5;
  return { engine: 100 - control - baseline, baseline, control };
};

/** A coupon section with money for at most a few dozen coupons, so that it runs out. */
export const couponSection = (random: () => number, salt: string): Fields => {
  const pools = random() < 0.3 ? ['platform', 'stores'] : ['platform'];
  const offers = offersOf(random, pools);
  const presaleShare = random() < 0.15 ? 0.3 : 0;
  return {
    budgets: pools.map((pool) => ({ pool, totalFen: between(random, 4, 40) * 1_000, presaleShare })),
    offers,
    arms: armsOf(random),
    salt,
    objective: random() < 0.5 ? 'conversions' : 'incremental-gmv',
    perMemberLimit: between(random, 1, 4),
    shards: oneOf(random, [1, 2, 8]),
    baselineOffer: 'offer-0',
    // Some campaigns free the money of expired coupons while the run lasts. No order that uses a coupon in time is sent more
    // than an hour after the coupon has expired.
    ...(random() < 0.5 ? { settlementHours: 1 } : {}),
  };
};

/** How often a member may win: in all and, if that is more than twice, also on one day. */
const memberLimits = (perMember: number): Fields =>
  perMember > 2 ? { perMember, perMemberPerDay: 1 } : { perMember };

const conditions = (random: () => number): Fields => ({
  channels: random() < 0.7 ? ['far', 'near'] : ['far'],
  ...(random() < 0.5 ? { minimumPaidFen: between(random, 5, 40) * 100 } : {}),
  ...(random() < 0.25 ? { tiers: ['88vip', 'gold'] } : {}),
  ...(random() < 0.2 ? { firstOrderOnly: true } : {}),
  ...(random() < 0.3 ? memberLimits(between(random, 1, 3)) : {}),
  capFen: between(random, 10, 100) * 100,
});

export const instantSection = (random: () => number): Fields => ({
  mode: 'instant',
  odds: { win: 1, in: between(random, 1, 4) },
  ...conditions(random),
  quota: between(random, 5, 40),
  budgetFen: between(random, 20, 200) * 1_000,
});

/** A recorded round, so that the run needs no network. */
export const RECORDED_ROUND = 1_000;

export const slotSection = (random: () => number, slotSeconds: number): Fields => ({
  mode: 'slot',
  slotSeconds,
  prizes: between(random, 1, 4),
  graceSeconds: between(random, 0, 3) * 30,
  beacon: { chain: 'quicknet', recordedRound: RECORDED_ROUND },
  ...conditions(random),
  quota: between(random, 5, 12),
  budgetFen: between(random, 20, 100) * 1_000,
  ...(random() < 0.5 ? equalAwards(random) : {}),
});

/** All awards are the same amount, and the budget is a multiple of it, so that awards can use it up to the last fen. */
const equalAwards = (random: () => number): Fields => {
  const capFen = between(random, 5, 20) * 100;
  return { minimumPaidFen: capFen, capFen, budgetFen: between(random, 1, 3) * capFen };
};

/** A campaign and when its definition is sent. */
export type Opening = { readonly definition: Definition; readonly sentMs: number };

/** Windows are long, because most of what a run costs is the merging of rows, once for each window. */
const WINDOWS_SECONDS = [600, 900, 1_200];

const metricsOf = (windowSeconds: number, horizonHours?: number): Fields => ({
  metrics: { windowSeconds, ...(horizonHours === undefined ? {} : { horizonHours }) },
});

/**
 * The campaigns of a seed. Their names contain the seed, because arms, draw seeds and tickets depend on a campaign's name.
 */
export const openingsOf = (random: () => number, seed: number): Opening[] => {
  const named = (name: string, startsMs: number, endsMs: number): Definition =>
    spanOf({ campaignId: `${name}-${seed}`, startsMs, endsMs });
  const soon = BEGIN_MS + between(random, 0, 2) * MINUTE_MS;
  const last = { ...named('last-year', BEGIN_MS - 365 * DAY_MS, BEGIN_MS - 364 * DAY_MS) };
  const main = named('main', BEGIN_MS + 3 * MINUTE_MS, BEGIN_MS + 25 * MINUTE_MS);
  const isCompared = random() < 0.3;
  const openings: Opening[] = [
    {
      sentMs: soon,
      definition: {
        ...main,
        ...metricsOf(oneOf(random, WINDOWS_SECONDS)),
        coupons: couponSection(random, `salt-${seed}`),
        ...(random() < 0.7 ? { freeOrders: instantSection(random) } : {}),
        ...(isCompared ? { compareWith: last.campaignId } : {}),
      },
    },
  ];
  // Last year's campaign is opened first: a campaign that is compared with an unknown one would be refused.
  if (isCompared || random() < 0.2)
    openings.push({
      sentMs: BEGIN_MS - 10 * MINUTE_MS,
      definition: { ...last, ...metricsOf(3_600, 876_000) },
    });
  const isCrowded = random() < 0.05;
  const overlapping = isCrowded ? 4 : between(random, 0, 1);
  for (let i = 0; i < overlapping; i++) {
    const startsMs = BEGIN_MS + between(random, 2, 12) * MINUTE_MS;
    openings.push({
      sentMs: startsMs - between(random, -2, 3) * MINUTE_MS,
      definition: {
        ...named(`over-${i}`, startsMs, startsMs + between(random, 8, 20) * MINUTE_MS),
        ...metricsOf(oneOf(random, WINDOWS_SECONDS)),
        coupons: couponSection(random, `over-${i}-${seed}`),
      },
    });
  }
  if (!isCrowded && random() < 0.25) {
    const startsMs = BEGIN_MS + 6 * MINUTE_MS;
    openings.push({
      sentMs: BEGIN_MS + 3 * MINUTE_MS,
      definition: {
        ...named('slots', startsMs, startsMs + 14 * MINUTE_MS),
        ...metricsOf(oneOf(random, WINDOWS_SECONDS)),
        freeOrders: slotSection(random, 420),
      },
    });
  }
  if (!isCrowded && random() < 0.3) {
    openings.push({
      sentMs: soon,
      definition: {
        ...named('long', BEGIN_MS - 3 * DAY_MS, BEGIN_MS + HOUR_MS),
        ...metricsOf(3_600, oneOf(random, [24, 168])),
      },
    });
  }
  return openings;
};

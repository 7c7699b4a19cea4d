/**
 * Measures how often a second one core does each of these for a member: it scores ten offers; it also chooses one of them;
 * and it also unpacks the member's profile before and packs it afterwards.
 */
import { decide } from '#domain/coupons/decide.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { priorModel } from '#domain/coupons/model.ts';
import {
  decodeProfile,
  emptyProfile,
  encodeProfile,
  featuresOf,
  observe,
  remember,
} from '#domain/members/profile.ts';
import { eventIdOf } from '#platform/hash.ts';

const MEMBERS = 2_000;
const OFFERS = 10;
const SECONDS = 2;
const OUTCOME = { code: 1, ofCampaigns: [{ campaign: 1, code: 1 }] };
const NOW_MS = Date.parse('2026-11-10T12:00:00.000Z');
const DAY_MS = 86_400_000;

const coupons = {
  budgets: [{ pool: 'platform', totalFen: 1_000_000_000, presaleShare: 0.5 }],
  offers: Array.from({ length: OFFERS }, (_, i) => ({
    offerId: `offer-${i}`,
    pool: 'platform',
    thresholdFen: 5_000 * (i + 1),
    discountFen: 400 * (i + 1) + 37 * i * i,
    scope: i % 3 === 0 ? ('near' as const) : ('all' as const),
    validHours: 24,
  })),
  salt: 'bench',
  objective: 'incremental-gmv' as const,
  perMemberLimit: 20,
};

const profiles = Array.from({ length: MEMBERS }, (_, m) => {
  let profile = emptyProfile();
  for (let i = 0; i < 1 + (m % 40); i++) {
    const id = eventIdOf('/bench', `${m}-${i}`);
    const timeMs = NOW_MS - ((m * 31 + i * 17) % 900) * DAY_MS;
    const channel = (m + i) % 4 === 0 ? ('near' as const) : ('far' as const);
    profile = remember(
      observe(profile, { id, timeMs, kind: 'paid', channel, amountFen: 3_000 + ((m * 997) % 40_000) }),
      { id, timeMs },
      OUTCOME,
    );
  }
  return {
    member: `member-${m}`,
    profile,
    bytes: encodeProfile(profile),
    features: featuresOf(profile, NOW_MS),
  };
});

/** Calls `run` for all members in turn, for {@link SECONDS} seconds. Returns the calls a second. */
const rate = (run: (m: number, round: number) => unknown): number => {
  const until = performance.now() + SECONDS * 1_000;
  const startMs = performance.now();
  let calls = 0;
  while (performance.now() < until) {
    for (let i = 0; i < 200; i++, calls++) run(calls % MEMBERS, calls);
  }
  return (calls / (performance.now() - startMs)) * 1_000;
};

const prices = { 'engine/platform': 0.05 };
const given = { give: 0, withhold: 0 };

const choose = (m: number, round: number) => {
  const { member, features } = profiles[m]!;
  const decision = decide(
    {
      campaignId: 'bench',
      coupons,
      sale: { startsAtMs: NOW_MS, endsAtMs: NOW_MS + DAY_MS },
      eventId: String(round),
      timeMs: NOW_MS,
      reachedMs: NOW_MS,
      member,
      tier: '',
      arm: 'engine',
      features,
      prices,
      isBelowLimit: true,
      remainders: new Map(),
      halt: undefined,
    },
    PRIOR,
  );
  given[decision.kind]++;
  return decision;
};

const whole = (m: number, round: number) => {
  const { member, bytes } = profiles[m]!;
  const id = eventIdOf('/bench', String(round));
  const order = { id, timeMs: NOW_MS, kind: 'paid' as const, channel: 'far' as const, amountFen: 12_300 };
  const observed = observe(decodeProfile(bytes), order);
  const decision = decide(
    {
      campaignId: 'bench',
      coupons,
      sale: { startsAtMs: NOW_MS, endsAtMs: NOW_MS + DAY_MS },
      eventId: id,
      timeMs: NOW_MS,
      reachedMs: NOW_MS,
      member,
      tier: '',
      arm: 'engine',
      features: featuresOf(observed, NOW_MS),
      prices,
      isBelowLimit: true,
      remainders: new Map(),
      halt: undefined,
    },
    PRIOR,
  );
  return [decision, encodeProfile(remember(observed, order, OUTCOME))];
};

const perSecond = (value: number): string => Math.round(value).toLocaleString('en-US');

choose(0, 0);
whole(0, 0);
console.table({
  'score ten offers': {
    'a second': perSecond(rate((m) => priorModel(profiles[m]!.features, coupons.offers, 'order'))),
  },
  'score, choose, reason and propensity': { 'a second': perSecond(rate(choose)) },
  'the same with profile and packing': { 'a second': perSecond(rate(whole)) },
});
console.log(
  `coupons given in ${((100 * given.give) / (given.give + given.withhold)).toFixed(0)} % of decisions`,
);

import * as z from 'zod/mini';
import { spendingArms } from '#domain/campaigns/arms.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { type CampaignDefinition, formatTime, parseTime } from '#events/contract.ts';
import { campaignId as campaignIdField } from '#events/fields.ts';
import {
  type Arms,
  type Coupons,
  DEFAULT_BUDGET_SHARDS,
  MAX_BUDGET_FEN,
  MAX_DISCOUNT_FEN,
  MAX_MEMBER_COUPONS,
  MAX_OFFERS,
  WHOLE_PERCENT,
} from '#events/sections/coupons.ts';
import { display } from '#events/sections/display.ts';
import { type InstantFreeOrders, MAX_CAP_FEN, MAX_QUOTA } from '#events/sections/free-orders.ts';
import { formatFen } from '#local/console/format.ts';
import { InputError } from '#local/console/input-error.ts';
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';

type Discount = { thresholdFen: number; discountFen: number };

/** The answers so far. */
type Answers = {
  id?: string;
  name?: string;
  startsAtMs?: number;
  endsAtMs?: number;
  offers?: Discount[];
  budgetFen?: number;
  presaleShare?: number;
  perMember?: number;
  arms?: Arms;
  odds?: InstantFreeOrders['odds'];
  capFen?: number;
  quota?: number;
};

const hasCoupons = ({ offers }: Answers): boolean => offers !== undefined;
const hasFreeOrders = ({ odds }: Answers): boolean => odds !== undefined;

const IS_WANTED = { offers: hasCoupons, 'free-orders': hasFreeOrders };

export type Question = {
  /** The option that answers it, without dashes. */
  option: string;
  text: string;
  /** The question that this one depends on: this one is only asked if the answer to that one was not `none`. */
  dependsOn?: keyof typeof IS_WANTED;
  /** The answer that is taken if none is given; undefined if there must be an answer. */
  suggested: (answers: Answers, nowMs: number) => string | undefined;
  /** Reads an answer. Throws an InputError that says what was expected. */
  read: (text: string, answers: Answers) => Answers;
};

const POOL = 'platform';
const NONE = 'none';
const VALID_HOURS = 72;
/**
 * The number of coupons for which each shard of the smallest arm should have money, so that shards do not keep remainders that
 * are too small for a coupon.
 */
const COUPONS_A_SHARD = 20;

const refused = (expected: string, text: string): InputError =>
  new InputError(`expected ${expected}, got ${JSON.stringify(text)}`);

const FEN_A_UNIT = 100;

/** `99.9` → 9990. */
const fenOf = (text: string): number | undefined =>
  /^\d{1,11}(?:\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * FEN_A_UNIT) : undefined;

const offerIdOf = ({ thresholdFen, discountFen }: Discount): string =>
  `${thresholdFen / FEN_A_UNIT}-${discountFen / FEN_A_UNIT}`;

const amountOf = (text: string, maxFen: number): number => {
  const fen = fenOf(text) ?? 0;
  if (fen < 1 || fen > maxFen)
    throw refused(`an amount such as 10000 or 99.90, up to ${formatFen(maxFen)}`, text);
  return fen;
};

const wholeOf = (text: string, max: number): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw refused(`a whole number from 1 to ${max}`, text);
  return value;
};

const timeOf = (text: string): number => {
  const timeMs = parseTime(text);
  if (timeMs === undefined) throw refused('a time such as 2026-11-10T16:00:00Z', text);
  return timeMs;
};

const offersOf = (text: string): Discount[] => {
  const offers = text.split(',').map((part) => {
    const [thresholdFen = 0, discountFen = 0, ...more] = part.trim().split('-').map(fenOf);
    const isOffer = discountFen > 0 && discountFen <= Math.min(thresholdFen, MAX_DISCOUNT_FEN);
    if (isOffer && more.length === 0) return { thresholdFen, discountFen };
    throw refused('offers such as 100-10,300-40: from 100 on 10 off, from 300 on 40 off', text);
  });
  if (offers.length > MAX_OFFERS || new Set(offers.map(offerIdOf)).size < offers.length)
    throw refused(`at most ${MAX_OFFERS} offers, each once`, text);
  return offers;
};

const armsOf = (text: string): Arms => {
  const parts = /^(\d{1,3})\/(\d{1,3})\/(\d{1,3})$/.exec(text)?.slice(1).map(Number) ?? [];
  const [engine = 0, baseline = 0, control = 0] = parts;
  if (engine === 0 || engine + baseline + control !== WHOLE_PERCENT)
    throw refused('percentages such as 70/20/10, that add up to 100', text);
  return { engine, baseline, control };
};

const oddsOf = (text: string): InstantFreeOrders['odds'] => {
  const [win = 0, among = 0] = /^(\d{1,9})\/(\d{1,9})$/.exec(text)?.slice(1).map(Number) ?? [];
  if (win < 1 || win > among) throw refused('odds such as 1/100, or none', text);
  return { win, in: among };
};

/** The questions about a new campaign, in the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  {
    option: 'id',
    text: "the campaign's id",
    suggested: () => undefined,
    read: (text) => {
      if (z.safeParse(campaignIdField, text).success) return { id: text };
      throw refused('1 to 64 letters, digits, dots, underscores or hyphens', text);
    },
  },
  {
    option: 'name',
    text: 'its name on the screen',
    suggested: ({ id }) => id,
    read: (text) => {
      if (z.safeParse(display, { name: text }).success) return { name: text };
      throw refused('1 to 80 characters', text);
    },
  },
  {
    option: 'from',
    text: 'when it starts',
    suggested: (_, nowMs) => formatTime(Math.ceil(nowMs / HOUR_MS) * HOUR_MS),
    read: (text) => ({ startsAtMs: timeOf(text) }),
  },
  {
    option: 'to',
    text: 'when it ends',
    suggested: ({ startsAtMs }) => formatTime(startsAtMs! + DAY_MS),
    read: (text, { startsAtMs }) => {
      const endsAtMs = timeOf(text);
      if (endsAtMs > startsAtMs!) return { endsAtMs };
      throw refused(`a time after ${formatTime(startsAtMs!)}`, text);
    },
  },
  {
    option: 'offers',
    text: 'coupons: threshold-discount, separated by commas, or none',
    suggested: () => '100-10',
    read: (text) => (text === NONE ? {} : { offers: offersOf(text) }),
  },
  {
    option: 'budget',
    text: 'the budget of all coupons',
    dependsOn: 'offers',
    suggested: () => '100000',
    read: (text, { offers }) => {
      const budgetFen = amountOf(text, MAX_BUDGET_FEN);
      if (budgetFen >= Math.min(...offers!.map(({ discountFen }) => discountFen))) return { budgetFen };
      throw refused('at least the smallest coupon', text);
    },
  },
  {
    option: 'presale',
    text: 'the share of the budget that is given when the campaign opens',
    dependsOn: 'offers',
    suggested: () => '0.5',
    read: (text) => {
      const presaleShare = /^(?:[01]|0?\.\d+|1\.0+)$/.test(text) ? Number(text) : Number.NaN;
      if (presaleShare >= 0 && presaleShare <= 1) return { presaleShare };
      throw refused('a number from 0 to 1', text);
    },
  },
  {
    option: 'per-member',
    text: 'the most coupons that a member gets',
    dependsOn: 'offers',
    suggested: () => '1',
    read: (text) => ({ perMember: wholeOf(text, MAX_MEMBER_COUPONS) }),
  },
  {
    option: 'arms',
    text: 'percent of the members who get: coupons chosen by the engine/always the first offer/none',
    dependsOn: 'offers',
    suggested: () => '70/20/10',
    read: (text) => ({ arms: armsOf(text) }),
  },
  {
    option: 'free-orders',
    text: 'odds of a free order, such as 1/100, or none',
    suggested: () => NONE,
    read: (text) => (text === NONE ? {} : { odds: oddsOf(text) }),
  },
  {
    option: 'cap',
    text: 'the most that a free order is worth',
    dependsOn: 'free-orders',
    suggested: () => '200',
    read: (text) => ({ capFen: amountOf(text, MAX_CAP_FEN) }),
  },
  {
    option: 'quota',
    text: 'the most free orders that are given',
    dependsOn: 'free-orders',
    suggested: () => '100',
    read: (text) => ({ quota: wholeOf(text, MAX_QUOTA) }),
  },
];

/** Sets the number of shards so that each shard of every arm has money for some coupons of the largest kind. */
const withShards = (coupons: Coupons): Coupons => {
  const largestFen = Math.max(...coupons.offers.map(faceValueFen));
  const leastFen = Math.min(...campaignBudgets(coupons).map(({ totalFen }) => totalFen));
  const shards = Math.floor(leastFen / (COUPONS_A_SHARD * largestFen));
  return { ...coupons, shards: Math.min(DEFAULT_BUDGET_SHARDS, Math.max(1, shards)) };
};

const couponsOf = (
  { offers, budgetFen, presaleShare, perMember, arms }: Required<Answers>,
  salt: string,
): Coupons => {
  const named = offers.map((discount) => ({
    offerId: offerIdOf(discount),
    pool: POOL,
    ...discount,
    scope: 'all' as const,
    validHours: VALID_HOURS,
  }));
  const coupons: Coupons = {
    budgets: [{ pool: POOL, totalFen: budgetFen, presaleShare }],
    offers: named,
    arms,
    salt,
    objective: 'incremental-gmv',
    perMemberLimit: perMember,
  };
  const hasBaseline = spendingArms(coupons).includes('baseline');
  return withShards(hasBaseline ? { ...coupons, baselineOffer: named[0]!.offerId } : coupons);
};

const freeOrdersOf = ({ odds, capFen, quota }: Required<Answers>): InstantFreeOrders => ({
  mode: 'instant',
  odds,
  channels: ['near'],
  capFen,
  quota,
  budgetFen: capFen * quota,
});

/** The definition made from the answers to all questions. `salt` decides which member is in which arm. */
const definitionOf = (answers: Answers, salt: string): CampaignDefinition => {
  const all = answers as Required<Answers>;
  return {
    campaignId: all.id,
    startsAt: formatTime(all.startsAtMs),
    endsAt: formatTime(all.endsAtMs),
    display: { name: all.name },
    ...(hasCoupons(answers) ? { coupons: couponsOf(all, salt) } : {}),
    ...(hasFreeOrders(answers) ? { freeOrders: freeOrdersOf(all) } : {}),
  };
};

/**
 * Makes a definition of a new campaign. `answer` is called for each question that is to be asked, in turn. It gets an answer as
 * text, and returns what `read` makes of this text. Throws what `answer` throws.
 */
export const newCampaign = async (
  answer: (
    question: Question,
    suggested: string | undefined,
    read: (text: string) => Answers,
  ) => Promise<Answers>,
  { nowMs, salt }: { nowMs: number; salt: string },
): Promise<CampaignDefinition> => {
  let answers: Answers = {};
  for (const question of QUESTIONS) {
    if (question.dependsOn !== undefined && !IS_WANTED[question.dependsOn](answers)) continue;
    const known = answers;
    const suggested = question.suggested(known, nowMs);
    answers = {
      ...known,
      ...(await answer(question, suggested, (text) => question.read(text.trim(), known))),
    };
  }
  return definitionOf(answers, salt);
};

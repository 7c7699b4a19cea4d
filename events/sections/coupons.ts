/** The coupon section of a campaign definition: the budgets, the offers, and who may get them. */
import * as z from 'zod/mini';
import { id, integer, MAX_AMOUNT_FEN, record } from '../fields.ts';

/** In fen, CNY 90 bn: more than any coupon budget of a real sale so far. A sum of ten such budgets is exact in a double. */
export const MAX_BUDGET_FEN = 9_000_000_000_000;

/** The planner has a price for each pool. Tests show that its plans stay near the optimum for up to ten pools. */
export const MAX_POOLS = 10;
export const MAX_OFFERS = 20;
export const MAX_OFFER_TIERS = 20;
/** A definition is one item of at most 400 KB. 20 offers with this many brand ids of 80 bytes take 320 KB of it. */
export const MAX_OFFER_BRANDS = 200;

/** In hours, a leap year. */
export const MAX_VALID_HOURS = 8_784;

/** Coupons of one member in one campaign. */
export const MAX_MEMBER_COUPONS = 20;

/** A transaction may debit every shard of a budget together with a grant and its member, and DynamoDB allows 100 actions. */
export const MAX_BUDGET_SHARDS = 96;
export const DEFAULT_BUDGET_SHARDS = 8;

/** In fen, CNY 10 M: up to here the planner's sums over all members stay exact. */
export const MAX_DISCOUNT_FEN = 1_000_000_000;

export const WHOLE_PERCENT = 100;

/** In hours, a leap year. */
export const MAX_SETTLEMENT_HOURS = 8_784;
/** In hours: how long after a coupon's end an order that used it may arrive, by default. */
export const DEFAULT_SETTLEMENT_HOURS = 24;

/** The pacer corrects spending that is ahead of its plan by less than this share of the budget. */
const MIN_PAUSE_AHEAD_SHARE = 0.01;

/** The default share of random decisions, which let other choices be compared with the best one. */
export const DEFAULT_EPSILON = 0.03;

const POOL_EXPECTED = '1 to 32 letters, digits, dots, underscores or hyphens, the first a letter or digit';

/** A pool's name, which becomes part of a key together with the arm's name, so it contains no separator of keys. */
export const pool = z
  .string({ error: POOL_EXPECTED })
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, { error: POOL_EXPECTED }));

const listOf = <const Item extends z.core.SomeType>(item: Item, max: number, things: string) =>
  z.array(item, { error: `a list of 1 to ${max} ${things}` }).check(z.minLength(1), z.maxLength(max));

const budget = record({
  pool,
  totalFen: integer(1, MAX_BUDGET_FEN),
  presaleShare: z.number({ error: 'a number from 0 to 1' }).check(z.gte(0), z.lte(1)),
});

const discountOffer = record({
  offerId: id,
  /** `discount` if it is left out. */
  kind: z.optional(z.literal('discount', { error: '"discount"' })),
  pool,
  thresholdFen: integer(1, MAX_AMOUNT_FEN),
  discountFen: integer(1, MAX_DISCOUNT_FEN),
  scope: z.enum(['all', 'far', 'near', 'brands']),
  brands: z.optional(listOf(id, MAX_OFFER_BRANDS, 'brand ids')),
  tiers: z.optional(listOf(id, MAX_OFFER_TIERS, 'tiers')),
  validHours: integer(1, MAX_VALID_HOURS),
});

/** For another kind of offer, add a record and make `offer` a union of both by `kind`. */
const offer = discountOffer;

const percent = integer(0, WHOLE_PERCENT);

export const coupons = record({
  budgets: listOf(budget, MAX_POOLS, 'budgets'),
  offers: listOf(offer, MAX_OFFERS, 'offers'),
  arms: z.optional(record({ engine: percent, baseline: percent, control: percent })),
  salt: id,
  objective: z.enum(['incremental-gmv', 'conversions', 'redemptions']),
  perMemberLimit: integer(1, MAX_MEMBER_COUPONS),
  shards: z.optional(integer(1, MAX_BUDGET_SHARDS)),
  baselineOffer: z.optional(id),
  settlementHours: z.optional(integer(0, MAX_SETTLEMENT_HOURS)),
  epsilon: z.optional(z.number({ error: 'a number from 0 to 1' }).check(z.gte(0), z.lte(1))),
  model: z.optional(z.enum(['prior', 'learned', 'own'])),
  /** In XGBoost's JSON or as coefficients. It is checked when it is loaded. */
  ownModel: z.optional(z.looseObject({}, { error: 'a model as an object' })),
  pauseAheadShare: z.optional(
    z.number({ error: 'a number from 0.01 to 1' }).check(z.gte(MIN_PAUSE_AHEAD_SHARE), z.lte(1)),
  ),
  fallsWithOrder: z.optional(z.boolean({ error: 'true or false' })),
});

export type Coupons = z.output<typeof coupons>;
export type CouponBudget = Coupons['budgets'][number];
export type Offer = Coupons['offers'][number];
export type DiscountOffer = z.output<typeof discountOffer>;
export type Arms = NonNullable<Coupons['arms']>;

/** All members in the engine's arm: the meaning of a definition without arms. */
export const ONLY_ENGINE: Arms = { engine: WHOLE_PERCENT, baseline: 0, control: 0 };

/** What the rules below need of a definition. */
type Definition = { coupons?: Coupons | undefined };
type Broken = { field: string; expected: string; value: unknown };
type Check = (section: Coupons) => Broken | undefined;

const firstRepeated = (list: readonly string[]): number =>
  list.findIndex((item, index) => list.indexOf(item) < index);

/** Runs a check on every offer. The path of the field that the check names begins at the offer. */
const eachOffer =
  (check: (offer: Offer, section: Coupons) => Broken | undefined): Check =>
  (section) => {
    for (const [index, one] of section.offers.entries()) {
      const broken = check(one, section);
      if (broken) return { ...broken, field: `offers[${index}].${broken.field}` };
    }
    return undefined;
  };

const noRepeats = (field: 'brands' | 'tiers'): Check =>
  eachOffer((one) => {
    const index = firstRepeated(one[field] ?? []);
    if (index < 0) return undefined;
    return { field: `${field}[${index}]`, expected: 'no repetition', value: one[field]?.[index] };
  });

const CHECKS: readonly Check[] = [
  ({ budgets }) => {
    const index = firstRepeated(budgets.map((one) => one.pool));
    if (index < 0) return undefined;
    return {
      field: `budgets[${index}].pool`,
      expected: 'one budget for each pool',
      value: budgets[index]?.pool,
    };
  },
  ({ offers }) => {
    const index = firstRepeated(offers.map((one) => one.offerId));
    if (index < 0) return undefined;
    return { field: `offers[${index}].offerId`, expected: 'no repetition', value: offers[index]?.offerId };
  },
  eachOffer((one, { budgets }) =>
    budgets.some((candidate) => candidate.pool === one.pool)
      ? undefined
      : {
          field: 'pool',
          expected: `the pool of a budget (${budgets.map((candidate) => candidate.pool).join(', ')})`,
          value: one.pool,
        },
  ),
  eachOffer((one) =>
    one.discountFen <= one.thresholdFen
      ? undefined
      : {
          field: 'discountFen',
          expected: `an integer from 1 to thresholdFen (${one.thresholdFen})`,
          value: one.discountFen,
        },
  ),
  ({ budgets, offers }) => {
    for (const [index, { pool: name, totalFen }] of budgets.entries()) {
      const costs = offers.filter((one) => one.pool === name).map(({ discountFen }) => discountFen);
      const least = Math.min(...costs);
      if (costs.length > 0 && totalFen < least) {
        const expected = `an integer from ${least} (one coupon of the pool) to ${MAX_BUDGET_FEN}`;
        return { field: `budgets[${index}].totalFen`, expected, value: totalFen };
      }
    }
    return undefined;
  },
  eachOffer((one) =>
    (one.scope === 'brands') === (one.brands !== undefined)
      ? undefined
      : {
          field: 'brands',
          expected: one.scope === 'brands' ? 'the brands of the scope' : 'no brands, as scope is not brands',
          value: one.brands,
        },
  ),
  noRepeats('brands'),
  noRepeats('tiers'),
  ({ arms }) => {
    if (arms === undefined || arms.engine + arms.baseline + arms.control === WHOLE_PERCENT) return undefined;
    return { field: 'arms', expected: `percentages that add up to ${WHOLE_PERCENT}`, value: arms };
  },
  ({ arms }) =>
    arms === undefined || arms.engine > 0
      ? undefined
      : { field: 'arms.engine', expected: `an integer from 1 to ${WHOLE_PERCENT}`, value: arms.engine },
  ({ model: named = 'prior', objective }) =>
    named === 'prior' || objective === 'redemptions'
      ? undefined
      : {
          field: 'objective',
          expected: 'redemptions, as the model says how likely a coupon is to be used',
          value: objective,
        },
  ({ model: named, ownModel }) =>
    (named === 'own') === (ownModel !== undefined)
      ? undefined
      : {
          field: 'ownModel',
          expected: named === 'own' ? 'the model' : 'no model, as model is not own',
          value: ownModel,
        },
  ({ arms, baselineOffer, offers }) => {
    const isNeeded = (arms?.baseline ?? 0) > 0;
    if (baselineOffer === undefined && !isNeeded) return undefined;
    if (offers.some(({ offerId }) => offerId === baselineOffer)) return undefined;
    return {
      field: 'baselineOffer',
      expected: `the offer of the baseline arm (${offers.map(({ offerId }) => offerId).join(', ')})`,
      value: baselineOffer,
    };
  },
];

/** The first breach of a rule above in a definition's coupon section; undefined when it breaks none. */
export const brokenCouponRule = (definition: Definition): Broken | undefined => {
  if (definition.coupons === undefined) return undefined;
  for (const check of CHECKS) {
    const broken = check(definition.coupons);
    if (broken) return { ...broken, field: `coupons.${broken.field}` };
  }
  return undefined;
};

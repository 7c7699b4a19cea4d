import { type Candidates, memberHash } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import type { Arm, SpendingArm } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import type { Features } from '#domain/members/profile.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';
import { type Model, type Scores, usualBasketFen } from './model.ts';
import { propensityOf, type Worth } from './propensity.ts';
import { drawnEdge, type Scored } from './scored.ts';

/** An offer that a member may get. */
export type Option = {
  offer: Offer;
  /** The place of its pool among the campaign's budgets. */
  pool: number;
  /** What giving it is worth, in the unit of the objective: fen of sales, or conversions; never negative. */
  value: number;
  costFen: number;
  /** The distribution that the value was drawn from. */
  expected: Worth;
};

/** What an evaluation depends on; without `noise`, uplifts are the expected ones. */
export type EvaluationInput = {
  coupons: Coupons;
  features: Features;
  tier: string;
  noise?: readonly number[];
};

export type Evaluation = { scores: Scores; options: Option[] };

/**
 * What each offer of a campaign is worth to give to a member. Incremental sales are counted at what the member usually
 * pays, or at the offer's threshold where that is more. The cost is the face value, which the budget holds ready until the
 * coupon is used or expires.
 */
export const evaluate = ({ coupons, features, tier, noise }: EvaluationInput, model: Model): Evaluation => {
  const scores = model(features, coupons.offers, noise);
  const basketFen = usualBasketFen(features);
  const options: Option[] = [];
  for (const [index, offer] of coupons.offers.entries()) {
    if (offer.tiers !== undefined && !offer.tiers.includes(tier)) continue;
    const { pConvert, sigma, uplift } = scores.offers[index]!;
    const worth = coupons.objective === 'conversions' ? 1 : Math.max(basketFen, offer.thresholdFen);
    options.push({
      offer,
      pool: coupons.budgets.findIndex(({ pool }) => pool === offer.pool),
      value: Math.max(0, uplift * worth),
      costFen: faceValueFen(offer),
      expected: { mean: (pConvert - scores.pConvertNone) * worth, sigma: sigma * worth },
    });
  }
  return { scores, options };
};

export const WITHHOLD_REASONS = [
  'control',
  'limit-reached',
  'not-eligible',
  'not-worth-its-price',
  'budget-empty',
] as const;

export type WithholdReason = (typeof WITHHOLD_REASONS)[number];

/** Everything that a decision depends on. */
export type DecisionInput = {
  coupons: Coupons;
  /** The id of the order's event. */
  eventId: string;
  member: string;
  tier: string;
  arm: Arm;
  features: Features;
  prices: Prices;
  noise: readonly number[];
  /** Whether the member may get a further coupon in the campaign. */
  isBelowLimit: boolean;
  /** What is left of the budgets that were found short, by budget key; the others have enough. */
  remainders: ReadonlyMap<string, number>;
};

/** Why an offer was given, as it is kept with the grant; numbers to four digits. */
export type GrantReason = {
  arm: SpendingArm;
  /** The probability that this decision gives this offer. */
  propensity: number;
  /** Of a fen of the offer's budget, in the unit of the objective. */
  price?: number;
  /** See {@link featureSummary}. */
  features?: number[];
  /** P(convert) without an offer, and then for each offer of the campaign with the uncertainty of its uplift. */
  scores?: [none: number, ...offers: [pConvert: number, sigma: number][]];
};

/** `scored` is what the model saw of the member's demand, where it was asked. */
export type Decision = (
  | { kind: 'give'; arm: SpendingArm; offer: Offer; reason: GrantReason }
  | { kind: 'withhold'; arm: Arm; reason: WithholdReason }
) & { scored?: Scored };

const DIGITS = 4;
const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : -1);

/** All features that the model was given, in the order of `Features`; -1 stands for infinity. */
const featureSummary = (features: Features): number[] =>
  [
    ...features.spendFen,
    ...features.orders,
    features.nearShare,
    features.refundedShare,
    features.recencyDays,
    features.tenureDays,
  ].map(rounded);

const scoreSummary = ({ pConvertNone, offers }: Scores): GrantReason['scores'] => [
  rounded(pConvertNone),
  ...offers.map(({ pConvert, sigma }): [number, number] => [rounded(pConvert), rounded(sigma)]),
];

/** The reason of an engine's grant; the presale's grants have the same, for their own price. */
export const engineReason = (
  { scores, options }: Evaluation,
  features: Features,
  chosen: number,
  priceOf: (option: Option) => number,
): GrantReason => {
  const worths = options.map((option) => ({
    mean: option.expected.mean - priceOf(option) * option.costFen,
    sigma: option.expected.sigma,
  }));
  return {
    arm: 'engine',
    propensity: rounded(propensityOf(worths, chosen)),
    price: rounded(priceOf(options[chosen]!)),
    features: featureSummary(features),
    scores: scoreSummary(scores),
  };
};

const decideBaseline = ({ coupons, tier, remainders }: DecisionInput): Decision => {
  const arm = 'baseline';
  const offer = coupons.offers.find(({ offerId }) => offerId === coupons.baselineOffer);
  if (offer === undefined || (offer.tiers !== undefined && !offer.tiers.includes(tier))) {
    return { kind: 'withhold', arm, reason: 'not-eligible' };
  }
  const remainingFen = remainders.get(budgetKeyOf(arm, offer.pool)) ?? Number.POSITIVE_INFINITY;
  if (remainingFen < faceValueFen(offer)) return { kind: 'withhold', arm, reason: 'budget-empty' };
  return { kind: 'give', arm, offer, reason: { arm, propensity: 1 } };
};

/** One member and the member's options, as the allocation takes them. */
const candidatesOf = (member: string, options: readonly Option[]): Candidates => ({
  members: 1,
  hash: Uint32Array.of(memberHash(member)),
  first: Uint32Array.of(0, options.length),
  value: Float64Array.from(options, ({ value }) => value),
  costFen: Float64Array.from(options, ({ costFen }) => costFen),
  pool: Uint8Array.from(options, ({ pool }) => pool),
});

/** What the model saw of a member's demand, whether there is money for it or not. */
const scoredOf = (
  { coupons, member, eventId }: DecisionInput,
  options: readonly Option[],
  price: readonly number[],
): Scored => {
  const calls = coupons.offers.length + 1;
  const edge = options.length === 0 ? undefined : drawnEdge(candidatesOf(member, options), price, eventId);
  return { calls, ...(edge && { edge }) };
};

const decideEngine = (input: DecisionInput, model: Model): Decision => {
  const { coupons, member, features, prices, remainders } = input;
  const arm = 'engine';
  const evaluation = evaluate(input, model);
  const keys = coupons.budgets.map(({ pool }) => budgetKeyOf(arm, pool));
  const price = keys.map((key) => prices[key] ?? 0);
  const scored = scoredOf(input, evaluation.options, price);
  if (evaluation.options.length === 0) return { kind: 'withhold', arm, reason: 'not-eligible', scored };
  const options = evaluation.options.filter(
    ({ pool, costFen }) => (remainders.get(keys[pool]!) ?? Number.POSITIVE_INFINITY) >= costFen,
  );
  if (options.length === 0) return { kind: 'withhold', arm, reason: 'budget-empty', scored };
  const chosen = choose(candidatesOf(member, options), 0, price);
  if (chosen === NONE) {
    // An offer that was left out for want of money may have been worth its price.
    const isShort = options.length < evaluation.options.length;
    return { kind: 'withhold', arm, reason: isShort ? 'budget-empty' : 'not-worth-its-price', scored };
  }
  const reason = engineReason({ ...evaluation, options }, features, chosen, ({ pool }) => price[pool]!);
  return { kind: 'give', arm, offer: options[chosen]!.offer, reason, scored };
};

/**
 * The next coupon for a member: the offer whose worth is the most above its price, by the same rule as in the presale
 * (`allocation/choose.ts`), the campaign's one coupon in the baseline arm, and none in the control arm.
 */
export const decide = (input: DecisionInput, model: Model): Decision => {
  const { arm, isBelowLimit } = input;
  if (arm === 'control') return { kind: 'withhold', arm, reason: 'control' };
  if (!isBelowLimit) return { kind: 'withhold', arm, reason: 'limit-reached' };
  switch (arm) {
    case 'engine':
      return decideEngine(input, model);
    case 'baseline':
      return decideBaseline(input);
    default:
      return arm satisfies never;
  }
};

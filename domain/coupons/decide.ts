/** Decides which coupon a member gets for an order, if any. Makes no calls. */
import { type Candidates, memberHash } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import type { Arm, SpendingArm } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import type { Halt } from '#domain/campaigns/budget-items.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { isWorthGiving } from '#domain/grants/grant.ts';
import { featureSummary, roundedFeature } from '#domain/members/feature-summary.ts';
import type { Features } from '#domain/members/profile.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { type DecidingModel, deciderFor } from './deciding-model.ts';
import { type Evaluation, evaluate, fallsWithTime, type Option } from './evaluate.ts';
import { type Chance, explorationOf, exploredChoice } from './explore.ts';
import type { Scores } from './model.ts';
import { drawnEdge, type Scored } from './scored.ts';
import { poolTimeLeftShare } from './time-left.ts';

/** The places of the reasons in this list are stored (`outcome.ts`), so the list may only grow at its end. */
export const WITHHOLD_REASONS = [
  'control',
  'limit-reached',
  'not-eligible',
  'not-worth-its-price',
  'budget-empty',
  /** "No coupon" was the random choice, see `explore.ts`. */
  'explored',
  /** The order came so late that every coupon for it would have expired, or would expire at once. */
  'already-expired',
  /** The order may have been decided before, and the decision is no longer remembered. */
  'too-late-to-decide',
  /** The campaign is paused, and would have given something. */
  'paused',
  /** The campaign is closed, and would have given something. */
  'closed',
  /** The order has already brought the most coupons that one order may bring, in other campaigns. */
  'enough-for-order',
] as const;

export type WithholdReason = (typeof WITHHOLD_REASONS)[number];

/** Everything that a decision depends on. */
export type DecisionInput = {
  campaignId: string;
  coupons: Coupons;
  /** The start and the end of the sale in which the coupons count, in ms since the epoch. */
  sale: { startsAtMs: number; endsAtMs: number };
  /** The id of the order's event, and its time. */
  eventId: string;
  timeMs: number;
  /** The present time on the orders' own clock, see `noteReached`. A coupon that has hardly any time left by then is useless. */
  reachedMs: number;
  member: string;
  tier: string;
  arm: Arm;
  features: Features;
  prices: Prices;
  /** Whether the member may get a further coupon in the campaign. */
  isBelowLimit: boolean;
  /**
   * What was left of budgets when they were last seen, in fen, by budget key. Budgets that are not listed
   * have enough.
   */
  remainders: ReadonlyMap<string, number>;
  /** Why the campaign gives nothing at all; undefined if it does. */
  halt: Halt | undefined;
};

/** Why an offer was given, as it is kept with the grant; numbers to four digits. */
export type GrantReason = {
  arm: SpendingArm;
  /** The probability that this decision gives this offer. */
  propensity: number;
  /** The price of one fen of the offer's budget, in the unit of the objective. */
  price?: number;
  /** The name and version of the model that decided, and whether it was the prior as the challenger of another model. */
  model?: string;
  isChallenger?: true;
  /** Whether the order that brought the coupon named an alias of the member. */
  isLinked?: true;
  /** All that the model knew about the member, in the form of `featureSummary`. */
  features?: number[];
  /**
   * The probability that the member converts: without an offer, and then with each offer of the campaign, together with
   * the uncertainty of that offer's uplift.
   */
  scores?: [none: number, ...offers: [pConvert: number, sigma: number][]];
  /** The choices that there were, so that the probability of every other choice is known too. */
  choice?: GrantChoice;
};

/** The offers that could be given, and the best of them or {@link NONE}, by their places among the campaign's offers. */
export type GrantChoice = { among: number[]; best: number };

export const choiceOf = (
  { offers }: Pick<Coupons, 'offers'>,
  options: readonly Pick<Option, 'offer'>[],
  best: number,
): GrantChoice => {
  const among = options.map(({ offer }) => offers.indexOf(offer));
  return { among, best: best === NONE ? NONE : among[best]! };
};

/** `propensity` is the probability of this decision; `scored` is what the model saw of the member's demand, if it was asked. */
export type Decision = (
  | { kind: 'give'; arm: SpendingArm; offer: Offer; reason: GrantReason }
  /** Without `chance`, the decision was not random. */
  | { kind: 'withhold'; arm: Arm; reason: WithholdReason; chance?: Chance }
) & { propensity: number; scored?: Scored };

const scoreSummary = ({ pConvertNone, offers }: Scores): GrantReason['scores'] => [
  roundedFeature(pConvertNone),
  ...offers.map(({ pConvert, sigma }): [number, number] => [roundedFeature(pConvert), roundedFeature(sigma)]),
];

/** The reason of a grant in the engine's arm. Grants of the presale have the same form, with the presale's price. */
export const engineReason = (
  { scores }: Evaluation,
  features: Features,
  {
    price,
    propensity,
    decider,
    choice,
  }: { price: number; propensity: number; decider: DecidingModel; choice: GrantChoice },
): GrantReason => ({
  arm: 'engine',
  propensity: roundedFeature(propensity),
  price: roundedFeature(price),
  model: decider.name,
  ...(decider.isChallenger && { isChallenger: true }),
  features: featureSummary(features),
  scores: scoreSummary(scores),
  choice,
});

/** A decision that the member's state and the money fully determine, so its probability is 1. */
const certain = (arm: Arm, reason: WithholdReason): Decision => ({
  kind: 'withhold',
  arm,
  reason,
  propensity: 1,
});

/** Whether a coupon for the order could still be used. */
const isInTime = ({ validHours }: Offer, { timeMs, reachedMs }: DecisionInput): boolean =>
  isWorthGiving(timeMs + validHours * HOUR_MS, reachedMs);

const decideBaseline = (input: DecisionInput): Decision => {
  const { coupons, tier, remainders } = input;
  const arm = 'baseline';
  const offer = coupons.offers.find(({ offerId }) => offerId === coupons.baselineOffer);
  if (offer === undefined || (offer.tiers !== undefined && !offer.tiers.includes(tier))) {
    return certain(arm, 'not-eligible');
  }
  if (!isInTime(offer, input)) return certain(arm, 'already-expired');
  const remainingFen = remainders.get(budgetKeyOf(arm, offer.pool)) ?? Number.POSITIVE_INFINITY;
  if (remainingFen < faceValueFen(offer)) return certain(arm, 'budget-empty');
  return { kind: 'give', arm, offer, reason: { arm, propensity: 1 }, propensity: 1 };
};

/** One member's options in the form that the allocation expects. */
const candidatesOf = (member: string, options: readonly Option[]): Candidates => ({
  members: 1,
  hash: Uint32Array.of(memberHash(member)),
  first: Uint32Array.of(0, options.length),
  value: Float64Array.from(options, ({ value }) => value),
  costFen: Float64Array.from(options, ({ costFen }) => costFen),
  pool: Uint8Array.from(options, ({ pool }) => pool),
});

/**
 * What the model saw of a member's demand, whether there is money for it or not. If values fall towards the sale's end, it is
 * stated as it would be with all the time left, so that the demand seen at one time predicts the demand at another.
 */
const scoredOf = (
  { coupons, member, eventId, sale, timeMs }: DecisionInput,
  options: readonly Option[],
  price: readonly number[],
): Scored => {
  const calls = coupons.offers.length + 1;
  const left = coupons.budgets.map(({ pool }) =>
    fallsWithTime(coupons) ? poolTimeLeftShare(coupons.offers, pool, { ...sale, atMs: timeMs }) : 1,
  );
  const whole = options.map((option) => ({ ...option, value: option.value / left[option.pool]! }));
  const wholePrice = price.map((each, pool) => each / left[pool]!);
  const edge = drawnEdge(candidatesOf(member, whole), wholePrice, eventId);
  return { calls, ...(edge && { edge }) };
};

const decideEngine = (input: DecisionInput, deciding: DecidingModel): Decision => {
  const { campaignId, coupons, eventId, member, features, prices, remainders } = input;
  const arm = 'engine';
  const decider = deciderFor(deciding, coupons, member);
  const evaluation = evaluate(
    { ...input, occasion: 'order', moment: { ...input.sale, atMs: input.timeMs } },
    decider.model,
  );
  const keys = coupons.budgets.map(({ pool }) => budgetKeyOf(arm, pool));
  const price = keys.map((key) => prices[key] ?? 0);
  const scored = scoredOf(input, evaluation.options, price);
  if (evaluation.options.length === 0) return { ...certain(arm, 'not-eligible'), scored };
  const inTime = evaluation.options.filter(({ offer }) => isInTime(offer, input));
  if (inTime.length === 0) return { ...certain(arm, 'already-expired'), scored };
  const options = inTime.filter(
    ({ pool, costFen }) => (remainders.get(keys[pool]!) ?? Number.POSITIVE_INFINITY) >= costFen,
  );
  if (options.length === 0) return { ...certain(arm, 'budget-empty'), scored };
  const best = choose(candidatesOf(member, options), 0, price);
  const { chosen, propensity, isExplored, chance } = exploredChoice(
    explorationOf(coupons, coupons.salt, campaignId, eventId),
    options.map(({ offer }) => offer.offerId),
    best,
  );
  if (chosen === NONE) {
    // An offer that was left out for lack of money may have been worth its price.
    const missed = options.length < inTime.length ? 'budget-empty' : 'not-worth-its-price';
    return { kind: 'withhold', arm, reason: isExplored ? 'explored' : missed, propensity, chance, scored };
  }
  const { offer, pool } = options[chosen]!;
  const choice = choiceOf(coupons, options, best);
  const reason = engineReason(evaluation, features, { price: price[pool]!, propensity, decider, choice });
  return { kind: 'give', arm, offer, reason, propensity, scored };
};

const chosenFor = (input: DecisionInput, model: DecidingModel): Decision => {
  const { arm, isBelowLimit } = input;
  if (arm === 'control') return certain(arm, 'control');
  if (!isBelowLimit) return certain(arm, 'limit-reached');
  switch (arm) {
    case 'engine':
      return decideEngine(input, model);
    case 'baseline':
      return decideBaseline(input);
    default:
      return arm satisfies never;
  }
};

/**
 * The next coupon for a member. In the engine's arm it is the offer whose worth exceeds its price the most,
 * by the same rule as in the presale (`allocation/choose.ts`), and now and then a random choice
 * (`explore.ts`). The baseline arm gives the same coupon to all who may get it while there is money, and the
 * control arm gives none. What a paused or closed campaign would have given is withheld; the model is
 * evaluated nevertheless, so that the pacer sees the demand.
 */
export const decide = (input: DecisionInput, model: DecidingModel): Decision => {
  const decision = chosenFor(input, model);
  if (decision.kind === 'withhold' || input.halt === undefined) return decision;
  const { arm, scored } = decision;
  return { ...certain(arm, input.halt), ...(scored && { scored }) };
};

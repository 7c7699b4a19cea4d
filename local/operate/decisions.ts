import type { GrantReason } from '#domain/coupons/decide.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { formatTime } from '#events/contract.ts';
import { type Coupons, DEFAULT_EPSILON, DEFAULT_SETTLEMENT_HOURS } from '#events/sections/coupons.ts';
import { InputError } from '#local/console/input-error.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { openedDefinition } from './campaigns.ts';
import { scanGrants } from './grants.ts';
import type { Target } from './target.ts';

/** A decision in the form that `npm run offpolicy` reads: which of the offers a member got, given that the member got one. */
export type DecisionLine = {
  decision: string;
  memberId: string;
  decidedAt: string;
  model: string;
  features: readonly number[];
  actions: { action: string; propensity: number; predicted: number }[];
  chosen: string;
  reward: 0 | 1;
};

export const DECISION_COLUMNS = [
  ...(['decision', 'memberId', 'decidedAt', 'model', 'features', 'actions', 'chosen', 'reward'] as const),
] as const satisfies readonly (keyof DecisionLine)[];

/** Decisions that are not exported, by reason. */
export type LeftOut = {
  /** The engine did not choose, so there was no random choice. */
  notChosen: number;
  /** Made by a version that did not store the possible choices. */
  unknown: number;
  /** The coupon may still be used. */
  open: number;
};

/**
 * The probability of each offer, given that one of them was given. These decisions do not cover whether an offer was given at
 * all: decisions that gave none are not stored, and the effect of giving is measured by the control arm.
 *
 * `among` is the number of offers. `best` is the place of the best choice among them, undefined if it was to give none.
 */
export const propensitiesOf = (among: number, best: number | undefined, epsilon: number): number[] => {
  const byChance = epsilon / (among + 1);
  const weights = Array.from({ length: among }, (_, i) => (i === best ? 1 - epsilon : 0) + byChance);
  const any = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / any);
};

/** The decision that is stored with a grant; undefined if there is none. */
export const decisionOf = (
  { id, member, offer, grantedMs, state, reason }: StoredGrant,
  { offers, epsilon = DEFAULT_EPSILON }: Pick<Coupons, 'offers' | 'epsilon'>,
): DecisionLine | undefined => {
  const { choice, scores, features = [], model = '' } = JSON.parse(reason) as Partial<GrantReason>;
  if (choice === undefined || scores === undefined) return undefined;
  const { among } = choice;
  const best = among.indexOf(choice.best);
  const propensities = propensitiesOf(among.length, best < 0 ? undefined : best, epsilon);
  const [, ...scored] = scores;
  return {
    decision: id,
    memberId: member,
    decidedAt: formatTime(grantedMs),
    model,
    features,
    actions: among.map((place, i) => ({
      action: offers[place]!.offerId,
      propensity: propensities[i]!,
      predicted: scored[place]![0],
    })),
    chosen: offer,
    reward: state === 'redeemed' ? 1 : 0,
  };
};

/**
 * The engine's decisions to give a coupon in a campaign, in no particular order. Exports only decisions
 * whose coupon can no longer be used, whether it was used or not: the outcome of a newer coupon is known only
 * if it was used, so with such coupons the log would show too large a share of used ones. `withOpen` exports
 * all decisions, with their present outcome. `leftOut` is complete once all lines are read. Throws an
 * InputError if there is no such campaign with coupons.
 */
export const exportDecisions = async (
  target: Target,
  campaignId: string,
  withOpen: boolean,
): Promise<{ lines: AsyncGenerator<DecisionLine>; leftOut: LeftOut }> => {
  const { runtime } = target;
  const { coupons } = await openedDefinition(target, campaignId);
  if (coupons === undefined)
    throw new InputError(`campaign ${campaignId}: expected one with coupons, got one without`);
  const settledMs = runtime.clock.nowMs() - (coupons.settlementHours ?? DEFAULT_SETTLEMENT_HOURS) * HOUR_MS;
  const leftOut: LeftOut = { notChosen: 0, unknown: 0, open: 0 };
  const lines = async function* (): AsyncGenerator<DecisionLine> {
    for await (const grant of scanGrants(target)) {
      if (grant.campaignId !== campaignId || grant.kind !== 'coupon') continue;
      const decision = decisionOf(grant, coupons);
      if (!grant.budget.startsWith('engine/')) leftOut.notChosen++;
      else if (decision === undefined) leftOut.unknown++;
      else if (grant.expiresMs > settledMs && !withOpen) leftOut.open++;
      else yield decision;
    }
  };
  return { lines: lines(), leftOut };
};

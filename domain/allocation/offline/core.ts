import { type Constraints, pricesOf } from '../budget.ts';
import type { CandidateList, Candidates } from '../candidates.ts';
import { NONE } from '../choose.ts';
import { minimiseDual } from '../dual.ts';
import type { Audience } from './audience.ts';
import { boxAround, isInside, type PriceBox, rangeOf } from './price-box.ts';
import { roundToWholeOffers } from './round-to-whole-offers.ts';
import { Survey } from './survey.ts';

/** Who gets what: a function of the member and the prices, except for the few members of the core, who are listed. */
export interface AudiencePlan {
  readonly constraints: Constraints;
  /** The price of each constraint, and of a fen of each pool, at the optimum: value per fen. */
  readonly dual: Float64Array;
  readonly price: Float64Array;
  /** No plan within the budgets is worth more. */
  readonly bound: number;
  /** Whether the bound is the optimum of the linear relaxation (within rounding), and not only above it. */
  readonly isOptimal: boolean;
  /** How often the audience was gone through. */
  readonly passes: number;
  /** Who is in the core, and what everybody else chooses. */
  readonly survey: Survey;
  /** What each member of the core gets: the index of one of their offers, or -1. */
  readonly given: Int32Array;
}

/** This many offers are enough to round the optimum. Many more take time and find nothing better. */
const ROUNDED_OFFERS = 1 << 15;
const WIDEST = 1 / 64;
const NARROWING = 4;
/** Bounds on temperatures, as shares of a mean value. A search in a box starts at the box's width, within these bounds. */
const WARMEST = 0.1;
const LEAST_WARM = 1e-7;
const COLDEST = 1e-9;

/** Reads an audience, and decides all members whose choice is the same at all prices in a box. */
export const surveyed = (
  audience: Audience,
  constraints: Constraints,
  box: PriceBox,
  maxCoreOffers: number,
): Survey => {
  const survey = new Survey(rangeOf(constraints, box), maxCoreOffers);
  for (const part of audience.parts()) survey.add(part);
  return survey;
};

/** The fen of each constraint that amounts spent of the pools use. */
export const usedFen = (constraints: Constraints, spentFen: Float64Array): Float64Array => {
  const used = new Float64Array(constraints.capFen.length);
  spentFen.forEach((fen, pool) => {
    for (const k of [constraints.own[pool]!, constraints.total]) if (k >= 0) used[k]! += fen;
  });
  return used;
};

/** What a survey leaves of the budgets; less than nothing, if the optimum lies at higher prices than were surveyed. */
export const withoutDecided = (constraints: Constraints, survey: Survey): Constraints => {
  const used = usedFen(constraints, survey.decidedFen);
  return { ...constraints, capFen: constraints.capFen.map((fen, k) => fen - used[k]!) };
};

/** Rounds a core's offers. A budget that is already overdrawn has nothing left to give. */
const roundedCore = (core: CandidateList, constraints: Constraints, dual: Float64Array): Int32Array =>
  roundToWholeOffers(
    core,
    { ...constraints, capFen: constraints.capFen.map((fen) => Math.max(0, fen)) },
    dual,
  ).choice;

/** Offers of a survey's core by their numbers among a member's offers. */
const numbered = (survey: Survey, choice: Int32Array): Int32Array =>
  choice.map((at, member) => (at === NONE ? NONE : at - survey.core.first[member]!));

/**
 * What each member gets; members must be asked in the order of the audience. Members of the core get what is listed, the others
 * what they choose.
 */
export const chooser = (
  survey: Survey,
  given: Int32Array,
): ((part: Candidates, member: number) => number) => {
  const { ordinals } = survey;
  let ordinal = 0;
  let listed = 0;
  return (part, member) => {
    const here = ordinal++;
    if (ordinals[listed] !== here) return survey.choiceOf(part, member, here);
    const offer = given[listed++]!;
    return offer === NONE ? NONE : part.first[member]! + offer;
  };
};

/** Whole offers at optimal prices: members far from any other choice keep theirs, the others are rounded. */
const rounded = (core: CandidateList, constraints: Constraints, dual: Float64Array): Int32Array => {
  if (core.offers <= ROUNDED_OFFERS) return roundedCore(core, constraints, dual);
  const audience: Audience = { parts: () => [core] };
  let survey: Survey;
  let width = WIDEST;
  do {
    survey = surveyed(audience, constraints, boxAround(constraints, dual, width), ROUNDED_OFFERS);
    width /= NARROWING;
  } while (survey.overflowed && width > Number.EPSILON);
  const choice = roundedCore(survey.core, withoutDecided(constraints, survey), dual);
  const chosen = chooser(survey, numbered(survey, choice));
  return Int32Array.from({ length: core.members }, (_, member) => chosen(core, member));
};

/** The prices that were surveyed, and the part of them in which the optimum is searched. */
type CompletionBoxes = { surveyed: PriceBox; searched: PriceBox };

/** The plan of what a survey decides and of what it leaves open. */
export const completed = (
  constraints: Constraints,
  survey: Survey,
  { surveyed: surveyedBox, searched: box }: CompletionBoxes,
  passes: number,
): AudiencePlan => {
  const { core } = survey;
  const left = withoutDecided(constraints, survey);
  const width = Math.max(...box.high.map((high, k) => (high > 0 ? (high - box.low[k]!) / high : 0)));
  const { dual, bound } = minimiseDual(core, left, {
    start: box.at,
    low: box.low,
    high: box.high,
    warmest: Math.min(WARMEST, Math.max(LEAST_WARM, width)),
    coldest: COLDEST,
  });
  return {
    constraints,
    dual,
    price: pricesOf(constraints, dual, new Float64Array(constraints.own.length)),
    bound: bound + survey.decidedWorth,
    isOptimal: isInside(surveyedBox, dual) && !survey.overflowed && left.capFen.every((fen) => fen >= 0),
    passes,
    survey,
    given: numbered(survey, rounded(core, left, dual)),
  };
};

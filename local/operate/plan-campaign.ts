import { type Arm, armOf, type SpendingArm, spendingArms } from '#domain/campaigns/arms.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { deciderFor, readDecidingModel } from '#domain/coupons/deciding-model.ts';
import { DEFAULT_CONFIDENCE } from '#domain/experiment/boundary.ts';
import { normalQuantile } from '#domain/experiment/normal-quantile.ts';
import { couponsNeeded, equalSize } from '#domain/experiment/readout.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { type Member, scanMembers } from '#domain/members/members-table.ts';
import { decodeProfile, featuresOf } from '#domain/members/profile.ts';
import {
  type AudienceTallies,
  decodeTallies,
  emptyTallies,
  encodeTallies,
  limitsOfSegment,
  mergeTallies,
} from '#domain/presale/audience-tallies.ts';
import { addGiven, nothingGiven } from '#domain/presale/correct-pass.ts';
import { evaluateForPresale, type Presale } from '#domain/presale/evaluate-for-presale.ts';
import { countMember } from '#domain/presale/plan-pass.ts';
import {
  correctPlan,
  isCorrected,
  type PresalePlan,
  planPresale,
  presaleGrant,
} from '#domain/presale/presale-plan.ts';
import { type CampaignDefinition, campaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { InputError } from '#local/console/input-error.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';

/** Segments that are read at a time: one waits for its page while another is processed. */
const SEGMENTS_AT_ONCE = 4;
/** As many as a presale of about 32,000 members has. Another number changes the sample for several budgets a little. */
const SEGMENTS = 32;
const LIMITS = limitsOfSegment(SEGMENTS);

export type Expected = { estimate: number; low: number; high: number };

/** Coupons of a kind: how many, what they are worth, and what is expected of them. */
export type PlannedCoupons = {
  coupons: number;
  faceFen: number;
  redemptions: Expected;
  /** Orders that would not be made without them. */
  moreOrders: Expected;
};

export type PlannedGroup = PlannedCoupons & { arm: SpendingArm; offerId: string; tier: string };
export type PlannedArm = PlannedCoupons & { arm: SpendingArm; presaleFen: number };

export type CampaignPlan = {
  campaignId: string;
  /** All known members, by arm. */
  members: Record<Arm, number>;
  model: string;
  /** The price of a fen in the presale, by budget: one price, or the two between which it lies. */
  presalePrices: Record<string, number[]>;
  /** The price of a fen when the sale begins. */
  openingPrices: Prices;
  arms: PlannedArm[];
  groups: PlannedGroup[];
  /**
   * How many members each arm needs to detect that coupons of the engine are used 15 % more often than those of the baseline;
   * undefined if one of the two arms gives no coupons, or if no use is expected in the baseline.
   */
  readout?: { usedShare: number; membersNeeded: number; isEnough: boolean };
};

/**
 * Sums over coupons. The chances of members are independent, so their variances are added. An error of the model concerns all
 * members alike, so its standard deviations are added.
 */
type Sums = { coupons: number; faceFen: number; used: number; usedVariance: number } & {
  more: number;
  moreVariance: number;
  sigma: number;
};

const emptySums = (): Sums => ({
  ...{ coupons: 0, faceFen: 0, used: 0, usedVariance: 0 },
  ...{ more: 0, moreVariance: 0, sigma: 0 },
});

const Z = normalQuantile(1 - (1 - DEFAULT_CONFIDENCE) / 2);

const expected = (estimate: number, variance: number, sigma: number, atLeast: number): Expected => {
  const reach = Z * Math.sqrt(variance + sigma ** 2);
  return { estimate, low: Math.max(atLeast, estimate - reach), high: estimate + reach };
};

const plannedOf = ({
  coupons,
  faceFen,
  used,
  usedVariance,
  more,
  moreVariance,
  sigma,
}: Sums): PlannedCoupons => ({
  coupons,
  faceFen,
  redemptions: expected(used, usedVariance, sigma, 0),
  moreOrders: expected(more, moreVariance, sigma, Number.NEGATIVE_INFINITY),
});

const addGrant = (sums: Sums, presale: Presale, member: Member, grant: Grant): void => {
  const { coupons, model, startsAtMs } = presale;
  const scores = deciderFor(model, coupons, member.member).model(
    featuresOf(decodeProfile(member.profile), startsAtMs),
    coupons.offers,
    'presale',
  );
  const none = scores.pConvertNone;
  const { pConvert, pUsed, uplift, sigma } =
    scores.offers[coupons.offers.findIndex(({ offerId }) => offerId === grant.offer)]!;
  sums.coupons++;
  sums.faceFen += grant.faceFen;
  sums.used += pUsed;
  sums.usedVariance += pUsed * (1 - pUsed);
  sums.more += uplift;
  sums.moreVariance += pConvert * (1 - pConvert) + none * (1 - none);
  sums.sigma += sigma;
};

/** Passes every member to `take`, with the number of its segment. The segments are like those of a presale. */
const eachMember = async (
  runtime: Runtime,
  take: (member: Member, segment: number) => void,
): Promise<void> => {
  await mapLimited([...Array(SEGMENTS).keys()], SEGMENTS_AT_ONCE, async (index) => {
    let cursor: Awaited<ReturnType<typeof scanMembers>>['cursor'];
    do {
      const page = await scanMembers(runtime, { index, segments: SEGMENTS }, cursor);
      for (const member of page.members) take(member, index);
      cursor = page.cursor;
    } while (cursor !== undefined);
  });
};

type Given = { members: Record<Arm, number>; groups: Map<string, Sums>; arms: Map<SpendingArm, Sums> };

const give = async (runtime: Runtime, presale: Presale, plan: PresalePlan): Promise<Given> => {
  const given: Given = {
    members: { engine: 0, baseline: 0, control: 0 },
    groups: new Map(),
    arms: new Map(spendingArms(presale.coupons).map((arm) => [arm, emptySums()])),
  };
  await eachMember(runtime, (member) => {
    given.members[armOf(presale.coupons, member.member)]++;
    const candidate = evaluateForPresale(presale, member);
    const grant = candidate && presaleGrant(presale, plan, candidate);
    if (grant === undefined) return;
    const key = JSON.stringify([candidate!.arm, grant.offer, member.tier]);
    const group = given.groups.get(key) ?? emptySums();
    given.groups.set(key, group);
    addGrant(group, presale, member, grant);
    addGrant(given.arms.get(candidate!.arm)!, presale, member, grant);
  });
  return given;
};

/**
 * The plan by which the presale would issue coupons. With several budgets it is the draft, corrected by what the
 * draft gives to the members.
 */
const corrected = async (
  runtime: Runtime,
  presale: Presale,
  tallies: AudienceTallies,
  draft: PresalePlan,
): Promise<PresalePlan> => {
  if (!isCorrected(presale.coupons)) return draft;
  const given = nothingGiven(presale);
  await eachMember(runtime, (member) => addGiven(given, presale, draft, evaluateForPresale(presale, member)));
  return correctPlan(presale, tallies, draft, [...given]);
};

const presalePricesOf = ({ budgets }: Coupons, { pricings }: PresalePlan): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(pricings).flatMap(([arm, pricing]) =>
      // The baseline serves its members in the order of a hash, and not by a price.
      arm === 'baseline'
        ? []
        : budgets.map(({ pool }, i): [string, number[]] => [
            `${arm}/${pool}`,
            pricing.kind === 'band' ? [pricing.band.low, pricing.band.high] : [pricing.prices[i]!],
          ]),
    ),
  );

const readoutOf = ({ members, arms }: Given): Pick<CampaignPlan, 'readout'> => {
  const [engine, baseline] = [arms.get('engine'), arms.get('baseline')];
  if (engine === undefined || baseline === undefined) return {};
  if (engine.coupons === 0 || baseline.coupons === 0 || baseline.used === 0) return {};
  const usedShare = baseline.used / baseline.coupons;
  const coupons = couponsNeeded(usedShare, DEFAULT_CONFIDENCE);
  return {
    readout: {
      usedShare,
      membersNeeded: Math.ceil((coupons * members.baseline) / baseline.coupons),
      isEnough: equalSize(engine.coupons, baseline.coupons) >= coupons,
    },
  };
};

/**
 * What the presale of a campaign would give to the members known now, and the expected effect. It uses the presale's own passes:
 * it reads every member twice, or three times if the presale has several budgets, and writes nothing. Throws an InputError for a
 * campaign without coupons.
 */
export const planCampaign = async (
  runtime: Runtime,
  definition: CampaignDefinition,
): Promise<CampaignPlan> => {
  const { campaignId, coupons } = definition;
  if (coupons === undefined)
    throw new InputError(`campaign ${campaignId}: expected one with coupons, got one without`);
  const { startsAtMs, endsAtMs } = campaignSettings(definition);
  const model = await readDecidingModel(runtime, campaignId, coupons);
  // The plan counts grants and shows no ids, so it needs no key.
  const presale: Presale = { campaignId, startsAtMs, endsAtMs, coupons, model, idKey: undefined };
  const tallies = Array.from({ length: SEGMENTS }, (): AudienceTallies => emptyTallies(coupons, LIMITS));
  await eachMember(runtime, (member, segment) => countMember(tallies[segment]!, presale, member));
  // The presale stores its counts between its passes. Storing rounds them, so the counts here are encoded and decoded too.
  const stored = tallies.map((each) => decodeTallies(coupons, encodeTallies(each), LIMITS));
  const whole = mergeTallies(coupons, stored);
  const plan = await corrected(runtime, presale, whole, planPresale(presale, whole));
  const given = await give(runtime, presale, plan);
  const budgets = campaignBudgets(coupons);
  return {
    campaignId,
    members: given.members,
    model: model.name,
    presalePrices: presalePricesOf(coupons, plan),
    openingPrices: plan.opening,
    arms: [...given.arms].map(([arm, sums]) => ({
      arm,
      presaleFen: budgets
        .filter((one) => one.arm === arm)
        .reduce((sum, { presaleFen }) => sum + presaleFen, 0),
      ...plannedOf(sums),
    })),
    groups: [...given.groups]
      .map(([key, sums]): PlannedGroup => {
        const [arm, offerId, tier] = JSON.parse(key) as [SpendingArm, string, string];
        return { arm, offerId, tier, ...plannedOf(sums) };
      })
      .sort((a, b) => b.arm.localeCompare(a.arm) || b.faceFen - a.faceFen),
    ...readoutOf(given),
  };
};

/**
 * What a presale issues, compared with the linear optimum. Takes some minutes.
 *
 *     npm run node -- tests/bench/presale.ts [--members N] [--offers N]
 *
 * The functions' own code counts the audience in segments, plans, corrects the plan of several pools, and chooses each member's
 * coupon; tables and queues are left out, and a coupon for which its budget has too little left is not issued. For each class of
 * instances from the literature, with one pool and with ten, without random choices and with the usual share of them:
 *
 * - `draft`: the value that the plan would issue if it were not corrected, as a share of the optimum.
 * - `issued`: the value of what is issued, as a share of the optimum. HiGHS computes the optimum; for more than 20,000 members it is
 *   the least value of the dual function, which no plan exceeds.
 * - `spent`: the money that is spent, as a share of all pools' money. It is at most 1.
 * - `refused`: the number of chosen coupons whose budget had too little left.
 */
import { parseArgs } from 'node:util';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { emptyProfile, featuresOf } from '#domain/members/profile.ts';
import {
  count,
  decodeTallies,
  emptyTallies,
  encodeTallies,
  limitsOfSegment,
  mergeTallies,
} from '#domain/presale/audience-tallies.ts';
import { addGiven, nothingGiven } from '#domain/presale/correct-pass.ts';
import type { Presale, PresaleCandidate } from '#domain/presale/evaluate-for-presale.ts';
import {
  correctPlan,
  isCorrected,
  type PresalePlan,
  planPresale,
  presaleGrant,
} from '#domain/presale/presale-plan.ts';
import { type Coupons, DEFAULT_EPSILON } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { drawInstance, INSTANCE_CLASSES, type Instance } from '../allocation/instances.ts';
import { leastDual } from '../allocation/least-dual.ts';
import { linearOptimum } from '../allocation/linear-program.ts';

const SEED = 1;
const SEGMENTS = 16;
const POOLS = [1, 10];
const { values } = parseArgs({
  options: { members: { type: 'string' }, offers: { type: 'string', default: '8' } },
});
const SIZES =
  values.members === undefined
    ? [
        { members: 20_000, offers: 5 },
        { members: 5_000, offers: 20 },
        { members: 400_000, offers: 8 },
      ]
    : [{ members: Number(values.members), offers: Number(values.offers) }];
/** For more members than this, HiGHS would take hours and gigabytes. */
const MEMBERS_OF_HIGHS = 20_000;
const CAMPAIGN = 'presale';
const FEATURES = featuresOf(emptyProfile(), 0);

const couponsFor = ({ budgets }: Instance, epsilon: number): Coupons => ({
  budgets: budgets.poolFen.map((totalFen, pool) => ({ pool: `pool-${pool}`, totalFen, presaleShare: 1 })),
  offers: [],
  salt: CAMPAIGN,
  objective: 'conversions',
  perMemberLimit: 1,
  epsilon,
});

/** A member of an instance, as `evaluateForPresale` would describe it. */
const candidateOf = ({ candidates }: Instance, member: number): PresaleCandidate => {
  const { first, hash, pool, value, costFen } = candidates;
  const places = Array.from({ length: first[member + 1]! - first[member]! }, (_, i) => first[member]! + i);
  return {
    member: `m${member}`,
    hash: hash[member]!,
    arm: 'engine',
    options: places.map((at, i) => ({
      offer: {
        offerId: `offer-${i}`,
        pool: `pool-${pool[at]}`,
        thresholdFen: costFen[at]!,
        discountFen: costFen[at]!,
        scope: 'all',
        validHours: 1,
      },
      pool: pool[at]!,
      value: value[at]!,
      costFen: costFen[at]!,
    })),
    evaluation: { scores: { pConvertNone: 0, incrementalShare: 1, offers: [] }, options: [] },
    features: FEATURES,
  };
};

type Issued = { value: number; spentFen: number; refused: number };

const presaleFor = (coupons: Coupons): Presale => ({
  campaignId: CAMPAIGN,
  startsAtMs: 0,
  endsAtMs: HOUR_MS,
  coupons,
  model: PRIOR,
  idKey: undefined,
});

const eachCandidate = function* (instance: Instance): Generator<PresaleCandidate> {
  for (let member = 0; member < instance.candidates.members; member++) yield candidateOf(instance, member);
};

/** The draft, and the plan by which the presale issues. */
const plansFor = (presale: Presale, instance: Instance): { draft: PresalePlan; plan: PresalePlan } => {
  const { coupons } = presale;
  const limits = limitsOfSegment(SEGMENTS);
  const segments = Array.from({ length: SEGMENTS }, () => emptyTallies(coupons, limits));
  let member = 0;
  for (const candidate of eachCandidate(instance)) count(segments[member++ % SEGMENTS]!, presale, candidate);
  const read = segments.map((tallies) => decodeTallies(coupons, encodeTallies(tallies), limits));
  const tallies = mergeTallies(coupons, read);
  const draft = planPresale(presale, tallies);
  if (!isCorrected(coupons)) return { draft, plan: draft };
  const given = nothingGiven(presale);
  for (const candidate of eachCandidate(instance)) addGiven(given, presale, draft, candidate);
  return { draft, plan: correctPlan(presale, tallies, draft, [...given]) };
};

const issue = (presale: Presale, instance: Instance, plan: PresalePlan): Issued => {
  const left = new Map(campaignBudgets(presale.coupons).map(({ key, presaleFen }) => [key, presaleFen]));
  const issued: Issued = { value: 0, spentFen: 0, refused: 0 };
  for (const candidate of eachCandidate(instance)) {
    const grant = presaleGrant(presale, plan, candidate);
    if (grant === undefined) continue;
    const leftFen = left.get(grant.budget)!;
    if (leftFen < grant.faceFen) {
      issued.refused++;
      continue;
    }
    left.set(grant.budget, leftFen - grant.faceFen);
    issued.spentFen += grant.faceFen;
    issued.value += candidate.options.find(({ offer }) => offer.offerId === grant.offer)!.value;
  }
  return issued;
};

const optimumOf = async (instance: Instance): Promise<number> =>
  instance.candidates.members > MEMBERS_OF_HIGHS
    ? leastDual(instance)
    : (await linearOptimum(instance)).optimum;

const rows = [];
for (const kind of INSTANCE_CLASSES) {
  for (const { members, offers } of SIZES) {
    for (const pools of POOLS) {
      const instance = drawInstance(kind, { members, offers, pools }, SEED);
      const optimum = await optimumOf(instance);
      const moneyFen = instance.budgets.poolFen.reduce((sum, fen) => sum + fen, 0);
      for (const epsilon of [0, DEFAULT_EPSILON]) {
        const presale = presaleFor(couponsFor(instance, epsilon));
        const { draft, plan } = plansFor(presale, instance);
        const { value, spentFen, refused } = issue(presale, instance, plan);
        const row = {
          class: kind,
          members,
          offers,
          pools,
          epsilon,
          draft: draft === plan ? '' : (issue(presale, instance, draft).value / optimum).toFixed(5),
          issued: (value / optimum).toFixed(5),
          spent: (spentFen / moneyFen).toFixed(5),
          refused,
        };
        rows.push(row);
        console.error(JSON.stringify(row));
      }
    }
  }
}
console.table(rows);

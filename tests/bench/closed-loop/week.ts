import type { Prices } from '#domain/campaigns/prices.ts';
import { decide } from '#domain/coupons/decide.ts';
import type { DecidingModel } from '#domain/coupons/deciding-model.ts';
import { exampleOf } from '#domain/coupons/examples.ts';
import { type Model, PRIOR_INCREMENTAL_SHARE } from '#domain/coupons/model.ts';
import { isVersionDue } from '#domain/coupons/publish-model.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import type { Example } from '#domain/learning/example.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import { answerRatio, PRIOR_PLACE, PRIOR_SCALE } from '#domain/learning/use-model.ts';
import { emptyUseStatistics, mergeUseStatistics, useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { emptyProfile, featuresOf, observe, type Profile } from '#domain/members/profile.ts';
import { paced, type Reading, rescaled } from '#domain/pacing/pace.ts';
import { timeLeftIn } from '#domain/pacing/pace-campaigns.ts';
import { type CampaignSettings, campaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sumOf } from '#platform/collections.ts';
import { HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import { eventIdOf } from '#platform/hash.ts';
import { SaleWeek, WEEK_DAYS, WEEK_END_MS, WEEK_MS, type WeekOrder } from '#simulator/week.ts';
import { Judge, type Stretch } from './judge.ts';
import { BUDGET, CAMPAIGN, dayOf, definitionOf, OFFER_COSTS } from './week-campaign.ts';
import { modelOf, START, type WeekModel } from './week-models.ts';

/** What decides in a week, and whether it learns or keeps its weights. */
export type WeekEngine = WeekModel & { learns: boolean; epsilon: number };

export type WeekOptions = {
  /** How many times as much money there is as usual. */
  money?: number;
  /** Profiles of members after the history, see {@link profilesBefore}; the same for all engines of a world. */
  before?: ReadonlyMap<number, Profile>;
  /** Models that are asked about each order, in addition to the model that decides. */
  judged?: Readonly<Record<string, Model>>;
};

export type WeekResult = {
  /** For each day: how many of the day's coupons are expected to be used, and what all of them cost, in fen. */
  used: number[];
  spentFen: number[];
  spentShare: number;
  versions: number;
  /** For each part of a day in which one version decided: what each model said of its orders. `own` is the model that decided. */
  stretches: Stretch[];
  /** The examples of all coupons of the week. */
  examples: Example[];
};

const TICK_MS = 10 * MINUTE_MS;
const MEAN_FACE_FEN = sumOf(OFFER_COSTS) / OFFER_COSTS.length;
/** In redemptions per fen: low, so that the first ticks raise it. */
const OPENING_PRICE = (PRIOR_INCREMENTAL_SHARE * 0.1) / MEAN_FACE_FEN;

/** A grant's example, with the answer of the engine's own prior. */
const exampleFor = (
  kind: 'issued' | 'redeemed',
  grant: Grant,
  campaign: { settings: CampaignSettings; coupons: Coupons },
  { prior }: WeekModel,
): Example => {
  const [said] = exampleOf(kind, grant, campaign);
  const { example } = said!;
  const features = [...example.features];
  const share = features[0]!;
  // The stored feature is the prior's answer times its scale and the share of time left.
  const answer = features[PRIOR_PLACE]! / PRIOR_SCALE / share;
  features[PRIOR_PLACE] = Math.round(prior(answer) * PRIOR_SCALE * share);
  return { ...example, features };
};

const seen = (profile: Profile | undefined, { timeMs, channel, amountFen, id }: WeekOrder): Profile => {
  const order = { id: eventIdOf('/week', id), timeMs, kind: 'paid' as const, channel, amountFen };
  return observe(profile ?? emptyProfile(), order);
};

/** The members' profiles when the week begins. */
export const profilesBefore = (seed: number, members: number): Map<number, Profile> => {
  const profiles = new Map<number, Profile>();
  for (const order of new SaleWeek(seed, members).history)
    profiles.set(order.member, seen(profiles.get(order.member), order));
  return profiles;
};

/** Simulates a week of a world in which an engine decides for all members. */
export const liveWeek = (
  seed: number,
  members: number,
  engine: WeekEngine,
  { money = 1, before: known, judged = {} }: WeekOptions = {},
): WeekResult => {
  const week = new SaleWeek(seed, members);
  const profiles = new Map(known ?? profilesBefore(seed, members));
  const see = (order: WeekOrder): Profile => {
    const profile = seen(profiles.get(order.member), order);
    profiles.set(order.member, profile);
    return profile;
  };
  const definition = definitionOf(week.world, members, { money, epsilon: engine.epsilon });
  const { coupons } = definition;
  const settings = campaignSettings(definition);
  const campaign = { settings, coupons };
  const { totalFen } = coupons.budgets[0]!;
  const key = BUDGET;
  let model = engine.weights ?? START;
  const answers: Model = (...question) => modelOf({ ...engine, weights: model })(...question);
  const deciding: DecidingModel = { name: 'week', model: answers };
  const judge = new Judge(week, judged);
  let leftFen = totalFen;
  let prices: Prices = { [key]: OPENING_PRICE };
  let before: Reading = { atMs: WEEK_MS, remainingFen: { [key]: leftFen }, observedShare: 0, courses: {} };
  const demand = new Map<number, number>();
  let asked = 0;
  const grants = new Map<string, Grant>();
  const slots = new Map<number, number>();
  const waiting: Example[] = [];
  const all: Example[] = [];
  const statistics = emptyUseStatistics();
  const used = new Array<number>(WEEK_DAYS).fill(0);
  const spentFen = new Array<number>(WEEK_DAYS).fill(0);
  const teach = (example: Example): void => {
    waiting.push(example);
    all.push(example);
  };
  const onOrder = (order: WeekOrder): void => {
    const { member, timeMs, id } = order;
    const grant = order.coupon === undefined ? undefined : grants.get(order.coupon);
    if (grant !== undefined) teach(exampleFor('redeemed', grant, campaign, engine));
    const eventId = eventIdOf('/week', id);
    const features = featuresOf(see(order), timeMs);
    const version = String(model.version);
    judge.see(order, features, { version, own: answers });
    const name = `m${member}`;
    const slot = slots.get(member) ?? 0;
    const decision = decide(
      {
        campaignId: CAMPAIGN,
        coupons,
        sale: settings,
        eventId,
        timeMs,
        reachedMs: timeMs,
        member: name,
        tier: '',
        arm: 'engine',
        features,
        prices,
        isBelowLimit: slot < coupons.perMemberLimit,
        halt: undefined,
        remainders: new Map([[key, leftFen]]),
      },
      deciding,
    );
    asked++;
    const edge = decision.scored?.edge;
    if (edge !== undefined) demand.set(edge.bucket, (demand.get(edge.bucket) ?? 0) + edge.fen);
    if (decision.kind !== 'give') return;
    const given = couponGrant({
      campaignId: CAMPAIGN,
      member: name,
      slot,
      offer: decision.offer,
      arm: decision.arm,
      trigger: eventId,
      grantedMs: timeMs,
      reason: decision.reason,
      idKey: undefined,
    });
    slots.set(member, slot + 1);
    grants.set(given.id, given);
    leftFen -= given.faceFen;
    teach(exampleFor('issued', given, campaign, engine));
    const day = dayOf(timeMs);
    spentFen[day]! += given.faceFen;
    judge.spend({ day, version }, given.faceFen);
    used[day]! += week.give(given.id, decision.offer, member, timeMs);
  };
  const timeLeft = timeLeftIn(settings, coupons);
  /** Learns from coupons much as the pacer does: at the end of each clock hour, from the coupons that have expired by then. */
  const publish = (nowMs: number): void => {
    const over = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    const expired = waiting.filter(({ timeMs }) => timeMs < over);
    if (expired.length === 0) return;
    waiting.splice(0, waiting.length, ...waiting.filter(({ timeMs }) => timeMs >= over));
    mergeUseStatistics(statistics, useStatisticsOf(expired));
    if (!isVersionDue(model, statistics)) return;
    const next = solveUseModel(statistics, {
      version: model.version + 1,
      incrementalShare: model.incrementalShare,
    });
    ({ prices, reading: before } = rescaled(
      { prices, reading: before },
      answerRatio(statistics, next, model),
    ));
    model = next;
  };
  for (let nowMs = WEEK_MS + TICK_MS; nowMs <= WEEK_END_MS; nowMs += TICK_MS) {
    for (let order = week.next(nowMs); order !== undefined; order = week.next(nowMs)) onOrder(order);
    if (engine.learns) publish(nowMs);
    const observed = { [key]: { orders: asked, demand: [...demand].sort(([a], [b]) => a - b) } };
    const now = { atMs: nowMs, remainingFen: { [key]: leftFen } };
    ({ prices, reading: before } = paced(
      prices,
      { before, now },
      {
        sale: settings,
        couponFen: { [key]: MEAN_FACE_FEN },
        outlook: { observedUntilMs: nowMs, observed, audience: {} },
        ...(timeLeft && { timeLeft }),
      },
    ));
  }
  return {
    used,
    spentFen,
    spentShare: 1 - leftFen / totalFen,
    versions: model.version,
    stretches: judge.stretches,
    examples: all,
  };
};

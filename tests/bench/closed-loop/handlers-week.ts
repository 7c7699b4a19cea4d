import { readBudgets } from '#domain/campaigns/budget-items.ts';
import type { GrantReason } from '#domain/coupons/decide.ts';
import { type DecidingModel, deciderFor, readDecidingModel } from '#domain/coupons/deciding-model.ts';
import type { Model } from '#domain/coupons/model.ts';
import { readUseStatistics } from '#domain/learning/fold-examples.ts';
import { readModel } from '#domain/learning/model-items.ts';
import type { UseModel } from '#domain/learning/use-model.ts';
import type { UseStatistics } from '#domain/learning/use-statistics.ts';
import { featureSummary } from '#domain/members/feature-summary.ts';
import { memberEventOf, type OrderEvent } from '#domain/members/member-event.ts';
import { newMember, putMembers } from '#domain/members/members-table.ts';
import {
  emptyProfile,
  encodeProfile,
  type Features,
  featuresOf,
  observe,
  type Profile,
} from '#domain/members/profile.ts';
import { campaignSettings, type OrderPaid } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { LocalStack } from '#local/aws/template.ts';
import { sumOf } from '#platform/collections.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { SaleWeek, WEEK_MS, type WeekOrder } from '#simulator/week.ts';
import { inspectingRuntime } from '../../world/inspecting-runtime.ts';
import type { Step } from '../../world/worker.ts';
import { opened, paid } from '../../world/workload/events.ts';
import { World } from '../../world/world.ts';
import { Judge, type Stretch } from './judge.ts';
import { BUDGET, CAMPAIGN, dayOf, definitionOf, OFFERS } from './week-campaign.ts';

export type WeekPlay = {
  stack: LocalStack;
  seed: number;
  members: number;
  /** How many days of the week are played. */
  days: number;
  epsilon: number;
  /** Models that are asked about each order besides the one that decides. */
  judged: Readonly<Record<string, Model>>;
};

export type PlayedWeek = {
  stretches: Stretch[];
  spentShare: number;
  orders: number;
  coupons: number;
  /** Coupons whose decision saw other features of the member than the judge did. */
  unlike: number;
  /** The model that the tables hold at the end. */
  model: UseModel;
  statistics: UseStatistics;
};

const PREPARATION_MS = HOUR_MS;
/** How often a shop sends the orders that have come since it last sent. */
const SEND_EVERY_MS = 5 * MINUTE_MS;
/** The events that are sent last are processed within this time. */
const FINISH_MS = 10 * MINUTE_MS;
const STORE = 'store-1';

const nameOf = (member: number): string => `m${member}`;
const memberOf = (name: string): number => Number(name.slice(1));

const paidEvent = ({ id, timeMs, member, channel, amountFen, coupon }: WeekOrder): object =>
  paid({
    id,
    timeMs,
    order: id,
    member: nameOf(member),
    fen: amountFen,
    store: channel === 'near' ? STORE : undefined,
    coupon,
    source: '/week',
  });

type GrantEvent = {
  id: string;
  time: string;
  data: { memberId: string; offerId: string; amountFen: number; reason: GrantReason };
};

/** The coupons that a call puts into the outbox. */
const grantsIn = ({ operation, input }: Step, outboxUrl: string): GrantEvent[] => {
  const { QueueUrl: url, Entries: entries = [] } = input as {
    QueueUrl?: string;
    Entries?: { MessageBody: string }[];
  };
  return operation.startsWith('SendMessage') && url === outboxUrl
    ? entries.flatMap(({ MessageBody: body }) => JSON.parse(body) as GrantEvent[])
    : [];
};

/** What members do and get in a week, and what a judge notes of it. */
class Members {
  readonly judge: Judge;
  readonly profiles = new Map<string, Profile>();
  orders = 0;
  coupons = 0;
  unlike = 0;
  readonly #week: SaleWeek;
  readonly #assignment: Pick<Coupons, 'salt'>;
  /** What is known of a member after an order, by member and time. */
  readonly #known = new Map<string, string>();

  constructor(week: SaleWeek, judge: Judge, assignment: Pick<Coupons, 'salt'>) {
    this.judge = judge;
    this.#week = week;
    this.#assignment = assignment;
    for (const order of week.history) this.#see(order);
  }

  /** The events of the orders up to a time. `deciding` is what decides on coupons for them. */
  due(nowMs: number, deciding: DecidingModel): object[] {
    const events: object[] = [];
    for (let order = this.#week.next(nowMs); order !== undefined; order = this.#week.next(nowMs)) {
      this.orders++;
      events.push(paidEvent(order));
      const features = this.#see(order);
      const member = nameOf(order.member);
      this.#known.set(`${member} ${order.timeMs}`, String(featureSummary(features)));
      if (deciderFor(deciding, this.#assignment, member).isChallenger === true) continue;
      this.judge.see(order, features, { version: deciding.name, own: deciding.model });
    }
    return events;
  }

  /** Gives a coupon to its member. */
  get({ id, time, data: { memberId, offerId, amountFen, reason } }: GrantEvent, nowMs: number): void {
    this.coupons++;
    const offer = OFFERS.find((one) => one.offerId === offerId)!;
    this.#week.give(id, offer, memberOf(memberId), nowMs);
    const timeMs = Date.parse(time);
    if (this.#known.get(`${memberId} ${timeMs}`) !== String(reason.features)) this.unlike++;
    if (reason.isChallenger !== true)
      this.judge.spend({ day: dayOf(timeMs), version: reason.model! }, amountFen);
  }

  #see(order: WeekOrder): Features {
    const event = memberEventOf(paidEvent(order) as OrderPaid) as OrderEvent;
    const profile = observe(this.profiles.get(event.member) ?? emptyProfile(), event);
    this.profiles.set(event.member, profile);
    return featuresOf(profile, event.timeMs);
  }
}

/** Stores the members with the profiles that a year of orders has given them. */
const store = async (runtime: Runtime, profiles: ReadonlyMap<string, Profile>): Promise<void> => {
  const members = [...profiles].map(([member, profile]) => ({
    ...newMember(member),
    profile: encodeProfile(profile),
  }));
  for (const outcome of await putMembers(runtime, members))
    if (outcome.kind !== 'done') throw new Error(`member: expected to be stored, got ${outcome.kind}`);
};

/**
 * Plays a sale of a week through the handlers of all functions: a shop sends what members order, the coupons that come out change
 * what they order next, and the model is what the pipeline itself publishes.
 */
export const playWeek = async ({
  stack,
  seed,
  members: count,
  days,
  epsilon,
  judged,
}: WeekPlay): Promise<PlayedWeek> => {
  const week = new SaleWeek(seed, count);
  const definition = definitionOf(week.world, count, { money: 1, epsilon });
  const { coupons } = definition;
  const members = new Members(week, new Judge(week, judged), coupons);
  const onStep = (step: Step): void => {
    for (const grant of grantsIn(step, world.urlOf('grants'))) members.get(grant, scheduler.nowMs);
  };
  const world = new World({ stack, seed, faults: new Set(), startMs: WEEK_MS - PREPARATION_MS, onStep });
  const { scheduler } = world;
  const runtime = inspectingRuntime(world);
  await store(runtime, members.profiles);
  world.send('events', JSON.stringify(opened(definition, scheduler.nowMs)));
  const endMs = WEEK_MS + days * DAY_MS;
  for (let atMs = WEEK_MS + SEND_EVERY_MS; atMs <= endMs; atMs += SEND_EVERY_MS) {
    await world.runUntil(atMs);
    const events = members.due(atMs, await readDecidingModel(runtime, CAMPAIGN, coupons));
    if (events.length > 0) world.send('events', JSON.stringify(events));
  }
  await world.runUntil(endMs + FINISH_MS);
  world.end();
  const left = (await readBudgets(runtime, CAMPAIGN)).get(BUDGET)!;
  return {
    stretches: members.judge.stretches,
    spentShare: 1 - sumOf(left) / coupons.budgets[0]!.totalFen,
    orders: members.orders,
    coupons: members.coupons,
    unlike: members.unlike,
    model: (await readModel(runtime, CAMPAIGN))!,
    statistics: await readUseStatistics(runtime, [campaignSettings(definition)]),
  };
};

import { Logger } from '@aws-lambda-powertools/logger';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import type { GrantReason } from '#domain/coupons/decide.ts';
import { type DecidingModel, deciderFor, readDecidingModel } from '#domain/coupons/deciding-model.ts';
import type { Model } from '#domain/coupons/model.ts';
import { readUseStatistics } from '#domain/learning/fold-examples.ts';
import { readModel } from '#domain/learning/model-items.ts';
import type { UseModel } from '#domain/learning/use-model.ts';
import type { UseStatistics } from '#domain/learning/use-statistics.ts';
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
import { campaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { LocalStack } from '#local/aws/template.ts';
import { inspectingDynamoDb } from '#local/emulator/dynamodb-client.ts';
import { sumOf } from '#platform/collections.ts';
import { HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { SaleWeek, WEEK_MS, type WeekOrder } from '#simulator/week.ts';
import type { Step } from '../../world/worker.ts';
import { opened, paid } from '../../world/workload/events.ts';
import { World } from '../../world/world.ts';
import { Judge, type Stretch } from './judge.ts';
import { BUDGET, CAMPAIGN, dayOf, definitionOf, OFFERS } from './week-campaign.ts';

export type WeekPlay = {
  stack: LocalStack;
  seed: number;
  members: number;
  days: number;
  coupons: Partial<Coupons>;
  /** How many times as much money there is as usual. */
  money?: number;
  /** Models that are asked about each order besides the one that decides. */
  judged?: Readonly<Record<string, Model>>;
};

export type PlayedWeek = {
  stretches: Stretch[];
  spentShare: number;
  /** As the tables have it at the end. */
  model: UseModel;
  statistics: UseStatistics;
  orders: number;
  coupons: number;
};

const PREPARATION_MS = HOUR_MS;
/** A shop sends what was ordered since it last sent. */
const SEND_EVERY_MS = 5 * MINUTE_MS;
const STORE = 'store-1';

const textOf = ({ id, timeMs, member, channel, amountFen, coupon }: WeekOrder): object =>
  paid({
    id,
    timeMs,
    order: id,
    member: `m${member}`,
    fen: amountFen,
    store: channel === 'near' ? STORE : undefined,
    coupon,
    source: '/week',
  });

type ToldGrant = {
  type: string;
  id: string;
  time: string;
  data: { memberId: string; offerId: string; amountFen: number; reason: GrantReason };
};

/** Reads and writes the tables of a world without its faults and its time. */
const runtimeOf = (world: World): Runtime => {
  const variables: Record<string, string> = {
    CAMPAIGNS_TABLE: world.tableOf('campaigns'),
    MEMBERS_TABLE: world.tableOf('members'),
    METRICS_TABLE: world.tableOf('metrics'),
  };
  return makeRuntime({
    clients: {
      dynamodb: inspectingDynamoDb(world.tables),
      sqs: undefined as never,
      secrets: undefined as never,
    },
    clock: { nowMs: () => world.scheduler.nowMs, wait: () => Promise.resolve() },
    random: () => 0,
    environment: (name) => variables[name],
    logger: new Logger({ serviceName: 'week', logLevel: 'SILENT' }),
    fetch,
  });
};

/** Plays a sale of a week: what members order reaches the handlers, and what these give reaches the members. */
export const playWeek = async ({
  stack,
  seed,
  members,
  days,
  coupons: changes,
  money = 1,
  judged = {},
}: WeekPlay): Promise<PlayedWeek> => {
  const week = new SaleWeek(seed, members);
  const definition = definitionOf(week.world, members, { money, ...changes });
  const { coupons } = definition;
  const profiles = new Map<string, Profile>();
  const see = (event: OrderEvent): Features => {
    const profile = observe(profiles.get(event.member) ?? emptyProfile(), event);
    profiles.set(event.member, profile);
    return featuresOf(profile, event.timeMs);
  };
  for (const order of week.history) see(memberEventOf(textOf(order) as never) as OrderEvent);

  let given = 0;
  let ordered = 0;
  const judge = new Judge(week, judged);
  const tell = ({ type, id, time, data }: ToldGrant): void => {
    if (type !== 'coupon.granted') return;
    given++;
    const offer = OFFERS.find(({ offerId }) => offerId === data.offerId)!;
    week.give(id, offer, Number(data.memberId.slice(1)), world.scheduler.nowMs);
    if (data.reason.isChallenger !== true)
      judge.spend({ day: dayOf(Date.parse(time)), version: data.reason.model! }, data.amountFen);
  };
  const onStep = ({ operation, input }: Step): void => {
    if (!operation.startsWith('SendMessage')) return;
    const { QueueUrl: url, Entries: entries } = input as {
      QueueUrl: string;
      Entries: { MessageBody: string }[];
    };
    if (url !== world.urlOf('grants')) return;
    for (const { MessageBody: body } of entries)
      for (const grant of JSON.parse(body) as ToldGrant[]) tell(grant);
  };
  const world = new World({ stack, seed, faults: new Set(), startMs: WEEK_MS - PREPARATION_MS, onStep });
  const { scheduler } = world;
  const runtime = runtimeOf(world);
  const outcomes = await putMembers(
    runtime,
    [...profiles].map(([member, profile]) => ({ ...newMember(member), profile: encodeProfile(profile) })),
  );
  const failed = outcomes.find(({ kind }) => kind !== 'done');
  if (failed !== undefined)
    throw new Error(`members: expected to be stored, got ${failed.kind}`, { cause: failed });

  const judgeOrder = (order: WeekOrder, deciding: DecidingModel): void => {
    const features = see(memberEventOf(textOf(order) as never) as OrderEvent);
    if (deciderFor(deciding, coupons, `m${order.member}`).isChallenger === true) return;
    judge.see(order, features, { version: deciding.name, own: deciding.model });
  };
  const send = async (): Promise<void> => {
    const deciding = await readDecidingModel(runtime, CAMPAIGN, coupons);
    const due: object[] = [];
    for (let order = week.next(scheduler.nowMs); order !== undefined; order = week.next(scheduler.nowMs)) {
      judgeOrder(order, deciding);
      due.push(textOf(order));
    }
    ordered += due.length;
    if (due.length > 0) world.send('events', JSON.stringify(due));
    if (scheduler.nowMs < endMs) scheduler.after(SEND_EVERY_MS, () => void send());
  };
  const endMs = WEEK_MS + days * 24 * HOUR_MS;
  world.send('events', JSON.stringify(opened(definition, scheduler.nowMs)));
  scheduler.at(WEEK_MS + SEND_EVERY_MS, () => void send());
  await world.runUntil(endMs + 10 * MINUTE_MS);
  world.end();
  const left = (await readBudgets(runtime, CAMPAIGN)).get(BUDGET)!;
  return {
    stretches: judge.stretches,
    spentShare: 1 - sumOf(left) / coupons.budgets[0]!.totalFen,
    model: (await readModel(runtime, CAMPAIGN))!,
    statistics: await readUseStatistics(runtime, [campaignSettings(definition)]),
    orders: ordered,
    coupons: given,
  };
};

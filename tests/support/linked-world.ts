import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { type CouponReport, metricEventsOf } from '#domain/coupons/report.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { readLinked } from '#domain/members/links.ts';
import type { LinkEvent, MemberEvent, OrderEvent } from '#domain/members/member-event.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { eventId, open } from './coupon-world.ts';
import { emulatedTables } from './emulated-tables.ts';
import { testRuntime } from './runtime.ts';

/** Runs the domain code of the coupon function on tables in memory, for members with several ids. */

/** The event that says that `alias` is another id of the member `to`, at a time in ms since the epoch. */
export const link = (alias: string, to: string, timeMs: number, name = `${alias}-${to}`): LinkEvent => ({
  kind: 'linked',
  id: eventIdOf('/shop/members', name),
  timeMs,
  member: alias,
  to,
  event: {
    specversion: '1.0',
    id: name,
    source: '/shop/members',
    type: 'member.linked',
    time: new Date(timeMs).toISOString(),
    data: { memberId: to, aliasId: alias },
  },
});

export type LinkedWorld = {
  readonly runtime: Runtime;
  /** What was published: here the metric events by their ids; in `published` the ids of grants, each as often as it was sent. */
  readonly counted: Map<string, { label: string; amountFen: number }>;
  readonly published: string[];
  /** Delivers events as one batch to a new worker. Returns the reasons for which it refused links. */
  deliver(...events: MemberEvent[]): Promise<string[]>;
  /** The id that each of these ids leads to, in the same order. */
  leadsTo(...ids: string[]): Promise<string[]>;
  /** The grants of these member ids. */
  grantsOf(...ids: string[]): Promise<StoredGrant[]>;
  /** How many metric events of each label were published, without those that count calls of the model. */
  labels(): Record<string, number>;
};

export const linkedWorld = async (
  definition: CampaignDefinition,
  nowMs: number,
  hooks: Hooks = {},
): Promise<LinkedWorld> => {
  const dynamodb = emulatedTables(hooks);
  const worker = () =>
    testRuntime({ clients: { dynamodb }, clock: { nowMs: () => nowMs, wait: async () => {} } });
  const runtime = worker();
  await open(runtime, definition);
  const counted: LinkedWorld['counted'] = new Map();
  const published: string[] = [];
  const publish = async (reports: readonly CouponReport[]): Promise<void> => {
    published.push(...reports.flatMap(({ grants }) => grants.map(({ id }) => id)));
    for (const { event } of reports.flatMap(metricEventsOf)) counted.set(event.id, event);
  };
  return {
    runtime,
    counted,
    published,
    deliver: async (...events) => {
      const tasks = events.map((event) => ({
        event,
        campaigns: event.kind === 'paid' || event.kind === 'refunded' ? [definition.campaignId] : [],
      }));
      const { failures, refusedLinks } = await processMemberEvents(worker(), tasks, { nowMs, publish });
      for (const cause of failures.values()) throw cause;
      return refusedLinks.map(({ rejection }) => rejection.reason);
    },
    leadsTo: async (...ids) => {
      const chains = await readLinked(runtime, ids);
      return ids.map((id) => chains.get(id)!.at(-1)!.member);
    },
    grantsOf: (...ids) => readGrantsOfAll(runtime, ids, definition.campaignId),
    labels: () => {
      const counts: Record<string, number> = {};
      for (const { label } of counted.values())
        if (!label.startsWith('model-calls')) counts[label] = (counts[label] ?? 0) + 1;
      return counts;
    },
  };
};

/** An order whose id is `name`; the id of its event is made from this name too. */
export const ordering =
  (order: (changes: Partial<OrderEvent>) => OrderEvent) =>
  (member: string, name: string, changes: Partial<OrderEvent> = {}): OrderEvent =>
    order({ id: eventId(name), orderId: name, member, ...changes });

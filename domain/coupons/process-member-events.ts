/** Processes a batch of the events of members: the work of the coupon function. */
import { noteReached } from '#domain/campaigns/reached.ts';
import { readLinked } from '#domain/members/links.ts';
import type { LinkEvent } from '#domain/members/member-event.ts';
import { idsOf, type Member } from '#domain/members/members-table.ts';
import { readMembersOrErased } from '#domain/members/tombstones.ts';
import { type IsLate, outOfTime } from '#platform/batch.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';
import { linkMembers, type RefusedLink } from './link-members.ts';
import { type NamingOrder, readCouponsNamedBy } from './lookup.ts';
import {
  isErased,
  type LinkedTask,
  type MemberTask,
  type MemberWork,
  type MemberWrite,
} from './member-write.ts';
import { prepareWrite } from './prepare-write.ts';
import type { CouponReport } from './report.ts';
import { applyWriteOutcome, writeMembers } from './write-outcomes.ts';

/**
 * The reports of the orders that were written, the links that were refused, and, by member id, the errors of events that could
 * not be processed.
 */
export type ProcessedEvents = {
  reports: CouponReport[];
  refusedLinks: RefusedLink[];
  failures: Map<string, unknown>;
};

export type ProcessOptions = {
  nowMs: number;
  /** Publishes new reports each time after one write of every member, so that they do not wait for the slowest member. */
  publish?: (reports: readonly CouponReport[]) => Promise<void>;
  /** Once this is true, members that are not done are left to a redelivery. */
  isLate?: IsLate;
};

/** Members that are worked on at the same time: enough to keep the connections of the SDK busy. */
const MEMBERS_AT_ONCE = 24;
/** After more than this many write conflicts in a row, a member is left to a redelivery. */
const MAX_MISSES = 20;

type OwnTask = Pick<LinkedTask, 'event' | 'campaigns'>;

/** Links are processed first, so that the other events of the batch already belong to the members that the links name. */
const splitTasks = (tasks: readonly MemberTask[]): { links: LinkEvent[]; own: OwnTask[] } => {
  const links: LinkEvent[] = [];
  const own: OwnTask[] = [];
  for (const { event, campaigns } of tasks) {
    if (event.kind === 'linked') links.push(event);
    else own.push({ event, campaigns });
  }
  return { links, own };
};

const worksOf = (tasks: readonly OwnTask[], linked: ReadonlyMap<string, readonly Member[]>): MemberWork[] => {
  const resolved = tasks.map((task) => {
    const chain = linked.get(task.event.member)!;
    return { member: chain.at(-1)!, task: { ...task, ids: chain.slice(0, -1) } };
  });
  return [...Map.groupBy(resolved, ({ member }) => member)].map(([member, ofMember]) => ({
    member,
    tasks: ofMember.map(({ task }) => task).toSorted((a, b) => a.event.timeMs - b.event.timeMs),
    next: 0,
    misses: 0,
    remainders: new Map(),
    halted: new Map(),
    slotFloors: new Map(),
  }));
};

const failWork = ({ tasks, next }: MemberWork, cause: unknown, failures: Map<string, unknown>): void => {
  for (const { event } of tasks.slice(next)) failures.set(event.member, cause);
};

/** A member's next order if it is a payment: the coupon that it names will almost surely be looked up. */
const nextPaid = (work: MemberWork): NamingOrder[] => {
  const { member, tasks, next } = work;
  // All coupons of an erased member are read anyway.
  if (isErased(work)) return [];
  for (const { event } of tasks.slice(next)) {
    switch (event.kind) {
      case 'tier':
        continue;
      case 'paid':
        return [{ order: event, owners: idsOf(member) }];
      case 'refunded':
        return [];
      default:
        event satisfies never;
    }
  }
  return [];
};

/**
 * Writes what was prepared and reads again the members that others had written. Returns the work that is not done, and the tasks
 * of members that were found to be aliases, or erased, by now.
 */
const writePrepared = async (
  runtime: Runtime,
  writes: readonly MemberWrite[],
  { reports, failures }: ProcessedEvents,
): Promise<{ works: MemberWork[]; moved: OwnTask[] }> => {
  const outcomes = await writeMembers(runtime, writes);
  const unfinished: MemberWork[] = [];
  const stale: MemberWork[] = [];
  for (const [i, write] of writes.entries()) {
    const { work } = write;
    const outcome = outcomes[i]!;
    if (outcome.kind === 'failed') {
      failWork(work, outcome.cause, failures);
      continue;
    }
    const mustRead = applyWriteOutcome(write, outcome);
    if (outcome.kind === 'done') reports.push(...write.reports);
    if (work.misses > MAX_MISSES) {
      const misses = `${MAX_MISSES} attempts, got ${work.misses} conflicts`;
      failWork(work, new Error(`member: expected to be written within ${misses}`), failures);
      continue;
    }
    if (mustRead) stale.push(work);
    if (work.next < work.tasks.length) unfinished.push(work);
  }
  const fresh = await readMembersOrErased(
    runtime,
    stale.map(({ member }) => member.member),
  );
  const erased = new Set<MemberWork>();
  for (const work of stale) {
    const before = work.member.member;
    work.member = fresh.get(before)!;
    if (work.member.member !== before) erased.add(work);
  }
  const isMoved = (work: MemberWork): boolean => work.member.link !== undefined || erased.has(work);
  return {
    works: unfinished.filter((work) => !isMoved(work)),
    moved: unfinished.filter(isMoved).flatMap(({ tasks, next }) => tasks.slice(next)),
  };
};

/**
 * The time of the newest paid order among tasks; 0 for none. Refunds are ignored, because a refund may come any time after its
 * order.
 */
const newestOrderMs = (tasks: readonly OwnTask[]): number =>
  tasks.reduce((newest, { event }) => (event.kind === 'paid' ? Math.max(newest, event.timeMs) : newest), 0);

type Batch = Required<ProcessOptions> & { reachedMs: number };

/** Reads the members of these events and processes the events. Returns the events of ids that were linked or erased meanwhile. */
const processTasks = async (
  runtime: Runtime,
  tasks: readonly OwnTask[],
  processed: ProcessedEvents,
  { nowMs, publish, isLate, reachedMs }: Batch,
): Promise<OwnTask[]> => {
  const linked = await readLinked(
    runtime,
    tasks.map(({ event }) => event.member),
  );
  const moved: OwnTask[] = [];
  let works = worksOf(tasks, linked);
  while (works.length > 0) {
    if (isLate()) {
      for (const work of works) failWork(work, outOfTime(), processed.failures);
      break;
    }
    const published = processed.reports.length;
    const read = await readCouponsNamedBy(runtime, works.flatMap(nextPaid), nowMs);
    const prepared = await mapLimited(
      works,
      MEMBERS_AT_ONCE,
      async (work) =>
        (await Promise.allSettled([prepareWrite(runtime, work, { nowMs, read, reachedMs })]))[0],
    );
    const writes: MemberWrite[] = [];
    for (const [i, result] of prepared.entries()) {
      if (result.status === 'fulfilled') writes.push(result.value);
      else failWork(works[i]!, result.reason, processed.failures);
    }
    const left = await writePrepared(runtime, writes, processed);
    works = left.works;
    moved.push(...left.moved);
    await publish(processed.reports.slice(published));
  }
  return moved;
};

/**
 * Processes a batch of events: members side by side, the events of each in the order of their times. A member that another
 * worker has written meanwhile is read again and its events are applied once more; those that were applied before are
 * remembered in its profile and are republished. The events of an alias count as its member's.
 */
export const processMemberEvents = async (
  runtime: Runtime,
  tasks: readonly MemberTask[],
  { nowMs, publish = async () => {}, isLate = () => false }: ProcessOptions,
): Promise<ProcessedEvents> => {
  const { links, own } = splitTasks(tasks);
  const failures = new Map<string, unknown>();
  const refusedLinks = await linkMembers(runtime, links, { nowMs, failures });
  const processed: ProcessedEvents = { reports: [], refusedLinks, failures };
  const reachedMs = await noteReached(runtime, newestOrderMs(own), nowMs);
  // A link is never removed, and links form no circle. So a task moves on at most once for each link, and
  // once more if the member is erased.
  for (let left: OwnTask[] = own; left.length > 0; )
    left = await processTasks(runtime, left, processed, { nowMs, publish, isLate, reachedMs });
  return processed;
};

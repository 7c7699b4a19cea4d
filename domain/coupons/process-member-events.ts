import { noteReached } from '#domain/campaigns/reached.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { type Member, readMembers } from '#domain/members/members-table.ts';
import { type IsLate, outOfTime } from '#platform/batch.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readCouponsNamedBy } from './lookup.ts';
import type { MemberTask, MemberWork, MemberWrite } from './member-write.ts';
import { prepareWrite } from './prepare-write.ts';
import type { CouponReport } from './report.ts';
import { applyWriteOutcome, writeMembers } from './write-outcomes.ts';

/** The reports of the orders that were written, and, by member, the errors of those that could not be. */
export type ProcessedEvents = { reports: CouponReport[]; failures: Map<string, unknown> };

export type ProcessOptions = {
  nowMs: number;
  /** Publishes what was written, after each round, so that what is committed does not wait for the slowest member. */
  publish?: (reports: readonly CouponReport[]) => Promise<void>;
  /** Once this is true, members that are not done are left to a redelivery. */
  isLate?: IsLate;
};

/** Members that are worked on at the same time: enough to keep the connections of the SDK busy. */
const MEMBERS_AT_ONCE = 24;
/** After this many write conflicts in a row, a member is left to a redelivery. */
const MAX_MISSES = 20;

const worksOf = (tasks: readonly MemberTask[], members: ReadonlyMap<string, Member>): MemberWork[] =>
  [...Map.groupBy(tasks, ({ event }) => event.member)].map(([member, ofMember]) => ({
    member: members.get(member)!,
    tasks: ofMember.toSorted((a, b) => a.event.timeMs - b.event.timeMs),
    next: 0,
    misses: 0,
    remainders: new Map(),
    halted: new Map(),
    slotFloors: new Map(),
  }));

/** A member's next order if it is a payment: the coupon that it names will almost surely be looked up. */
const nextPaid = ({ tasks, next }: MemberWork): OrderEvent[] => {
  for (const { event } of tasks.slice(next)) {
    switch (event.kind) {
      case 'tier':
        continue;
      case 'paid':
        return [event];
      case 'refunded':
        return [];
      default:
        event satisfies never;
    }
  }
  return [];
};

/** Writes what was prepared and reads again the members that others had written. Returns the work that is not done. */
const writePrepared = async (
  runtime: Runtime,
  writes: readonly MemberWrite[],
  { reports, failures }: ProcessedEvents,
): Promise<MemberWork[]> => {
  const outcomes = await writeMembers(runtime, writes);
  const unfinished: MemberWork[] = [];
  const stale: MemberWork[] = [];
  for (const [i, write] of writes.entries()) {
    const { work } = write;
    const outcome = outcomes[i]!;
    if (outcome.kind === 'failed') {
      failures.set(work.member.member, outcome.cause);
      continue;
    }
    const mustRead = applyWriteOutcome(write, outcome);
    if (outcome.kind === 'done') reports.push(...write.reports);
    if (work.misses > MAX_MISSES) {
      failures.set(
        work.member.member,
        new Error(
          `member: expected to be written within ${MAX_MISSES} attempts, got ${work.misses} conflicts`,
        ),
      );
      continue;
    }
    if (mustRead) stale.push(work);
    if (work.next < work.tasks.length) unfinished.push(work);
  }
  const fresh = await readMembers(
    runtime,
    stale.map(({ member }) => member.member),
  );
  for (const work of stale) work.member = fresh.get(work.member.member)!;
  return unfinished;
};

/**
 * The time of the newest paid order among tasks; 0 for none. Refunds are ignored, because a refund may come any time after its
 * order.
 */
const newestOrderMs = (tasks: readonly MemberTask[]): number =>
  tasks.reduce((newest, { event }) => (event.kind === 'paid' ? Math.max(newest, event.timeMs) : newest), 0);

/**
 * Processes a batch of events: members side by side, the events of each in the order of their times. A member that somebody
 * else has written meanwhile is read again and its events are applied once more; those that were applied before are
 * remembered in its profile and are republished.
 */
export const processMemberEvents = async (
  runtime: Runtime,
  tasks: readonly MemberTask[],
  { nowMs, publish = async () => {}, isLate = () => false }: ProcessOptions,
): Promise<ProcessedEvents> => {
  const members = await readMembers(runtime, [...new Set(tasks.map(({ event }) => event.member))]);
  const processed: ProcessedEvents = { reports: [], failures: new Map() };
  const reachedMs = await noteReached(runtime, newestOrderMs(tasks), nowMs);
  let works = worksOf(tasks, members);
  while (works.length > 0) {
    if (isLate()) {
      for (const { member } of works) processed.failures.set(member.member, outOfTime());
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
      else processed.failures.set(works[i]!.member.member, result.reason);
    }
    works = await writePrepared(runtime, writes, processed);
    await publish(processed.reports.slice(published));
  }
  return processed;
};

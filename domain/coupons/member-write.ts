/** The types of the work on one member, from its events to the next write. */
import type { Halt } from '#domain/campaigns/budget-items.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import type { LinkEvent, MemberEvent } from '#domain/members/member-event.ts';
import { isErasedName, type Member } from '#domain/members/members-table.ts';
import type { CouponReport } from './report.ts';

/** An event, and the campaigns with coupons that it belongs to. */
export type MemberTask = { event: MemberEvent; campaigns: readonly string[] };

/**
 * A task of a member. `ids` are the items of the aliases that lead from the id in the event to the member; none where the event
 * names the member itself.
 */
export type LinkedTask = {
  event: Exclude<MemberEvent, LinkEvent>;
  campaigns: readonly string[];
  ids: readonly Member[];
};

/** A member's events in the order of their times, and how many of them are written. */
export type MemberWork = {
  /** The member as it is stored: an erased one under the name that replaces its id (`tombstones.ts`). */
  member: Member;
  tasks: readonly LinkedTask[];
  /** The index of the first task that is not written yet. */
  next: number;
  /** Writes in a row that failed because somebody else had written the member. */
  misses: number;
  /** What is left of budgets according to refusals of the current claim, in fen, by campaign and budget key. */
  remainders: Map<string, Map<string, number>>;
  /** By campaign, why the current claim was refused, if it was because the campaign gives nothing at all. */
  halted: Map<string, Halt>;
  /** By campaign, a slot number: all slots below it were found taken. */
  slotFloors: Map<string, number>;
};

/** Whether the member was erased: its coupons are settled, and nothing is decided or remembered. */
export const isErased = ({ member }: MemberWork): boolean => isErasedName(member.member);

/** The next write of a member, and what can be published after it. */
export type MemberWrite = {
  work: MemberWork;
  /** Set when a grant is made or changed. The write is then a transaction. */
  claim: GrantClaim | undefined;
  /** Undefined if the member stays as it is. */
  member: Member | undefined;
  /** The value of the work's `next` once this is written. */
  next: number;
  reports: CouponReport[];
};

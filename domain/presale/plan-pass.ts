/** The first pass of a presale, which counts what its members could be given. */
import { armOf } from '#domain/campaigns/arms.ts';
import { isAssignedByPlan } from '#domain/experiment/assigned.ts';
import type { Member } from '#domain/members/members-table.ts';
import { decodeProfile } from '#domain/members/profile.ts';
import type { Runtime } from '#platform/runtime.ts';
import {
  type AudienceTallies,
  count,
  countOrder,
  decodeTallies,
  emptyTallies,
  encodeTallies,
  limitsOfSegment,
} from './audience-tallies.ts';
import { countMembers, readCounts } from './count-members.ts';
import { evaluateForPresale, type Presale } from './evaluate-for-presale.ts';
import { expectedOrder } from './expected-order.ts';
import { progressKey, type Segment } from './segment.ts';

/**
 * Counts a member: the member's arm if the plan assigns the member, what the member could be given, and, in the engine's arm,
 * what could be given after the order that the member is expected to make in the sale.
 */
export const countMember = (tallies: AudienceTallies, presale: Presale, member: Member): void => {
  const arm = armOf(presale.coupons, member.member);
  if (isAssignedByPlan(member, decodeProfile(member.profile), presale.startsAtMs)) tallies.assigned[arm]++;
  const candidate = evaluateForPresale(presale, member);
  if (candidate !== undefined) count(tallies, presale, candidate);
  if (arm !== 'engine') return;
  tallies.asked++;
  const order = expectedOrder(presale, member);
  if (order === undefined) return;
  tallies.askedOfOrders++;
  countOrder(tallies, order);
};

/** Continues to count what the members of a segment could be given, until the segment's end or the deadline. */
export const countSegment = async (
  runtime: Runtime,
  presale: Presale,
  segment: Segment,
  deadlineMs: number,
): Promise<'done' | 'late'> => {
  const limits = limitsOfSegment(segment.segments);
  return countMembers(
    runtime,
    { segment, key: await progressKey(runtime, segment, 'plan') },
    {
      empty: () => emptyTallies(presale.coupons, limits),
      add: (tallies, member) => countMember(tallies, presale, member),
      encode: encodeTallies,
      decode: (bytes) => decodeTallies(presale.coupons, bytes, limits),
    },
    deadlineMs,
  );
};

/** The counts of these segments, in the same order. Throws if one of them is not complete. */
export const readCounted = async (
  runtime: Runtime,
  { campaignId, coupons }: Presale,
  segments: readonly Segment[],
): Promise<AudienceTallies[]> =>
  (await readCounts(runtime, campaignId, segments, 'plan')).map((bytes, i) =>
    decodeTallies(coupons, bytes, limitsOfSegment(segments[i]!.segments)),
  );

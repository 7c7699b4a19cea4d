import { armOf } from '#domain/campaigns/arms.ts';
import { writePrices } from '#domain/campaigns/prices.ts';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { isAssignedByPlan } from '#domain/experiment/assigned.ts';
import { type Member, scanMembers } from '#domain/members/members-table.ts';
import { decodeProfile } from '#domain/members/profile.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';
import {
  type AudienceTallies,
  count,
  countOrder,
  decodeTallies,
  emptyTallies,
  encodeTallies,
  limitsOfSegment,
  mergeTallies,
} from './audience-tallies.ts';
import { evaluateForPresale, type Presale } from './evaluate-for-presale.ts';
import { expectedOrder } from './expected-order.ts';
import { fixPlan, readPlan } from './plan-item.ts';
import { planPresale } from './presale-plan.ts';
import { progressKey, type Segment } from './segment.ts';
import { segmentsDone } from './segments.ts';

/**
 * Counts a member: the member's arm if the plan assigns it, what the member could be given, and in the engine's arm the order
 * that the sale is expected to bring.
 */
export const countMember = (tallies: AudienceTallies, presale: Presale, member: Member): void => {
  const arm = armOf(presale.coupons, member.member);
  if (isAssignedByPlan(member, decodeProfile(member.profile), presale.startsAtMs)) tallies.assigned[arm]++;
  const candidate = evaluateForPresale(presale, member);
  if (candidate !== undefined) count(tallies, candidate);
  if (arm !== 'engine') return;
  tallies.asked++;
  const order = expectedOrder(presale, member);
  if (order === undefined) return;
  tallies.askedOfOrders++;
  countOrder(tallies, order);
};

/**
 * Continues to count what the members of a segment could be given. Returns `late` if the deadline came before the segment's
 * end; the next call then continues from there.
 */
export const countSegment = async (
  runtime: Runtime,
  presale: Presale,
  segment: Segment,
  deadlineMs: number,
): Promise<'done' | 'late'> => {
  const key = await progressKey(runtime, segment, 'plan');
  const from = await readProgress(runtime, key);
  if (from.isDone) return 'done';
  const limits = limitsOfSegment(segment.segments);
  const tallies =
    from.body === undefined
      ? emptyTallies(presale.coupons, limits)
      : decodeTallies(presale.coupons, from.body, limits);
  let cursor = from.cursor === undefined ? undefined : { member: from.cursor };
  do {
    const page = await scanMembers(runtime, segment, cursor);
    for (const member of page.members) countMember(tallies, presale, member);
    cursor = page.cursor;
  } while (cursor !== undefined && runtime.clock.nowMs() < deadlineMs);
  const to = await advance(runtime, key, from, {
    isDone: cursor === undefined,
    ...(cursor === undefined ? {} : { cursor: cursor.member }),
    body: encodeTallies(tallies),
  });
  return to.isDone ? 'done' : 'late';
};

/** The counts of a segment; undefined before they are complete. */
export const readCounted = async (
  runtime: Runtime,
  { coupons }: Presale,
  segment: Segment,
): Promise<AudienceTallies | undefined> => {
  const { isDone, body } = await readProgress(runtime, await progressKey(runtime, segment, 'plan'));
  return isDone ? decodeTallies(coupons, body!, limitsOfSegment(segment.segments)) : undefined;
};

/** Segments that are read at a time: each may hold 300 KB. */
const SEGMENTS_AT_ONCE = 8;

/**
 * Fixes the plan once every segment is counted. Every worker that finds the set of segments complete does so, with the same
 * result. Returns whether the plan is fixed.
 */
export const fixPlanWhenCounted = async (
  runtime: Runtime,
  presale: Presale,
  segments: number,
): Promise<boolean> => {
  const { campaignId, coupons } = presale;
  if ((await segmentsDone(runtime, campaignId, segments, 'plan')).size < segments) return false;
  let plan = await readPlan(runtime, campaignId);
  if (plan === undefined) {
    const tallies = await mapLimited([...Array(segments).keys()], SEGMENTS_AT_ONCE, (index) =>
      readCounted(runtime, presale, { campaignId, index, segments }),
    );
    plan = planPresale(
      presale,
      mergeTallies(
        coupons,
        tallies.map((one) => one!),
      ),
    );
    await fixPlan(runtime, campaignId, plan);
  }
  // Refused if there are prices already, which may have been changed since.
  await writePrices(runtime, campaignId, plan.opening, 0);
  return true;
};

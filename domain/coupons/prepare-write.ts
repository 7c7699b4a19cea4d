import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import type { OrderEvent, TierEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import {
  decodeProfile,
  encodeProfile,
  mayHaveBeenEvicted,
  type Profile,
  rememberedOutcome,
} from '#domain/members/profile.ts';
import type { Runtime } from '#platform/runtime.ts';
import { applyOrder, type DecidingCampaign, type OrderTransition } from './apply-order.ts';
import { type CouponCampaign, couponCampaign, currentPrices } from './campaigns.ts';
import { type CouponsRead, couponsConcernedBy, couponsIssuedFor, findCoupon } from './lookup.ts';
import type { MemberWork, MemberWrite } from './member-write.ts';
import type { Model } from './model.ts';
import { decodeOutcome } from './outcome.ts';
import type { CouponReport } from './report.ts';

/** What all members of a batch share. */
export type BatchContext = { nowMs: number; model: Model; read: CouponsRead };

/** A later tier replaces an earlier one, whichever arrived first; of two at the same time, the greater name wins. */
const isNewer = ({ timeMs, tier }: TierEvent, member: Member): boolean =>
  timeMs > member.tierMs || (timeMs === member.tierMs && tier > member.tier);

const campaignsOf = async (
  runtime: Runtime,
  ids: readonly string[],
  nowMs: number,
): Promise<CouponCampaign[]> => {
  const campaigns: CouponCampaign[] = [];
  for (const id of ids) {
    const campaign = await couponCampaign(runtime, id, nowMs);
    if (campaign === undefined)
      throw new Error(`campaign ${id}: expected a definition with coupons, got none`);
    campaigns.push(campaign);
  }
  return campaigns;
};

/** A member in the middle of its events. */
type MemberState = { member: Member; profile: Profile };

/** An order of a member, with its campaigns. */
type OrderTask = { order: OrderEvent; campaigns: readonly CouponCampaign[] };

const transitionOf = async (
  runtime: Runtime,
  work: MemberWork,
  { member, profile, order, campaigns }: MemberState & OrderTask,
  { nowMs, model, read }: BatchContext,
): Promise<{ transition: OrderTransition; report: CouponReport }> => {
  const found = await findCoupon(runtime, order, read, nowMs);
  const deciding: DecidingCampaign[] = [];
  for (const campaign of campaigns) {
    const { campaignId } = campaign.settings;
    deciding.push({
      ...campaign,
      prices: await currentPrices(runtime, campaignId, nowMs),
      remainders: work.remainders.get(campaignId) ?? new Map(),
      slotFloor: work.slotFloors.get(campaignId) ?? 0,
    });
  }
  const transition = applyOrder(member, profile, { order, found, campaigns: deciding, model });
  const { outcome, debits, change, scored } = transition;
  const couponOf = change && (await couponCampaign(runtime, change.grant.campaignId, nowMs));
  return {
    transition,
    report: {
      order,
      outcome,
      campaigns,
      grants: debits.map(({ grant }) => grant),
      scored,
      coupon: change && couponOf && { grant: change.grant, settings: couponOf.settings },
    },
  };
};

/**
 * What to republish of an order that the profile holds already, because it may not have been published the first time. What
 * the model saw is left out: the profile has moved on, and scoring it again would give another result.
 */
const republishedReport = async (
  runtime: Runtime,
  { order, campaigns }: OrderTask,
  remembered: number,
  nowMs: number,
): Promise<CouponReport> => {
  const outcome = decodeOutcome(remembered);
  const isBare = outcome.coupon === 'none' && !outcome.decisions.includes('given');
  const { grants, coupon } = isBare
    ? { grants: [], coupon: undefined }
    : await couponsConcernedBy(runtime, order);
  const couponOf = coupon && (await couponCampaign(runtime, coupon.campaignId, nowMs));
  return {
    order,
    outcome,
    campaigns,
    grants,
    coupon: coupon && couponOf && { grant: coupon, settings: couponOf.settings },
  };
};

/** The report of an order that was applied before; undefined for one that was not. */
const knownReport = async (
  runtime: Runtime,
  profile: Profile,
  task: OrderTask,
  nowMs: number,
): Promise<CouponReport | undefined> => {
  const { order, campaigns } = task;
  const remembered = rememberedOutcome(profile, order.id);
  if (remembered !== undefined) return republishedReport(runtime, task, remembered, nowMs);
  if (order.kind !== 'paid' || !mayHaveBeenEvicted(profile, order)) return undefined;
  // An order that earned a coupon was recorded with it: republish only the grants.
  const grants = await couponsIssuedFor(runtime, order);
  return grants.length === 0
    ? undefined
    : { order, outcome: { coupon: 'none', decisions: [] }, campaigns, grants };
};

/** Applies a member's events up to and including the first that changes a grant. Nothing is written here. */
export const prepareWrite = async (
  runtime: Runtime,
  work: MemberWork,
  context: BatchContext,
): Promise<MemberWrite> => {
  let { member } = work;
  let profile = decodeProfile(member.profile);
  let isChanged = false;
  const reports: CouponReport[] = [];
  const writeUntil = (next: number, claim?: GrantClaim): MemberWrite => ({
    work,
    claim,
    member: isChanged ? { ...member, profile: encodeProfile(profile) } : undefined,
    next,
    reports,
  });
  for (let index = work.next; index < work.tasks.length; index++) {
    const { event, campaigns: ids } = work.tasks[index]!;
    switch (event.kind) {
      case 'tier':
        if (!isNewer(event, member)) continue;
        member = { ...member, tier: event.tier, tierMs: event.timeMs };
        isChanged = true;
        continue;
      case 'paid':
      case 'refunded':
        break;
      default:
        event satisfies never;
        continue;
    }
    const task = { order: event, campaigns: await campaignsOf(runtime, ids, context.nowMs) };
    const known = await knownReport(runtime, profile, task, context.nowMs);
    const found = { member, profile };
    if (known !== undefined) {
      reports.push({ ...known, found });
      continue;
    }
    const { transition, report } = await transitionOf(runtime, work, { ...task, member, profile }, context);
    ({ member, profile } = transition);
    isChanged = true;
    reports.push({ ...report, found });
    const { debits, change } = transition;
    if (debits.length > 0 || change !== undefined) {
      const after = { ...member, profile: encodeProfile(profile) };
      return writeUntil(index + 1, { debits, member: after, ...(change === undefined ? {} : { change }) });
    }
  }
  return writeUntil(work.tasks.length);
};

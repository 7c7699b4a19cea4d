/** Prepares the next write of a member: reads what its events need, and applies them. */
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import { readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { lineIdOf } from '#domain/grants/order-line.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { idsOf, isErasedName, type Member } from '#domain/members/members-table.ts';
import {
  decodeProfile,
  encodeProfile,
  mayHaveBeenEvicted,
  type Profile,
  type RememberedOutcome,
  rememberedOutcome,
} from '#domain/members/profile.ts';
import type { Runtime } from '#platform/runtime.ts';
import { knownOrder } from './accounts.ts';
import { takenByAliases } from './alias-coupons.ts';
import { applyOrder, type DecidingCampaign, type OrderTransition } from './apply-order.ts';
import { type CouponCampaign, couponCampaign, currentMoney, currentPrices, idKeyOf } from './campaigns.ts';
import { currentModel } from './deciding-model.ts';
import { isNewerTier } from './link-members.ts';
import { type CouponsRead, findCoupons, withAccountLines, withStoredCouponId } from './lookup.ts';
import { isErased, type MemberWork, type MemberWrite } from './member-write.ts';
import { type CouponResult, concernsGrants, decodeOutcome } from './outcome.ts';
import type { CouponReport, ReportedCoupon } from './report.ts';

/**
 * The ids under which an order's member has coupons. An erasure moves the coupons from the id to the name that replaces it
 * (`tombstones.ts`).
 */
const ownersOf = ({ member }: Pick<MemberState, 'member'>, order: OrderEvent): string[] =>
  isErasedName(member.member) ? [order.member, member.member] : idsOf(member);

/** What all members of a batch share. */
export type BatchContext = { nowMs: number; read: CouponsRead; reachedMs: number };

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

/** A member after some of its events have been applied. */
type MemberState = { member: Member; profile: Profile };

/**
 * An order of a member, with its campaigns; `pending` holds the later paid events of the same order in the batch.
 * `ids` are those of `LinkedTask` (`member-write.ts`), with their profiles.
 */
type OrderTask = {
  order: OrderEvent;
  campaigns: readonly CouponCampaign[];
  pending: readonly OrderEvent[];
  ids: readonly MemberState[];
};

const decidingOf = async (
  runtime: Runtime,
  work: MemberWork,
  campaigns: readonly CouponCampaign[],
  nowMs: number,
): Promise<DecidingCampaign[]> => {
  const { aliases = [] } = work.member;
  const deciding: DecidingCampaign[] = [];
  for (const campaign of campaigns) {
    const { settings, coupons } = campaign;
    const { campaignId } = settings;
    const seen = await currentMoney(runtime, campaignId, nowMs);
    deciding.push({
      ...campaign,
      prices: await currentPrices(runtime, campaignId, nowMs),
      model: await currentModel(runtime, campaignId, coupons, nowMs),
      remainders: new Map([...seen.remainders, ...(work.remainders.get(campaignId) ?? [])]),
      halt: work.halted.get(campaignId) ?? seen.halt,
      idKey: await idKeyOf(runtime, campaignId, nowMs),
      slotFloor: work.slotFloors.get(campaignId) ?? 0,
      takenByAliases: await takenByAliases(runtime, { campaignId, coupons }, aliases),
    });
  }
  return deciding;
};

const transitionOf = async (
  runtime: Runtime,
  work: MemberWork,
  { member, profile, order, campaigns, pending, ids }: MemberState & OrderTask,
  { nowMs, read, reachedMs }: BatchContext,
): Promise<{ transition: OrderTransition; report: CouponReport }> => {
  const remembered = knownOrder(member.accounts, order.orderId);
  const mayBeOlderThanLink = ids.some((id) => mayHaveBeenEvicted(id.profile, order));
  // What was decided for an erased member is no longer known.
  const isLate = isErased(work) || mayBeOlderThanLink || mayHaveBeenEvicted(profile, order);
  // If lines were dropped, they may have been this order's. An event that is newer than all others is taken
  // to be of a new order.
  const readsAll = isLate || (remembered.mayHaveGone && order.timeMs <= profile.newestMs);
  const found = await findCoupons(
    runtime,
    { order, owners: ownersOf({ member }, order) },
    { known: remembered, read, nowMs, readsAll },
  );
  const known = withAccountLines(remembered, found, order);
  const input = { order, known, pending, found, isLate, reachedMs };
  const deciding = order.kind === 'paid' ? await decidingOf(runtime, work, campaigns, nowMs) : [];
  const transition = applyOrder(member, profile, { ...input, campaigns: deciding });
  const { outcome, debits, coupons, scored } = transition;
  const issued = isErased(work)
    ? found.issued.map((grant) => ({ ...grant, member: member.member }))
    : found.issued;
  const given = isLate ? issued : debits.map(({ grant }) => grant);
  const refusal =
    outcome.coupon === 'too-many-lines'
      ? { reason: outcome.coupon, settings: found.coupons[0]?.settings }
      : found.refusal;
  return {
    transition,
    report: {
      order,
      decisions: outcome.decisions,
      refusal,
      campaigns,
      grants: given,
      scored,
      coupons,
      isLeftOut: ids.length > 0 && !mayBeOlderThanLink,
    },
  };
};

/** The refusal that an outcome remembers, in the campaign of the coupon that the order names. */
const refusalIn = async (
  runtime: Runtime,
  { couponId }: OrderEvent,
  result: CouponResult,
  nowMs: number,
): Promise<CouponReport['refusal']> => {
  if (result === 'none' || result === 'touched') return undefined;
  const campaignId = parseCouponId(couponId)?.campaignId;
  const campaign = campaignId === undefined ? undefined : await couponCampaign(runtime, campaignId, nowMs);
  const reason = result === 'too-many-lines' ? result : result === 'refused-unknown' ? 'unknown' : 'foreign';
  return { reason, settings: campaign?.settings };
};

/** The item that remembers an order: the member's, or, if the order came before the link of an alias, that alias's. */
const rememberedBy = (
  member: MemberState,
  { order, ids }: OrderTask,
): { by: MemberState; remembered: RememberedOutcome } | undefined => {
  for (const by of [member, ...ids]) {
    const remembered = rememberedOutcome(by.profile, order.id);
    if (remembered !== undefined) return { by, remembered };
  }
  return undefined;
};

/**
 * What to republish of an order that was applied before, because it may not have been published the first time; undefined if no
 * profile holds it. What the model saw is left out: the profile has changed since, and scoring the order again would give
 * another result.
 */
const republishedReport = async (
  runtime: Runtime,
  member: MemberState,
  task: OrderTask,
  nowMs: number,
): Promise<CouponReport | undefined> => {
  const known = rememberedBy(member, task);
  if (known === undefined) return undefined;
  const { by, remembered } = known;
  const { order, campaigns } = task;
  const ids = campaigns.map(({ settings }) => settings.campaignId);
  const { coupon, decisions } = decodeOutcome(remembered, ids);
  const refusal = await refusalIn(runtime, order, coupon, nowMs);
  const all = concernsGrants(remembered) ? await readGrantsOfAll(runtime, idsOf(member.member)) : [];
  const lineId = lineIdOf(order.id);
  const coupons: ReportedCoupon[] = [];
  for (const grant of all) {
    const line = grant.redemption?.lines.find(({ id }) => id === lineId);
    const campaign = line && (await couponCampaign(runtime, grant.campaignId, nowMs));
    if (campaign !== undefined) coupons.push({ ...campaign, grant, effects: line!.effects });
  }
  const grants = all.filter(({ kind, trigger }) => kind === 'coupon' && trigger === order.id);
  const isLeftOut = by.member.member !== order.member;
  return { order, found: by, decisions, refusal, campaigns, grants, coupons, isLeftOut };
};

/** The paid events of an order that come after `index` in a member's tasks. */
const pendingAfter = (work: MemberWork, index: number, { orderId }: OrderEvent): OrderEvent[] =>
  work.tasks
    .slice(index + 1)
    .flatMap(({ event }) => (event.kind === 'paid' && event.orderId === orderId ? [event] : []));

/**
 * The most coupons that one transaction changes, each of which may also pay its face value back: together with the member and
 * the coupons that the order brings, this stays within a hundred writes.
 */
const MAX_CHANGES = 40;

/** Applies a member's events up to and including the first that makes or changes a grant. Nothing is written here. */
export const prepareWrite = async (
  runtime: Runtime,
  work: MemberWork,
  context: BatchContext,
): Promise<MemberWrite> => {
  let { member } = work;
  let profile = decodeProfile(member.profile);
  let isChanged = false;
  const reports: CouponReport[] = [];
  // No profile is kept of an erased member.
  const encoded = (): Member => (isErased(work) ? member : { ...member, profile: encodeProfile(profile) });
  const writeUntil = (next: number, claim?: GrantClaim): MemberWrite => ({
    work,
    claim,
    member: isChanged ? encoded() : undefined,
    next,
    reports,
  });
  for (let index = work.next; index < work.tasks.length; index++) {
    const { event, campaigns, ids } = work.tasks[index]!;
    switch (event.kind) {
      case 'tier':
        if (isErased(work) || !isNewerTier({ tier: event.tier, tierMs: event.timeMs }, member)) continue;
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
    const owners = ownersOf({ member }, event);
    const stored = (order: OrderEvent) => withStoredCouponId(runtime, { order, owners }, context.nowMs);
    const task: OrderTask = {
      order: await stored(event),
      campaigns: await campaignsOf(runtime, campaigns, context.nowMs),
      ids: ids.map((id) => ({ member: id, profile: decodeProfile(id.profile) })),
      pending: await Promise.all(pendingAfter(work, index, event).map(stored)),
    };
    const found = { member, profile };
    const known = await republishedReport(runtime, found, task, context.nowMs);
    if (known !== undefined) {
      reports.push(known);
      continue;
    }
    const { transition, report } = await transitionOf(runtime, work, { ...task, member, profile }, context);
    // The accounts of these coupons remember the event. So it is applied again to the coupons that are left, until they fit in
    // one transaction.
    if (transition.changes.length > MAX_CHANGES) {
      const [change, ...furtherChanges] = transition.changes.slice(0, MAX_CHANGES);
      const claim = { debits: [], change: change!, furtherChanges };
      return { work, claim, member: undefined, next: work.next, reports: [] };
    }
    ({ member, profile } = transition);
    isChanged = true;
    reports.push({ ...report, ...(isErased(work) ? { isErased: true } : { found }) });
    const { debits, changes } = transition;
    const [change, ...furtherChanges] = changes;
    if (debits.length > 0 || change !== undefined) {
      return writeUntil(index + 1, {
        debits,
        member: encoded(),
        ...(change === undefined ? {} : { change, furtherChanges }),
      });
    }
  }
  return writeUntil(work.tasks.length);
};

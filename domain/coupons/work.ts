import { type Claim, type ClaimOutcome, carryOut } from '#domain/grants/grants-table.ts';
import type { MemberEvent, OrderEvent, TierEvent } from '#domain/members/member-event.ts';
import { type Member, putMembers, readMembers } from '#domain/members/members-table.ts';
import {
  decodeProfile,
  encodeProfile,
  mayHaveBeenEvicted,
  type Profile,
  rememberedOutcome,
} from '#domain/members/profile.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type CouponCampaign, couponCampaign, currentPrices } from './campaigns.ts';
import { type CouponsRead, findBrought, findCoupon, findTraces, readCouponsNamedBy } from './lookup.ts';
import { decodeOutcome } from './outcome.ts';
import type { Report } from './report.ts';
import { type Deciding, type Step, step } from './step.ts';

/** An event, and the campaigns with coupons that it belongs to. */
export type Task = { event: MemberEvent; campaigns: readonly string[] };

/** What was done: what came of the orders, and for which members it could not be done, and why. */
export type Done = { reports: Report[]; failures: Map<string, unknown> };

/** Members that are worked on at the same time: enough to keep the connections of the SDK busy. */
const MEMBERS_AT_ONCE = 24;
/** How often a member may turn out to have been written by somebody else before it is left to a later delivery. */
const MAX_MISSES = 20;

/** A member's events, in the order of their times, and how far they have come. */
type Work = {
  member: Member;
  tasks: readonly Task[];
  /** Tasks before this one are written. */
  next: number;
  misses: number;
  /** What the refusals of the claim at hand said of budgets, by campaign and budget key. */
  remainders: Map<string, Map<string, number>>;
  /** By campaign, slots that were found taken. */
  slotFloors: Map<string, number>;
};

/** What is to be written next for a member, and what can be told once it is. */
type Writing = {
  work: Work;
  claim: Claim | undefined;
  member: Member | undefined;
  next: number;
  reports: Report[];
};

/** The later of two tiers that came with their times holds, whichever arrived first; of two at one time the greater name. */
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

const takeStep = async (
  runtime: Runtime,
  work: Work,
  member: Member,
  profile: Profile,
  order: OrderEvent,
  campaigns: readonly CouponCampaign[],
  read: CouponsRead,
  nowMs: number,
): Promise<{ taken: Step; report: Report }> => {
  const found = await findCoupon(runtime, order, read, nowMs);
  const deciding: Deciding[] = [];
  for (const campaign of campaigns) {
    const { campaignId } = campaign.settings;
    deciding.push({
      ...campaign,
      prices: await currentPrices(runtime, campaignId, nowMs),
      remainders: work.remainders.get(campaignId) ?? new Map(),
      slotFloor: work.slotFloors.get(campaignId) ?? 0,
    });
  }
  const taken = step(member, profile, order, found, deciding);
  const { outcome, draws, change, scored } = taken;
  const couponOf = change && (await couponCampaign(runtime, change.grant.campaignId, nowMs));
  return {
    taken,
    report: {
      order,
      outcome,
      campaigns,
      grants: draws.map(({ grant }) => grant),
      scored,
      coupon: change && couponOf && { grant: change.grant, settings: couponOf.settings },
    },
  };
};

/**
 * What to tell again of an order that is in the profile already, because it may not have been told the first time. What the
 * model saw is not told again: the profile has moved on, and scoring it anew would say something else.
 */
const tellAgain = async (
  runtime: Runtime,
  order: OrderEvent,
  remembered: number,
  campaigns: readonly CouponCampaign[],
  nowMs: number,
): Promise<Report> => {
  const outcome = decodeOutcome(remembered);
  const isBare = outcome.coupon === 'none' && !outcome.decisions.includes('given');
  const { grants, coupon } = isBare ? { grants: [], coupon: undefined } : await findTraces(runtime, order);
  const couponOf = coupon && (await couponCampaign(runtime, coupon.campaignId, nowMs));
  return {
    order,
    outcome,
    campaigns,
    grants,
    coupon: coupon && couponOf && { grant: coupon, settings: couponOf.settings },
  };
};

/** Takes a member's events in, up to and with the next one that hands something out. Nothing is written here. */
const prepare = async (runtime: Runtime, work: Work, read: CouponsRead, nowMs: number): Promise<Writing> => {
  let { member } = work;
  let profile = decodeProfile(member.profile);
  let isChanged = false;
  const reports: Report[] = [];
  const writing = (next: number, claim?: Claim): Writing => ({
    work,
    claim,
    member: isChanged ? { ...member, profile: encodeProfile(profile) } : undefined,
    next,
    reports,
  });
  for (let index = work.next; index < work.tasks.length; index++) {
    const { event, campaigns: ids } = work.tasks[index]!;
    if (event.kind === 'tier') {
      if (!isNewer(event, member)) continue;
      member = { ...member, tier: event.tier, tierMs: event.timeMs };
      isChanged = true;
      continue;
    }
    const campaigns = await campaignsOf(runtime, ids, nowMs);
    const remembered = rememberedOutcome(profile, event.id);
    if (remembered !== undefined) {
      reports.push(await tellAgain(runtime, event, remembered, campaigns, nowMs));
      continue;
    }
    if (event.kind === 'paid' && mayHaveBeenEvicted(profile, event)) {
      // What was written with a coupon was taken in with it. What came of the order else has long been told.
      const grants = await findBrought(runtime, event);
      if (grants.length > 0) {
        reports.push({ order: event, outcome: { coupon: 'none', decisions: [] }, campaigns, grants });
        continue;
      }
    }
    const { taken, report } = await takeStep(runtime, work, member, profile, event, campaigns, read, nowMs);
    ({ member, profile } = taken);
    isChanged = true;
    reports.push(report);
    const { draws, change } = taken;
    if (draws.length > 0 || change !== undefined) {
      const become = { ...member, profile: encodeProfile(profile) };
      return writing(index + 1, { draws, member: become, ...(change === undefined ? {} : { change }) });
    }
  }
  return writing(work.tasks.length);
};

const write = async (
  runtime: Runtime,
  writings: readonly Writing[],
): Promise<(ClaimOutcome | { kind: 'failed'; cause: unknown })[]> => {
  const claiming = writings.filter(({ claim }) => claim !== undefined);
  const claims = claiming.map(({ claim }) => claim!);
  const carrying = carryOut(runtime, claims).then(
    (outcomes) => new Map(claiming.map((writing, i) => [writing, outcomes[i]!])),
    (cause: unknown) => new Map(claiming.map((writing) => [writing, { kind: 'failed' as const, cause }])),
  );
  const plain = writings.filter(({ claim, member }) => claim === undefined && member !== undefined);
  const puts = await putMembers(
    runtime,
    plain.map(({ member }) => member!),
  );
  const outcomes = new Map<Writing, ClaimOutcome | { kind: 'failed'; cause: unknown }>(await carrying);
  for (const [i, put] of puts.entries()) {
    outcomes.set(plain[i]!, put.kind === 'refused' ? { kind: 'stale' } : put);
  }
  // A member of whom there was nothing to write is done as well.
  return writings.map((writing) => outcomes.get(writing) ?? { kind: 'done' });
};

const noteRemainder = (work: Work, { budget, remainingFen }: ClaimOutcome & { kind: 'refused' }): void => {
  const ofCampaign = work.remainders.get(budget.campaignId) ?? new Map<string, number>();
  work.remainders.set(budget.campaignId, ofCampaign.set(budget.key, remainingFen));
};

const noteTakenSlot = (work: Work, { grant }: ClaimOutcome & { kind: 'known' }): void => {
  const { next, tasks, slotFloors } = work;
  const isOwn = tasks.slice(next).some(({ event }) => event.id === grant.trigger);
  if (!isOwn) slotFloors.set(grant.campaignId, Number(grant.slot) + 1);
};

/** Takes the outcome of a writing in. Returns whether the member must be read again. */
const settle = ({ work, member, next }: Writing, outcome: ClaimOutcome): boolean => {
  switch (outcome.kind) {
    case 'done':
      if (member !== undefined) work.member = { ...member, version: member.version + 1 };
      work.next = next;
      work.misses = 0;
      work.remainders.clear();
      return false;
    case 'refused':
      noteRemainder(work, outcome);
      return false;
    case 'known':
      noteTakenSlot(work, outcome);
      work.misses++;
      return true;
    case 'stale':
      work.misses++;
      return true;
    default:
      return outcome satisfies never;
  }
};

const worksOf = (tasks: readonly Task[], members: ReadonlyMap<string, Member>): Work[] =>
  [...Map.groupBy(tasks, ({ event }) => event.member)].map(([member, ofMember]) => ({
    member: members.get(member)!,
    tasks: ofMember.toSorted((a, b) => a.event.timeMs - b.event.timeMs),
    next: 0,
    misses: 0,
    remainders: new Map(),
    slotFloors: new Map(),
  }));

/** A member's next paid order, whose coupon is as good as sure to be asked for. */
const nextPaid = ({ tasks, next }: Work): OrderEvent[] => {
  const event = tasks.slice(next).find((task) => task.event.kind !== 'tier')?.event;
  return event?.kind === 'paid' ? [event] : [];
};

/**
 * Does the work of a batch of events: members side by side, the events of each in the order of their times. A member that
 * somebody else has written meanwhile is read again and its events are taken in once more; what was done already is
 * remembered there, and is told again.
 */
export const workOff = async (runtime: Runtime, tasks: readonly Task[], nowMs: number): Promise<Done> => {
  const members = await readMembers(runtime, [...new Set(tasks.map(({ event }) => event.member))]);
  const done: Done = { reports: [], failures: new Map() };
  let works = worksOf(tasks, members);
  while (works.length > 0) {
    const read = await readCouponsNamedBy(runtime, works.flatMap(nextPaid), nowMs);
    const prepared = await mapLimited(
      works,
      MEMBERS_AT_ONCE,
      async (work) => (await Promise.allSettled([prepare(runtime, work, read, nowMs)]))[0],
    );
    const writings: Writing[] = [];
    for (const [i, result] of prepared.entries()) {
      if (result.status === 'fulfilled') writings.push(result.value);
      else done.failures.set(works[i]!.member.member, result.reason);
    }
    const outcomes = await write(runtime, writings);
    const again: Work[] = [];
    const stale: Work[] = [];
    for (const [i, writing] of writings.entries()) {
      const { work } = writing;
      const outcome = outcomes[i]!;
      if (outcome.kind === 'failed') {
        done.failures.set(work.member.member, outcome.cause);
        continue;
      }
      const mustRead = settle(writing, outcome);
      if (outcome.kind === 'done') done.reports.push(...writing.reports);
      if (work.misses > MAX_MISSES) {
        done.failures.set(
          work.member.member,
          new Error(`member written by others ${work.misses} times in a row`),
        );
        continue;
      }
      if (mustRead) stale.push(work);
      if (work.next < work.tasks.length) again.push(work);
    }
    const fresh = await readMembers(
      runtime,
      stale.map(({ member }) => member.member),
    );
    for (const work of stale) work.member = fresh.get(work.member.member)!;
    works = again;
  }
  return done;
};

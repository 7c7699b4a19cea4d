/** Writes what was prepared for members, and says what each outcome means for their work. */
import { type ClaimOutcome, carryOut } from '#domain/grants/claims.ts';
import { putMembers } from '#domain/members/members-table.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { MemberWork, MemberWrite } from './member-write.ts';

export type WriteOutcome = ClaimOutcome | { kind: 'failed'; cause: unknown };

/** Carries out the writes of different members. Outcomes are in the order of the writes. */
export const writeMembers = async (
  runtime: Runtime,
  writes: readonly MemberWrite[],
): Promise<WriteOutcome[]> => {
  const claiming = writes.filter(({ claim }) => claim !== undefined);
  const claims = claiming.map(({ claim }) => claim!);
  const carrying = carryOut(runtime, claims).then(
    (outcomes) => new Map(claiming.map((write, i) => [write, outcomes[i]!])),
    (cause: unknown) => new Map(claiming.map((write) => [write, { kind: 'failed' as const, cause }])),
  );
  const plain = writes.filter(({ claim, member }) => claim === undefined && member !== undefined);
  const puts = await putMembers(
    runtime,
    plain.map(({ member }) => member!),
  );
  const outcomes = new Map<MemberWrite, WriteOutcome>(await carrying);
  for (const [i, put] of puts.entries()) {
    outcomes.set(plain[i]!, put.kind === 'refused' ? { kind: 'stale' } : put);
  }
  // A member without anything to write is done as well.
  return writes.map((write) => outcomes.get(write) ?? { kind: 'done' });
};

/** Notes why money was refused: the next attempt's decision takes the reason into account. */
const noteRefusal = (work: MemberWork, refusal: ClaimOutcome & { kind: 'refused' }): void => {
  const { campaignId, key } = refusal.budget;
  switch (refusal.reason) {
    case 'budget-empty': {
      const ofCampaign = work.remainders.get(campaignId) ?? new Map<string, number>();
      work.remainders.set(campaignId, ofCampaign.set(key, refusal.remainingFen));
      return;
    }
    case 'paused':
    case 'closed':
      work.halted.set(campaignId, refusal.reason);
      return;
    default:
      refusal satisfies never;
  }
};

/**
 * Skips a slot that another order's grant has taken, and says whether it did. Each slot is skipped at most once, so the attempts
 * end.
 */
const passTakenSlot = (work: MemberWork, { grant }: ClaimOutcome & { kind: 'known' }): boolean => {
  const { next, tasks, slotFloors } = work;
  const floor = Number(grant.slot) + 1;
  const isOwn = tasks.slice(next).some(({ event }) => event.id === grant.trigger);
  if (isOwn || floor <= (slotFloors.get(grant.campaignId) ?? 0)) return false;
  slotFloors.set(grant.campaignId, floor);
  return true;
};

/** Applies the outcome of a write to its member's work. Returns whether the member must be read again. */
export const applyWriteOutcome = ({ work, member, next }: MemberWrite, outcome: ClaimOutcome): boolean => {
  switch (outcome.kind) {
    case 'done':
      if (member !== undefined) work.member = { ...member, version: member.version + 1 };
      work.next = next;
      work.misses = 0;
      work.remainders.clear();
      work.halted.clear();
      return false;
    case 'refused':
      noteRefusal(work, outcome);
      return false;
    case 'known':
      if (!passTakenSlot(work, outcome)) work.misses++;
      return true;
    case 'stale':
      work.misses++;
      return true;
    default:
      return outcome satisfies never;
  }
};

/** Erases a member: the order of the steps, and how they continue over several messages. */
import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { readLinked } from '#domain/members/links.ts';
import { idsOf, isErasedName } from '#domain/members/members-table.ts';
import { erasedMemberOf, noteGone } from '#domain/members/tombstones.ts';
import type { MemberErased } from '#events/contract.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { asError } from '#platform/log.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { clearEntries } from './entries.ts';
import { type ErasedId, eraseIds, freePlaces } from './erase-ids.ts';
import { moveGrants } from './move-grants.ts';
import { clearRounds } from './rounds.ts';

/** SQS delays a message by at most this long. */
const MAX_DELAY_SECONDS = 900;

/**
 * Where the clearing of campaigns continues: at a part of the rounds that a presale has stored (see
 * `rounds.ts`) or, if `part` is above 0, at a part of the campaign's draw. Messages of the previous version have no
 * `rounds`.
 */
export type ErasureCursor = { campaignId: string; rounds?: number; part: number };

/** The event; after the first delivery, all ids of the member too; once campaigns are being cleared, where that continues. */
export type ErasureMessage = MemberErased & { ids?: readonly string[]; from?: ErasureCursor };

/** All ids of a member, found from one of them. Of an erased member, only the given id is known. */
const idsToErase = async (runtime: Runtime, named: string): Promise<string[]> => {
  const member = (await readLinked(runtime, [named])).get(named)!.at(-1)!;
  return isErasedName(member.member) ? [named] : [...new Set([named, ...idsOf(member)])];
};

/**
 * Takes ids out of the campaigns, in the order of the campaigns' ids, from a cursor on. Calls `onReached` with where it would
 * continue, whenever it has come further. Returns where it stopped because it was late; undefined once nothing is left to do.
 */
const clearCampaigns = async (
  runtime: Runtime,
  all: readonly ErasedId[],
  from: ErasureCursor,
  { isLate, onReached }: { isLate: () => boolean; onReached: (cursor: ErasureCursor) => void },
): Promise<ErasureCursor | undefined> => {
  const listing = await readListing(runtime);
  const left = listing.filter(({ settings }) => settings.campaignId >= from.campaignId);
  for (const [i, { settings, hasCoupons, hasFreeOrders }] of left.entries()) {
    const { campaignId } = settings;
    if (i > 0) onReached({ campaignId, part: 0 });
    const { rounds = 0, part } = from.campaignId === campaignId ? from : { part: 0 };
    if (hasCoupons && part === 0) {
      const cursorAt = (next: number): ErasureCursor => ({ campaignId, rounds: next, part });
      const onPart = (next: number): void => onReached(cursorAt(next));
      const stopped = await clearRounds(runtime, campaignId, all, { from: rounds, isLate, onPart });
      if (stopped !== undefined) return cursorAt(stopped);
    }
    if (hasFreeOrders) {
      const onPart = (next: number): void => onReached({ campaignId, part: next });
      const stopped = await clearEntries(runtime, campaignId, all, { from: part, isLate, onPart });
      if (stopped !== undefined) return { campaignId, part: stopped };
    }
  }
  return undefined;
};

/** Where the clearing of campaigns begins. */
const START: ErasureCursor = { campaignId: '', part: 0 };

/**
 * Erases a member with all of its ids. First the ids get tombstones and their items are emptied, so that
 * nothing more is decided or remembered under an id. Once no earlier worker can still run, the member's erased
 * name replaces the id: first in the grants, then in the stored rounds of presales and the entries of draws.
 * Between these steps, and while the last one takes longer than one invocation, the message goes back to its
 * queue, so a failure repeats only one step. Each step may be repeated at any time, by several workers at
 * once, and after a crash between any two calls. No step gives or takes anything of value.
 */
export const eraseMember = async (
  runtime: Runtime,
  message: ErasureMessage,
  isLate: () => boolean,
): Promise<void> => {
  const ids = message.ids ?? (await idsToErase(runtime, message.data.memberId));
  const all = await Promise.all(
    ids.map(async (member) => ({ member, ...(await erasedMemberOf(runtime, member)) })),
  );
  if (message.from === undefined)
    return forgetIds(runtime, { ...message, ids }, all, message.ids === undefined);
  let next: ErasureCursor | undefined;
  try {
    const onReached = (cursor: ErasureCursor): void => {
      next = cursor;
    };
    const stopped = await clearCampaigns(runtime, all, message.from, { isLate, onReached });
    if (stopped === undefined) {
      for (const erased of all) await noteGone(runtime, erased, runtime.clock.nowMs());
      return;
    }
    next = stopped;
  } catch (cause) {
    // There may be so many parts that the work would never end if it began again after each failure.
    if (next === undefined) throw cause;
    runtime.logger.warn('erasure goes on where a call failed', { ...next, cause: asError(cause) });
  }
  await sendAgain(runtime, { ...message, ids, from: next }, 0);
};

/** The steps before campaigns are cleared. */
const forgetIds = async (
  runtime: Runtime,
  message: ErasureMessage,
  all: readonly ErasedId[],
  isFirst: boolean,
): Promise<void> => {
  const waitSeconds = Number(runtime.environment('ERASURE_WAIT_SECONDS'));
  const again = (seconds: number): Promise<void> =>
    sendAgain(runtime, message, Math.min(MAX_DELAY_SECONDS, seconds));
  // The message that names all ids is sent before they are erased: only the items of the ids say that they are one member's.
  // Only such a message takes the later steps: after a crash, one that names a single id would not find the others.
  if (isFirst) await again(waitSeconds);
  const erasedMs = await eraseIds(runtime, all);
  if (isFirst) return;
  const leftSeconds = Math.ceil((erasedMs - runtime.clock.nowMs()) / SECOND_MS) + waitSeconds;
  if (leftSeconds > 0) return again(leftSeconds);
  await freePlaces(runtime, all);
  for (const { member, name } of all) await moveGrants(runtime, member, name);
  await sendAgain(runtime, { ...message, from: START }, 0);
};

const sendAgain = (runtime: Runtime, message: ErasureMessage, delaySeconds: number): Promise<void> =>
  sendAll(runtime, runtime.environment('PRESALE_QUEUE_URL'), [{ message, delaySeconds }]);

/** Puts tombstones in place of a member's ids and of what is remembered under them. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  type Member,
  memberDelete,
  memberPut,
  newMember,
  readMembers,
} from '#domain/members/members-table.ts';
import { type ErasedMember, erasedNames, readErasures, tombstonePut } from '#domain/members/tombstones.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';

/** How many attempts in a row may fail because another worker wrote one of the members, or the answer was lost. */
const MAX_ATTEMPTS = 24;

/** An id to erase, the name that replaces it, and the key of its tombstone. */
export type ErasedId = ErasedMember & { member: string };

/**
 * Throws if a member was linked after its ids were read. Only its item names the other id, so the item must not be emptied
 * before that id is erased too. The erasure's event comes again, and this time the id is found.
 */
const requireAllErased = async (
  runtime: Runtime,
  { aliases = [], link }: Member,
  ids: ReadonlySet<string>,
): Promise<void> => {
  const linked = [...aliases, ...(link === undefined ? [] : [link.to])];
  const others = linked.filter((id) => !ids.has(id));
  if (others.length === 0) return;
  const left = others.length - (await erasedNames(runtime, others)).size;
  if (left > 0)
    throw new Error(
      `profile of an erased member: expected all of its ids to be erased, got ${left} that are not`,
    );
};

/**
 * The writes that erase an id: a tombstone, unless the id has one, and an empty item in place of what is remembered. Only the
 * lines of the member's latest orders are kept for a while, under the name that replaces the id: without them, an order that
 * comes after its refund would not find this refund.
 */
const actionsOf = (
  runtime: Runtime,
  erased: ErasedId,
  { old, kept, tombstone }: { old: Member; kept: Member; tombstone: TransactWriteItem[] },
): TransactWriteItem[] => {
  const empty: Member = { ...newMember(erased.member), version: old.version, isErased: true };
  const actions = [...tombstone, { Put: memberPut(runtime, empty) }];
  if (kept.version === 0 && old.accounts.length > 0)
    actions.push({ Put: memberPut(runtime, { ...newMember(erased.name), accounts: old.accounts }) });
  return actions;
};

/**
 * Erases all ids of a member in one transaction. A worker that has read one of them before can no longer write it, even if it
 * found nothing stored. Ids that are erased already stay as they are: a late transaction that would erase them again is refused.
 * Returns the time at which the last of them was erased, in ms since the epoch.
 */
export const eraseIds = async (runtime: Runtime, all: readonly ErasedId[]): Promise<number> => {
  const ids = new Set(all.map(({ member }) => member));
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const nowMs = runtime.clock.nowMs();
    const erasures = await readErasures(runtime, all);
    const found = await readMembers(
      runtime,
      all.flatMap(({ member, name }) => [member, name]),
    );
    const actions: TransactWriteItem[] = [];
    for (const erased of all) {
      const [old, kept] = [found.get(erased.member)!, found.get(erased.name)!];
      const isKnown = erasures.has(erased.tombstone);
      if (isKnown && (old.version === 0 || old.isErased)) continue;
      await requireAllErased(runtime, old, ids);
      const tombstone = isKnown ? [] : [{ Put: tombstonePut(runtime, erased, nowMs) }];
      actions.push(...actionsOf(runtime, erased, { old, kept, tombstone }));
    }
    if (actions.length === 0 || (await transact(runtime, actions)).kind === 'done')
      return Math.max(...all.map(({ tombstone }) => erasures.get(tombstone)?.erasedMs ?? nowMs));
    await backoff(runtime, attempt);
  }
  throw new Error(`ids of an erased member: expected to be erased, got ${MAX_ATTEMPTS} conflicts`);
};

/** Deletes the items that keep the places of erased ids. Call this only once no worker can still write such an id. */
export const freePlaces = async (runtime: Runtime, all: readonly ErasedId[]): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const found = await readMembers(
      runtime,
      all.map(({ member }) => member),
    );
    const actions = [...found.values()]
      .filter(({ isErased }) => isErased)
      .map((member) => ({ Delete: memberDelete(runtime, member) }));
    if (actions.length === 0 || (await transact(runtime, actions)).kind === 'done') return;
    await backoff(runtime, attempt);
  }
  throw new Error(`places of erased ids: expected to be freed, got ${MAX_ATTEMPTS} conflicts`);
};

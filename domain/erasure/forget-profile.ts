import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  type Member,
  memberDelete,
  memberPut,
  newMember,
  readMembers,
} from '#domain/members/members-table.ts';
import { erasedNames } from '#domain/members/tombstones.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';

/** Attempts in a row in which another worker wrote the member, or the answer was lost. */
const MAX_ATTEMPTS = 24;

/**
 * Throws if the member was linked after its ids were read, by a worker that began before the tombstones. Only its profile names
 * the other id, so it must not be deleted before that id is erased too. The event comes again and then finds the id.
 */
const requireAllErased = async (runtime: Runtime, { aliases = [], link }: Member): Promise<void> => {
  const others = [...aliases, ...(link === undefined ? [] : [link.to])];
  if (others.length === 0) return;
  const left = others.length - (await erasedNames(runtime, others)).size;
  if (left > 0)
    throw new Error(
      `profile of an erased member: expected all of its ids to be erased, got ${left} that are not`,
    );
};

/**
 * Deletes what is remembered of a member. A worker that has read it can then no longer write it. Only the lines of its latest
 * orders are kept, under its name and for a while: without them a refund that comes before its order would not be found.
 */
export const forgetProfile = async (runtime: Runtime, member: string, name: string): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const found = await readMembers(runtime, [member, name]);
    const [old, kept] = [found.get(member)!, found.get(name)!];
    if (old.version === 0) return;
    await requireAllErased(runtime, old);
    const { accounts } = old;
    const actions: TransactWriteItem[] = [{ Delete: memberDelete(runtime, old) }];
    if (kept.version === 0 && accounts.length > 0)
      actions.push({ Put: memberPut(runtime, { ...newMember(name), accounts }) });
    if ((await transact(runtime, actions)).kind === 'done') return;
    await backoff(runtime, attempt);
  }
  throw new Error(`profile of an erased member: expected to be deleted, got ${MAX_ATTEMPTS} conflicts`);
};

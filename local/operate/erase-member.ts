/** Erases a member, and shows whether the erasure is complete. */
import { randomUUID } from 'node:crypto';
import { type Erasure, erasedMemberOf, readErasures } from '#domain/members/tombstones.ts';
import { formatTime } from '#events/contract.ts';
import { withMessages } from './queue-peek.ts';
import { sendOne, untilHolds } from './send-events.ts';
import type { Target } from './target.ts';

const SOURCE = '/zhihui/cli';

/** Whether and when a member was erased; `goneAt` is set once nothing in the tables has the member's id. */
export type ShownErasure = { erasedAt?: string; goneAt?: string };

const shownOf = (erasure: Erasure | undefined): ShownErasure => ({
  ...(erasure === undefined ? {} : { erasedAt: formatTime(erasure.erasedMs) }),
  ...(erasure?.goneMs === undefined ? {} : { goneAt: formatTime(erasure.goneMs) }),
});

export const showErasure = async ({ runtime }: Target, member: string): Promise<ShownErasure> => {
  const erased = await erasedMemberOf(runtime, member);
  return shownOf((await readErasures(runtime, [erased])).get(erased.tombstone));
};

/** Whether a text is somewhere in a JSON value. */
const holds = (value: unknown, text: string): boolean => {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === text || holds(inner, text));
};

/** Deletes the rejects that name a member. Returns their number. */
const deleteRejects = (target: Target, member: string): Promise<number> =>
  withMessages(target, target.output('RejectsQueueUrl'), async (rejects, remove) => {
    const named = rejects.filter(({ body }) => holds(JSON.parse(body), member));
    for (const one of named) await remove(one);
    return named.length;
  });

export type ErasedMember = ShownErasure & {
  /** Whether the erasure is in effect; false if that took longer than half a minute. */
  isInEffect: boolean;
  rejectsDeleted: number;
};

/**
 * Erases a member, and waits until that is in effect: work that begins from then on stores nothing under the member's id.
 * Throws an InputError for a text that cannot be a member's id. Erasing a member again removes what an older version may have
 * left, and changes nothing else.
 */
export const eraseMember = async (target: Target, member: string): Promise<ErasedMember> => {
  const { runtime } = target;
  await sendOne(target, {
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCE,
    type: 'member.erased',
    time: formatTime(runtime.clock.nowMs()),
    data: { memberId: member },
  });
  let shown: ShownErasure = {};
  const isInEffect = await untilHolds(target, async () => {
    shown = await showErasure(target, member);
    return shown.erasedAt !== undefined;
  });
  return { ...shown, isInEffect, rejectsDeleted: await deleteRejects(target, member) };
};

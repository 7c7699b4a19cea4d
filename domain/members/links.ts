import type { Runtime } from '#platform/runtime.ts';
import type { Member } from './members-table.ts';
import { HALF_LIVES_DAYS, halfLifeFactor, type Profile } from './profile.ts';
import { readMembersOrErased } from './tombstones.ts';

/**
 * One member under several ids. The item of an alias names the member that the alias belongs to. The item of the id that an order
 * names is read anyway, so links cost no reads or writes for an order of a member without links. Only an erasure removes links,
 * and they never form a circle, so following them leads to the member.
 */

/**
 * The most aliases of one member. So at most this many more reads lead from an id to its member, and checking what a member may
 * still get takes at most as many more queries.
 */
export const MAX_ALIASES = 8;

/**
 * Reads ids and what they are linked to: by id, the items from the id's own to its member's, which is the
 * last. Without links it reads each id once, strongly consistent; only for an id of which nothing is stored does it also look for a
 * tombstone. An erased id leads to what is kept
 * under the name that replaces it.
 */
export const readLinked = async (
  runtime: Runtime,
  ids: readonly string[],
): Promise<Map<string, readonly Member[]>> => {
  const read = await readMembersOrErased(runtime, [...new Set(ids)]);
  const targets = (): string[] =>
    [...read.values()].flatMap(({ link }) => (link === undefined || read.has(link.to) ? [] : [link.to]));
  for (let missing = targets(); missing.length > 0; missing = targets()) {
    for (const [id, member] of await readMembersOrErased(runtime, [...new Set(missing)]))
      read.set(id, member);
  }
  return new Map(
    ids.map((id) => {
      const chain = [read.get(id)!];
      for (let next = chain[0]!.link; next !== undefined; next = chain.at(-1)!.link)
        chain.push(read.get(next.to)!);
      return [id, chain];
    }),
  );
};

/** Whether nothing at all is known of a member: no order or refund, no tier, no alias. */
export const isUnheardOf = ({ tierMs, aliases }: Member, { recent }: Profile): boolean =>
  tierMs === 0 && aliases === undefined && recent.length === 0;

/**
 * A member's profile with the behaviour of an alias in it: decayed sums add up. The remembered events are not merged, because
 * each id remembers its own: an alias's item still knows which events came before the link.
 */
export const mergedProfile = (profile: Profile, ofAlias: Profile): Profile => {
  const newestMs = Math.max(profile.newestMs, ofAlias.newestMs);
  const decayed = ({ sums, newestMs: fromMs }: Profile, index: number): number =>
    sums[index]! * halfLifeFactor(index % HALF_LIVES_DAYS.length, newestMs - fromMs);
  const firsts = [profile.firstOrderMs, ofAlias.firstOrderMs].filter((ms) => ms > 0);
  return {
    ...profile,
    newestMs,
    firstOrderMs: firsts.length === 0 ? 0 : Math.min(...firsts),
    lastOrderMs: Math.max(profile.lastOrderMs, ofAlias.lastOrderMs),
    sums: profile.sums.map((_, index) => decayed(profile, index) + decayed(ofAlias, index)),
  };
};

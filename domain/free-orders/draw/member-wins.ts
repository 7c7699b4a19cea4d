/** Reads the wins of members, under all of their ids. */
import type { StoredGrant } from '#domain/grants/grant.ts';
import { closeSlot, readGrantsOf, readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { readLinked } from '#domain/members/links.ts';
import { idsOf, isErasedName } from '#domain/members/members-table.ts';
import { erasedNames } from '#domain/members/tombstones.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Rules } from '../rules/rules.ts';

const READS_AT_ONCE = 16;

/** An id's member, and all ids whose wins count towards the member's limits. */
export type WinGroup = { member: string; ids: readonly string[] };

/** Whether a draw limits what one member may win. Only then does it matter which ids are one member's. */
export const limitsMembers = ({ definition }: Rules): boolean =>
  definition.perMember !== undefined ||
  definition.perMemberPerDay !== undefined ||
  definition.firstOrderOnly === true;

/** Groups in which each id stands for itself. */
export const ownGroups = (ids: readonly string[]): Map<string, WinGroup> =>
  new Map(ids.map((id) => [id, { member: id, ids: [id] }]));

/** The groups of these ids. An erased id stands for itself. So does every id if a draw limits no member; then nothing is read. */
export const groupsOf = async (
  runtime: Runtime,
  rules: Rules,
  ids: readonly string[],
): Promise<Map<string, WinGroup>> => {
  const own = [...new Set(ids)];
  if (!limitsMembers(rules)) return ownGroups(own);
  const linked = await readLinked(runtime, own);
  return new Map(
    own.map((id) => {
      const member = linked.get(id)!.at(-1)!;
      if (isErasedName(member.member)) return [id, { member: id, ids: [id] }];
      return [id, { member: member.member, ids: idsOf(member) }];
    }),
  );
};

const isWin = ({ kind }: StoredGrant): boolean => kind === 'free-order';

/**
 * The free orders that groups have won in a campaign, revoked ones included, by the keys of `groups`. Those of
 * an erased member are looked for under the id and under the name that replaces it.
 */
export const readWinsOfGroups = async (
  runtime: Runtime,
  campaignId: string,
  groups: ReadonlyMap<string, WinGroup>,
): Promise<Map<string, StoredGrant[]>> => {
  const names = await erasedNames(
    runtime,
    [...groups.values()].flatMap(({ ids }) => ids),
  );
  const wins = await mapLimited([...groups], READS_AT_ONCE, async ([key, { ids }]) => {
    const underIds = await readGrantsOfAll(runtime, ids, campaignId);
    // The names are read after the ids, so a win that moves from an id to a name meanwhile is found at least once.
    const ofErased = ids.flatMap((id) => names.get(id) ?? []);
    const underNames = await readGrantsOfAll(runtime, ofErased, campaignId);
    const grants = new Map([...underIds, ...underNames].map((grant) => [grant.id, grant]));
    return [key, [...grants.values()].filter(isWin)] as const;
  });
  return new Map(wins);
};

/** The free orders that members have won in a campaign, by each id that is asked for, revoked ones included. */
export const readWins = async (
  runtime: Runtime,
  rules: Rules,
  ids: readonly string[],
): Promise<Map<string, StoredGrant[]>> =>
  readWinsOfGroups(runtime, rules.campaignId, await groupsOf(runtime, rules, ids));

/** The wins of these members that belong to the given participations, each once. */
export const readWinsOf = async (
  runtime: Runtime,
  rules: Rules,
  ids: readonly string[],
  names: ReadonlySet<string>,
): Promise<StoredGrant[]> => {
  const wins = [...(await readWins(runtime, rules, ids)).values()].flat();
  return [...new Map(wins.map((win) => [win.id, win])).values()].filter(({ trigger }) => names.has(trigger));
};

/**
 * Closes the next number for a win of an alias: a claim that was begun before the link may still be about to
 * use it. After that, the alias gets no more wins.
 */
const closeNumbers = async (runtime: Runtime, campaignId: string, alias: string): Promise<void> => {
  for (;;) {
    const wins = (await readGrantsOf(runtime, alias, campaignId)).filter(isWin);
    const key = { campaignId, member: alias, kind: 'free-order', slot: String(wins.length) } as const;
    if ((await closeSlot(runtime, key)) === undefined) return;
  }
};

/** Closes the next numbers of all aliases among these groups: from then on wins are numbered under the members alone. */
export const closeAliases = async (
  runtime: Runtime,
  campaignId: string,
  groups: Iterable<WinGroup>,
): Promise<void> => {
  const aliases = new Set([...groups].flatMap(({ member, ids }) => ids.filter((id) => id !== member)));
  await mapLimited([...aliases], READS_AT_ONCE, (alias) => closeNumbers(runtime, campaignId, alias));
};

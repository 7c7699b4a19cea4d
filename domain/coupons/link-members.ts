/** Links several ids of one member. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { isUnheardOf, MAX_ALIASES, mergedProfile, readLinked } from '#domain/members/links.ts';
import type { LinkEvent } from '#domain/members/member-event.ts';
import { idsOf, isErasedName, type Member, memberPut } from '#domain/members/members-table.ts';
import { decodeProfile, encodeProfile } from '#domain/members/profile.ts';
import { type Rejection, rejection } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';
import { mergedAccounts } from './accounts.ts';

/** A link that contradicts an earlier one or is one too many, and the reason. */
export type RefusedLink = { event: LinkEvent; rejection: Rejection };

/** After this many failed attempts in a row, a link is left to a redelivery. */
const MAX_ATTEMPTS = 24;

/** Whether a tier replaces another: the later one does. At equal times it is the one whose name is greater as text. */
export const isNewerTier = (
  { tier, tierMs }: Pick<Member, 'tier' | 'tierMs'>,
  than: Pick<Member, 'tier' | 'tierMs'>,
): boolean => tierMs > than.tierMs || (tierMs === than.tierMs && tier > than.tier);

/** The member with everything that is known of the alias. What was granted to the alias stays under the alias's id. */
const withAlias = (member: Member, alias: Member, nowMs: number): Member => {
  const profile = decodeProfile(member.profile);
  const { tier, tierMs } = isNewerTier(alias, member) ? alias : member;
  const merged = mergedProfile(profile, decodeProfile(alias.profile));
  return {
    ...member,
    tier,
    tierMs,
    profile: merged.newestMs === 0 ? member.profile : encodeProfile(merged),
    accounts: mergedAccounts(member.accounts, alias.accounts),
    aliases: [...(member.aliases ?? []), ...idsOf(alias)],
    ...(isUnheardOf(member, profile) ? { joined: { sinceMs: nowMs, firstId: '' } } : {}),
  };
};

/**
 * Why two members cannot become one; undefined if they can. The ids of the event lead to `alias` and
 * `member`.
 */
const refusalOf = ({ event }: LinkEvent, alias: Member, member: Member): Rejection | undefined => {
  const { aliasId } = event.data;
  if (alias.member === member.member)
    return rejection('conflicting-link', 'data.aliasId', 'an id that memberId is not an alias of', aliasId);
  if (alias.member !== aliasId)
    return rejection('conflicting-link', 'data.aliasId', 'an id that is no alias of another member', aliasId);
  const aliases = idsOf(alias).length + (member.aliases?.length ?? 0);
  return aliases > MAX_ALIASES
    ? rejection('too-many-links', 'data.aliasId', `at most ${MAX_ALIASES} aliases of one member`, aliases)
    : undefined;
};

/** Links an alias to its member, or finds that this was done before. Returns why it is refused, if it is. */
const linkOne = async (runtime: Runtime, link: LinkEvent, nowMs: number): Promise<Rejection | undefined> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const chains = await readLinked(runtime, [link.member, link.to]);
    const alias = chains.get(link.member)!.at(-1)!;
    const member = chains.get(link.to)!.at(-1)!;
    // If either of the two is erased, neither is written: the link would bring the erased member back.
    if (isErasedName(alias.member) || isErasedName(member.member)) return undefined;
    const isKnown = alias.member === member.member && alias.member !== link.member;
    if (isKnown) return undefined;
    const refusal = refusalOf(link, alias, member);
    if (refusal !== undefined) return refusal;
    const { id, timeMs } = link;
    // Each member is written on condition that it has not changed since it was read. So no order of the alias was decided in
    // between, and neither member was linked to another.
    const puts: TransactWriteItem[] = [
      { Put: memberPut(runtime, { ...alias, link: { to: member.member, id, timeMs } }) },
      { Put: memberPut(runtime, withAlias(member, alias, nowMs)) },
    ];
    const outcome = await transact(runtime, puts);
    if (outcome.kind === 'done') return undefined;
    await backoff(runtime, attempt);
  }
  throw new Error(`link: expected to be written within ${MAX_ATTEMPTS} attempts, got a conflict in each`);
};

/**
 * Links aliases to their members, each in one transaction: the alias's item names the member, and the member's item takes over
 * the alias's behaviour, tier and lines of orders. From then on the limits, the tier and the profile are one member's.
 *
 * Of several links of one id, the first that is written stands; within a batch that is the earliest by time and event id. A
 * repetition changes nothing. A link of the same id to another member is refused, and so is one that would close a circle. An id
 * that is linked to an alias belongs to the alias's member, so the order in which the links of a chain arrive does not matter.
 */
export const linkMembers = async (
  runtime: Runtime,
  links: readonly LinkEvent[],
  { nowMs, failures }: { nowMs: number; failures: Map<string, unknown> },
): Promise<RefusedLink[]> => {
  const refused: RefusedLink[] = [];
  const ordered = links.toSorted((a, b) => a.timeMs - b.timeMs || compareText(a.id, b.id));
  for (const event of ordered) {
    try {
      const refusal = await linkOne(runtime, event, nowMs);
      if (refusal !== undefined) refused.push({ event, rejection: refusal });
    } catch (cause) {
      failures.set(event.member, cause);
    }
  }
  return refused;
};

import {
  type AttributeValue,
  type BatchStatementRequest,
  type Delete,
  type Put,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { batchGet } from '#platform/batch-get.ts';
import { executeStatements, type StatementOutcome } from '#platform/batch-statements.ts';
import { DAY_MS, SECOND_MS } from '#platform/duration.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';

/**
 * All statements on the members table except those on tombstones. The table's key is the member's id; an item holds everything
 * that is remembered about one member.
 */

export type Member = {
  member: string;
  /** Counts the writes; 0 for a member who is not stored. */
  version: number;
  /** The tier, and the time of the event that said so; '' and 0 for a member without a tier. */
  tier: string;
  tierMs: number;
  /** See `profile.ts`; empty for a member who never ordered. */
  profile: Uint8Array;
  /** See `coupons/accounts.ts`; empty for a member without any order or refund. */
  accounts: Uint8Array;
  /**
   * By campaign, the slot to try for the member's next coupon. It only saves attempts: the grants decide whether a slot is
   * taken.
   */
  nextSlots: Record<string, number>;
  /** Set for an alias, which is no longer a member of its own. The rest of its item stays as it was when the alias was linked. */
  link?: Link;
  /** The member's aliases, their own aliases and so on, in the order in which they were linked; absent if there are none. */
  aliases?: readonly string[];
  /** Set if nothing was known of the member before an alias of it was linked. */
  joined?: Joined;
  /**
   * Set while a member is being erased: nothing else is left of it. The item only keeps its place, so that a worker that read the
   * member before cannot write it again.
   */
  isErased?: true;
};

/** The member that an alias belongs to, and the event that said so first. */
export type Link = { to: string; id: string; timeMs: number };

/**
 * When a member became known by a link, in ms since the epoch, and the id of the first event under the member's own id after
 * that; '' before it comes.
 */
export type Joined = { sinceMs: number; firstId: string };

/** All ids of a member: its own, and those of its aliases. */
export const idsOf = ({ member, aliases = [] }: Member): string[] => [member, ...aliases];

/**
 * Whether this key is not a member's id but the name or the tombstone of an erased member; see `tombstones.ts`. No id that the
 * contract allows begins with white space.
 */
export const isErasedName = (member: string): boolean => member.startsWith(' ');

const tableName = (runtime: Runtime): string => runtime.environment('MEMBERS_TABLE');

export const newMember = (member: string): Member => ({
  member,
  version: 0,
  tier: '',
  tierMs: 0,
  profile: new Uint8Array(),
  accounts: new Uint8Array(),
  nextSlots: {},
});

const memberOf = ({ member, body }: Item): Member => {
  const { version, tier, tierMs, profile, accounts, slots, link, aliases, joined, erased } = body!.M!;
  return {
    member: member!.S!,
    version: Number(version!.N),
    tier: tier?.S ?? '',
    tierMs: Number(tierMs?.N ?? 0),
    profile: profile?.B ?? new Uint8Array(),
    accounts: accounts?.B ?? new Uint8Array(),
    nextSlots: Object.fromEntries(
      Object.entries(slots?.M ?? {}).map(([campaignId, slot]) => [campaignId, Number(slot.N)]),
    ),
    ...(link === undefined
      ? {}
      : { link: { to: link.M!.to!.S!, id: link.M!.id!.S!, timeMs: Number(link.M!.timeMs!.N) } }),
    ...(aliases === undefined ? {} : { aliases: aliases.L!.map(({ S: alias }) => alias!) }),
    ...(joined === undefined
      ? {}
      : { joined: { sinceMs: Number(joined.M!.sinceMs!.N), firstId: joined.M!.firstId!.S! } }),
    ...(erased === undefined ? {} : { isErased: true }),
  };
};

/** What an item says about links; nothing for a member without any. */
const linksOf = ({ link, aliases, joined }: Pick<Member, 'link' | 'aliases' | 'joined'>): Item => ({
  ...(link === undefined
    ? {}
    : { link: { M: { to: { S: link.to }, id: { S: link.id }, timeMs: { N: String(link.timeMs) } } } }),
  ...(aliases === undefined ? {} : { aliases: { L: aliases.map((alias) => ({ S: alias })) } }),
  ...(joined === undefined
    ? {}
    : { joined: { M: { sinceMs: { N: String(joined.sinceMs) }, firstId: { S: joined.firstId } } } }),
});

/**
 * The least time for which the lines of an erased member's latest orders are kept: a refund may come 30 days after the sale,
 * and an order up to 14 days after its refund.
 */
const ERASED_KEPT_MS = 60 * DAY_MS;

/** When what is kept of an erased member expires, as an attribute in seconds; nothing for a member who was not erased. */
const expiryOf = (runtime: Runtime, { member }: Member): Item =>
  isErasedName(member)
    ? { expiresAt: { N: String(Math.ceil((runtime.clock.nowMs() + ERASED_KEPT_MS) / SECOND_MS)) } }
    : {};

/** Everything about a member is in one attribute, so that one statement can replace it. */
const bodyOf = ({
  version,
  tier,
  tierMs,
  profile,
  accounts,
  nextSlots,
  isErased,
  ...links
}: Member): AttributeValue => ({
  M: {
    version: { N: String(version) },
    ...(tierMs === 0 ? {} : { tier: { S: tier }, tierMs: { N: String(tierMs) } }),
    ...(profile.length === 0 ? {} : { profile: { B: profile } }),
    ...(accounts.length === 0 ? {} : { accounts: { B: accounts } }),
    ...(Object.keys(nextSlots).length === 0
      ? {}
      : {
          slots: {
            M: Object.fromEntries(
              Object.entries(nextSlots).map(([campaignId, slot]) => [campaignId, { N: String(slot) }]),
            ),
          },
        }),
    ...linksOf(links),
    ...(isErased && { erased: { BOOL: true } }),
  },
});

const nextBodyOf = (member: Member): AttributeValue => bodyOf({ ...member, version: member.version + 1 });

/**
 * Replaces a member as it was read. Refused when another worker has written the member meanwhile: the condition requires that
 * `member.version` is still the stored version. The version is incremented here.
 */
export const memberPut = (runtime: Runtime, member: Member): Put => ({
  TableName: tableName(runtime),
  Item: { member: { S: member.member }, body: nextBodyOf(member), ...expiryOf(runtime, member) },
  ...(member.version === 0
    ? {
        ConditionExpression: 'attribute_not_exists(#member)',
        ExpressionAttributeNames: { '#member': 'member' },
      }
    : {
        ConditionExpression: '#body.#version = :version',
        ExpressionAttributeNames: { '#body': 'body', '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(member.version) } },
      }),
});

/** Deletes a member as it was read. Refused when another worker has written the member meanwhile. */
export const memberDelete = (runtime: Runtime, { member, version }: Member): Delete => ({
  TableName: tableName(runtime),
  Key: { member: { S: member } },
  ConditionExpression: '#body.#version = :read',
  ExpressionAttributeNames: { '#body': 'body', '#version': 'version' },
  ExpressionAttributeValues: { ':read': { N: String(version) } },
});

/** Does the same as {@link memberPut}, but leaves the expiry of an existing item as it is. */
const memberStatement = (runtime: Runtime, member: Member): BatchStatementRequest => {
  const id = { S: member.member };
  const { expiresAt } = expiryOf(runtime, member);
  if (member.version === 0 && expiresAt !== undefined)
    return {
      Statement: `INSERT INTO "${tableName(runtime)}" VALUE {'member': ?, 'body': ?, 'expiresAt': ?}`,
      Parameters: [id, nextBodyOf(member), expiresAt],
    };
  return member.version === 0
    ? {
        Statement: `INSERT INTO "${tableName(runtime)}" VALUE {'member': ?, 'body': ?}`,
        Parameters: [id, nextBodyOf(member)],
      }
    : {
        Statement: `UPDATE "${tableName(runtime)}" SET "body" = ? WHERE "member" = ? AND "body"."version" = ?`,
        Parameters: [nextBodyOf(member), id, { N: String(member.version) }],
      };
};

/**
 * Writes different members, each by {@link memberStatement}. `refused`: another worker wrote the member since it was read, or
 * an earlier attempt of this call did.
 */
export const putMembers = (runtime: Runtime, members: readonly Member[]): Promise<StatementOutcome[]> =>
  executeStatements(
    runtime,
    members.map((member) => memberStatement(runtime, member)),
  );

/** Reads members with strong consistency. `ids` has each id once. A member who was never written comes as {@link newMember}. */
export const readMembers = async (runtime: Runtime, ids: readonly string[]): Promise<Map<string, Member>> => {
  const members = new Map(ids.map((id) => [id, newMember(id)]));
  const keys = ids.map((id): Item => ({ member: { S: id } }));
  for (const item of await batchGet(runtime, tableName(runtime), keys))
    members.set(item.member!.S!, memberOf(item));
  return members;
};

/** Where to continue reading a segment; its JSON can travel in a message. */
export type MemberCursor = { member: string };

/**
 * Reads a page of one of `segments` equal parts of all members, in a stable order. A page is 1 MB, about 2,000 members, or
 * `limit` items; aliases and erased members among them are left out. At the end of the part there is no cursor.
 */
export const scanMembers = async (
  runtime: Runtime,
  segment: { index: number; segments: number },
  cursor: MemberCursor | undefined,
  limit?: number,
): Promise<{ members: Member[]; cursor: MemberCursor | undefined }> => {
  const { Items: items = [], LastEvaluatedKey: last } = await runtime.dynamodb.send(
    new ScanCommand({
      TableName: tableName(runtime),
      Segment: segment.index,
      TotalSegments: segment.segments,
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(cursor === undefined ? {} : { ExclusiveStartKey: { member: { S: cursor.member } } }),
    }),
  );
  const members = items
    .filter(({ member }) => !isErasedName(member!.S!))
    .map(memberOf)
    .filter(({ link, isErased }) => link === undefined && !isErased);
  return { members, cursor: last && { member: last.member!.S! } };
};

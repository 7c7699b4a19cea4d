import { type Put, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { batchGet } from '#platform/batch-get.ts';
import { HmacSha256 } from '#platform/hmac.ts';
import type { Item } from '#platform/item.ts';
import { masterKey } from '#platform/master-key.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { isErasedName, type Member, readMembers } from './members-table.ts';

/**
 * What is left of an erased member. A tombstone in the members table says that a member was erased, and names nobody: its key is
 * a keyed hash of the member's id. What money and proofs still need of the member is kept under a name made of the same hash.
 * The key of the hash is a secret of the stack, so without the secret the name leads to nobody.
 *
 * Whoever finds a tombstone writes under the name, and reads under both the id and the name: for some minutes a worker that
 * began before the tombstone may still write entries, wins and a presale's coupons under the id. Such a worker can write neither
 * the member nor a coupon of an order: the transaction that writes the tombstone also replaces the member by an item that only
 * keeps the member's place for these minutes.
 */

const HMAC = compartment((): { reading?: Promise<HmacSha256> } => ({}));
const PURPOSE = 'erased-member\u0000';
/** 132 bits, as text: no two members ever share a name. */
const HASH_CHARS = 22;
/** No id that the contract allows begins with white space, so nobody can send an event in such a name. */
const NAME_PREFIX = ' erased:';
const TOMBSTONE_PREFIX = ' tombstone:';

/** The name of an erased member, and the key of its tombstone. */
export type ErasedMember = { name: string; tombstone: string };

const hmacOf = (runtime: Runtime): Promise<HmacSha256> => {
  const memory = runtime.memory.of(HMAC);
  memory.reading ??= masterKey(runtime, 'ERASURE_SECRET')
    .then((key) => new HmacSha256(key))
    .catch((cause: unknown) => {
      delete memory.reading;
      throw cause;
    });
  return memory.reading;
};

/** The name that a member gets when it is erased, and the key of its tombstone. The member need not be erased yet. */
export const erasedMemberOf = async (runtime: Runtime, member: string): Promise<ErasedMember> => {
  const digest = Buffer.from((await hmacOf(runtime)).ofText(PURPOSE + member), 'hex');
  const hash = digest.toString('base64url').slice(0, HASH_CHARS);
  return { name: NAME_PREFIX + hash, tombstone: TOMBSTONE_PREFIX + hash };
};

const tableName = (runtime: Runtime): string => runtime.environment('MEMBERS_TABLE');
const keyOf = (tombstone: string): Item => ({ member: { S: tombstone } });

/** When a member was erased, and since when nothing in the tables has its id; in ms since the epoch. */
export type Erasure = { erasedMs: number; goneMs?: number };

const erasureOf = ({ erasedMs, goneMs }: Item): Erasure => ({
  erasedMs: Number(erasedMs!.N),
  ...(goneMs === undefined ? {} : { goneMs: Number(goneMs.N) }),
});

/** The erasure of each of these members that was erased, by its tombstone; strongly consistent. */
export const readErasures = async (
  runtime: Runtime,
  members: readonly ErasedMember[],
): Promise<ReadonlyMap<string, Erasure>> => {
  const keys = members.map(({ tombstone }) => keyOf(tombstone));
  const found = await batchGet(runtime, tableName(runtime), keys);
  return new Map(found.map((item) => [item.member!.S!, erasureOf(item)]));
};

/** The write that erases a member, at `nowMs`. It is refused if the member was erased before. */
export const tombstonePut = (runtime: Runtime, { tombstone }: ErasedMember, nowMs: number): Put => ({
  TableName: tableName(runtime),
  Item: { ...keyOf(tombstone), erasedMs: { N: String(nowMs) } },
  ConditionExpression: 'attribute_not_exists(#member)',
  ExpressionAttributeNames: { '#member': 'member' },
});

/** Notes that nothing in the tables has the member's id any more. */
export const noteGone = async (
  runtime: Runtime,
  { tombstone }: ErasedMember,
  nowMs: number,
): Promise<void> => {
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: tableName(runtime),
      Key: keyOf(tombstone),
      UpdateExpression: 'SET goneMs = :now',
      ExpressionAttributeValues: { ':now': { N: String(nowMs) } },
    }),
  );
};

/** The name of each of these members that was erased, by its id; strongly consistent. */
export const erasedNames = async (
  runtime: Runtime,
  members: Iterable<string>,
): Promise<ReadonlyMap<string, string>> => {
  const byTombstone = new Map<string, { member: string; name: string }>();
  for (const member of new Set(members)) {
    if (isErasedName(member)) continue;
    const { name, tombstone } = await erasedMemberOf(runtime, member);
    byTombstone.set(tombstone, { member, name });
  }
  const found = await batchGet(runtime, tableName(runtime), [...byTombstone.keys()].map(keyOf));
  return new Map(
    found.map((item) => {
      const { member, name } = byTombstone.get(item.member!.S!)!;
      return [member, name];
    }),
  );
};

/**
 * Reads members as `readMembers` does, by the ids given. For an erased member it gives what is kept under its name. Under an
 * erased id there is at most the item that keeps its place, so tombstones are looked up only for ids with nothing else.
 */
export const readMembersOrErased = async (
  runtime: Runtime,
  ids: readonly string[],
): Promise<Map<string, Member>> => {
  const members = await readMembers(runtime, ids);
  const absent = ids.filter((id) => {
    const { version, isErased } = members.get(id)!;
    return version === 0 || isErased;
  });
  if (absent.length === 0) return members;
  const names = await erasedNames(runtime, absent);
  const erased = await readMembers(runtime, [...names.values()]);
  for (const [id, name] of names) members.set(id, erased.get(name)!);
  return members;
};

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { isNewerTier, linkMembers } from '#domain/coupons/link-members.ts';
import { readMembers } from '#domain/members/members-table.ts';
import { erasedMemberOf, tombstonePut } from '#domain/members/tombstones.ts';
import { transact } from '#platform/transaction.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { link } from '../support/linked-world.ts';
import { scanAll } from '../support/presale-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { START_MS } from './factories.ts';

const LINK = link('guest', 'm1', START_MS);

/** What links members on empty tables. `onTransaction` runs before each transaction. */
const linking = (onTransaction: () => Promise<void> = async () => {}) => {
  const calls: string[] = [];
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      calls.push(name);
      if (name === 'TransactWriteItems') await onTransaction();
    },
  });
  const runtime = testRuntime({
    clients: { dynamodb },
    clock: { nowMs: () => START_MS, wait: async () => {} },
  });
  const failures = new Map<string, unknown>();
  const linked = (nowMs: number, ...links: (typeof LINK)[]) =>
    linkMembers(runtime, links, { nowMs, failures });
  const items = async () => (await scanAll(dynamodb as never, 'Members')).map(({ member }) => member!.S!);
  return { runtime, calls, failures, linked, items };
};

const conflict = () =>
  new TransactionCanceledException({
    message: 'conflict',
    $metadata: {},
    CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
  });

describe('a tier', () => {
  it.each([
    ['later', { tier: 'a', tierMs: 2 }, { tier: 'b', tierMs: 1 }, true],
    ['earlier', { tier: 'b', tierMs: 1 }, { tier: 'a', tierMs: 2 }, false],
    ['of the same time with a greater name', { tier: 'b', tierMs: 1 }, { tier: 'a', tierMs: 1 }, true],
    ['of the same time with a smaller name', { tier: 'a', tierMs: 1 }, { tier: 'b', tierMs: 1 }, false],
    ['that is the same', { tier: 'a', tierMs: 1 }, { tier: 'a', tierMs: 1 }, false],
  ])('(%s) %j replaces %j: %s', (_, one, than, isNewer) => {
    expect(isNewerTier(one, than)).toBe(isNewer);
  });
});

describe('a link', () => {
  it('that cannot be made is refused with a reason and the field at fault', async () => {
    const { linked } = linking();
    const many = Array.from({ length: 9 }, (_, i) => link(`a${i}`, 'b', START_MS + 3 + i));
    const refused = await linked(
      START_MS,
      LINK,
      link('m1', 'guest', START_MS + 1),
      link('guest', 'm2', START_MS + 2),
      ...many,
    );
    expect(refused.map(({ rejection: { reason, field } }) => [reason, field])).toEqual([
      ['conflicting-link', 'data.aliasId'],
      ['conflicting-link', 'data.aliasId'],
      ['too-many-links', 'data.aliasId'],
    ]);
  });

  it('takes two reads and one write', async () => {
    const { calls, linked } = linking();
    await linked(START_MS, LINK);
    // The second read looks for tombstones of two ids of which nothing is known.
    expect(calls).toEqual(['BatchGetItem', 'BatchGetItem', 'TransactWriteItems']);
  });

  it('that never gets through fails alone after 24 attempts, and is left to a redelivery', async () => {
    let attempts = 0;
    const { failures, linked, items } = linking(async () => {
      if (++attempts <= 24) throw conflict();
    });
    expect(await linked(START_MS, LINK, link('other', 'm2', START_MS + 1))).toEqual([]);
    expect([...failures]).toMatchObject([['guest', { message: expect.stringContaining('24 attempts') }]]);
    expect((await items()).sort()).toEqual(['m2', 'other']);
  });

  it.each(['guest', 'm1'])('of two ids of which %s is erased writes nothing', async (erased) => {
    const { runtime, linked, items } = linking();
    await transact(runtime, [
      { Put: tombstonePut(runtime, await erasedMemberOf(runtime, erased), START_MS) },
    ]);
    const before = await items();
    expect(await linked(START_MS, LINK)).toEqual([]);
    expect(await items()).toEqual(before);
  });

  it('between members without orders leaves the profile empty; the first link says since when the member is known', async () => {
    const { runtime, linked } = linking();
    await linked(START_MS, LINK);
    await linked(START_MS + 5, link('app', 'm1', START_MS + 1));
    expect((await readMembers(runtime, ['m1'])).get('m1')).toMatchObject({
      profile: new Uint8Array(),
      joined: { sinceMs: START_MS },
      aliases: ['guest', 'app'],
    });
  });
});

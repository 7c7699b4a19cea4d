import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { moveGrants } from '#domain/erasure/move-grants.ts';
import { clearRounds } from '#domain/erasure/rounds.ts';
import { revokeWins } from '#domain/free-orders/draw/claim-wins.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { itemOfGrant } from '#domain/grants/grant-item.ts';
import { closeSlot } from '#domain/grants/grant-statements.ts';
import { packRound, unpackRound } from '#domain/grants/rounds.ts';
import { toMemberTuple } from '#domain/members/member-event.ts';
import { scanMembers } from '#domain/members/members-table.ts';
import { erasedMemberOf } from '#domain/members/tombstones.ts';
import { progressKey } from '#domain/presale/segment.ts';
import { eventIdOf } from '#platform/hash.ts';
import { order } from '../coupons/factories.ts';
import { instantRules, slotRules } from '../free-orders/factory.ts';
import { allGrants, debitedFen, heldFen } from '../support/coupon-world.ts';
import { CAMPAIGN, type ErasureWorld, erasureWorld } from '../support/erasure-world.ts';
import { LONG_AFTER_MS } from '../support/free-order-functions.ts';
import { exportAndVerify, START_MS } from '../support/free-order-world.ts';
import { link } from '../support/linked-world.ts';

const MEMBER = 'the-member-to-be-forgotten';

const near = (name: string) =>
  order({
    id: eventIdOf('/test', name),
    orderId: name,
    member: MEMBER,
    timeMs: START_MS + 60_000,
    channel: 'near',
    storeId: 'store-1',
  });

const grantsOf = async ({ dynamodb }: ErasureWorld) => allGrants(dynamodb, CAMPAIGN);

const expectBalanced = async (world: ErasureWorld): Promise<void> => {
  const coupons = (await grantsOf(world)).filter(({ kind }) => kind === 'coupon');
  expect(coupons.length).toBeGreaterThan(0);
  expect(heldFen(coupons)).toEqual(await debitedFen(world.runtime, world.definition));
};

describe('while a member is being erased', () => {
  it('a worker that had found nothing about the member gives the member nothing, and neither do later workers', async () => {
    let erase: (() => Promise<void>) | undefined;
    const world = await erasureWorld(instantRules(), {
      before: async ({ name }) => {
        if (name !== 'TransactWriteItems' || erase === undefined) return;
        const now = erase;
        erase = undefined;
        await now();
      },
    });
    // The order's worker has read that there is neither a member nor a tombstone.
    erase = () => world.erase(MEMBER, false);
    await world.order([near('racing')]);
    expect(erase).toBeUndefined();
    await world.order([near('racing'), near('later')]);
    const coupons = async () => (await grantsOf(world)).filter(({ kind }) => kind === 'coupon');
    expect(await coupons()).toEqual([]);
    await world.resume();
    expect(await world.traces(MEMBER)).toEqual([]);
    await world.order([near('racing')]);
    expect(await coupons()).toEqual([]);
    expect(await world.traces(MEMBER)).toEqual([]);
  });

  it('a drawn slot gives its prizes to the name that replaces the member’s id, and the draw can still be verified', async () => {
    const world = await erasureWorld(slotRules({ prizes: 3, perMember: 2 }));
    await world.order(Array.from({ length: 5 }, (_, i) => near(`o-${i}`)));
    const { name } = await erasedMemberOf(world.runtime, MEMBER);
    await world.erase(MEMBER, false);
    expect((await world.traces(MEMBER)).length).toBeGreaterThan(0);
    world.pass(LONG_AFTER_MS - START_MS);
    for (let tick = 0; tick < 4; tick++) await world.tick(LONG_AFTER_MS + tick * 60_000);
    const wins = (await grantsOf(world)).filter(({ kind }) => kind === 'free-order');
    expect(wins.map(({ member }) => member)).toEqual([name, name]);
    await world.resume();
    expect(await world.traces(MEMBER)).toEqual([]);
    const { verdict } = await exportAndVerify(world.runtime, CAMPAIGN);
    expect(verdict).toMatchObject({ ok: true, findings: [] });
  });

  it('two grants of one slot, made by a race, are both kept', async () => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1')]);
    const [grant] = await grantsOf(world);
    const { name } = await erasedMemberOf(world.runtime, MEMBER);
    const other: Grant = { ...grant!, member: name, id: `${grant!.id}-other` };
    await world.dynamodb.send(new PutItemCommand({ TableName: 'Grants', Item: itemOfGrant(other) }));
    await world.erase(MEMBER);
    expect(await world.traces(MEMBER)).toEqual([]);
    const kept = (await grantsOf(world)).filter(({ member }) => member === name).map(({ id }) => id);
    expect(kept.sort()).toEqual([grant!.id, other.id].sort());
  });
});

describe('an erasure that is interrupted', () => {
  it('continues after the parts of a draw that it has cleared, and fails only if it has cleared none', async () => {
    let left = Number.POSITIVE_INFINITY;
    const world = await erasureWorld(slotRules(), {
      before: async ({ name, input }) => {
        const { TableName: table } = input as { TableName?: string };
        if (name === 'Query' && table === 'Draws' && left-- <= 0)
          throw new Error('the table does not answer');
      },
    });
    await world.order(Array.from({ length: 5 }, (_, i) => near(`o-${i}`)));
    await world.erase(MEMBER, false);
    const [message] = world.queues.take('presale', 1).map(({ body }) => JSON.parse(body));
    world.pass(900_000);
    // The first message moves the grants, and sends another one that clears the campaigns.
    expect(await world.call('presale', message)).toBe(true);
    const [moved] = world.queues.take('presale', 1).map(({ body }) => JSON.parse(body));
    left = 0;
    expect(await world.call('presale', moved)).toBe(false);
    expect(world.queues.of('presale')).toEqual([]);
    left = 3;
    expect(await world.call('presale', moved)).toBe(true);
    const [next] = world.queues.of('presale').map(({ body }) => JSON.parse(body));
    expect(next.from).toMatchObject({ campaignId: CAMPAIGN, part: 3 });
    left = Number.POSITIVE_INFINITY;
    await world.resume();
    expect(await world.traces(MEMBER)).toEqual([]);
  });

  it('ends even if a link has closed a free-order slot of the erased id', async () => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1')]);
    const place = { member: MEMBER, campaignId: CAMPAIGN, kind: 'free-order', slot: '9' } as const;
    await closeSlot(world.runtime, place);
    await world.erase(MEMBER);
    expect(await world.traces(MEMBER)).toEqual([]);
  });
});

describe('two workers that move the grants of a member', () => {
  it.each([
    ['twice in a row', 4],
    ['once', Number.POSITIVE_INFINITY],
  ])(
    'move each grant once and keep its slot, even if one worker finds its grant already moved by the other: %s',
    async (_, until) => {
      const [stuck, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let moves = 0;
      let other: Promise<void> | undefined;
      let move: (() => Promise<void>) | undefined;
      const world = await erasureWorld(instantRules(), {
        before: async ({ name }) => {
          if (name !== 'TransactWriteItems' || move === undefined) return;
          moves++;
          if (moves === 1) {
            other = move();
            await stuck.promise;
          } else if (moves === 3) {
            stuck.resolve();
            await released.promise;
          } else if (moves === until) {
            released.resolve();
            await other;
          }
        },
      });
      await world.order(Array.from({ length: 3 }, (_, i) => near(`o-${i}`)));
      const before = (await grantsOf(world)).map(({ id, kind, slot }) => ({ id, kind, slot }));
      expect(before.length).toBeGreaterThan(2);
      const { name } = await erasedMemberOf(world.runtime, MEMBER);
      move = () => moveGrants(world.runtime, MEMBER, name);
      await move();
      released.resolve();
      await other;
      expect(moves).toBeGreaterThan(4);
      const after = (await grantsOf(world)).map(({ id, kind, slot }) => ({ id, kind, slot }));
      expect(after).toHaveLength(before.length);
      expect(after).toEqual(expect.arrayContaining(before));
      expect(await world.traces(MEMBER)).not.toContain('Grants ID');
      await expectBalanced(world);
    },
  );
});

describe('a win that is moved after it was read', () => {
  it('is not taken for a revoked one, and is revoked under the new name; revoking it again does no harm', async () => {
    const world = await erasureWorld(instantRules());
    await world.order(Array.from({ length: 8 }, (_, i) => near(`o-${i}`)));
    const won = async () => (await grantsOf(world)).filter(({ kind }) => kind === 'free-order');
    const before = (await won()).slice(0, 1);
    expect(before).toHaveLength(1);
    const { name } = await erasedMemberOf(world.runtime, MEMBER);
    await moveGrants(world.runtime, MEMBER, name);
    await expect(revokeWins(world.runtime, before)).rejects.toThrow(
      'wins: expected all 1 to be revoked, got 1 that were moved',
    );
    const after = await won();
    for (const { member, state } of after) expect({ member, state }).toEqual({ member: name, state: 'live' });
    for (const _ of ['once', 'again']) await revokeWins(world.runtime, after);
    for (const { state } of await won()) expect(state).toBe('revoked');
  });
});

describe('a member with several ids', () => {
  const IDS = [MEMBER, 'its-id-in-an-app', 'its-id-as-a-guest'];
  const linksOf = () =>
    IDS.slice(1).map((alias, i) => toMemberTuple(link(alias, MEMBER, START_MS + 120_000 + i)));

  it.each(IDS)(
    'is erased with all of them, whichever is named (%s), even if the worker crashes',
    async (named) => {
      let calls = 0;
      let deathAt = Number.POSITIVE_INFINITY;
      const die = async (): Promise<void> => {
        if (++calls === deathAt) throw new Error('the worker dies');
      };
      for (const at of [Number.POSITIVE_INFINITY, 4, 8, 10, 12, 14, 16, 18, 20, 24]) {
        deathAt = Number.POSITIVE_INFINITY;
        const world = await erasureWorld(instantRules(), { before: die, after: die });
        const orders = IDS.map((id, i) => ({ ...near(`o-${i}`), member: id }));
        await world.order(orders);
        const linked = () => world.call('coupon', { campaigns: [], events: linksOf() });
        await linked();
        await world.order([{ ...near('o-after'), member: IDS[2]! }]);
        for (const id of IDS) expect(await world.traces(id)).not.toEqual([]);
        calls = 0;
        deathAt = at;
        await world.erase(named);
        deathAt = Number.POSITIVE_INFINITY;
        for (const id of IDS) expect(await world.traces(id), `${id}, death at call ${at}`).toEqual([]);
        // Orders and links that come again bring nothing back.
        await world.order(orders);
        expect(await linked()).toBe(true);
        for (const id of IDS) expect(await world.traces(id), id).toEqual([]);
        await expectBalanced(world);
      }
    },
  );
});

describe('in the presale', () => {
  it('an audience counts no tombstone, no placeholder of an erased id, and nothing under an erased member’s name', async () => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1')]);
    const scan = () => scanMembers(world.runtime, { index: 0, segments: 1 }, undefined);
    await world.erase(MEMBER, false);
    expect((await world.items('Members')).length).toBe(3);
    expect(await scan()).toEqual({ members: [], cursor: undefined });
    await world.resume();
    await world.order([near('o-2')]);
    const page = await scan();
    expect((await world.items('Members')).length).toBe(2);
    expect(page).toEqual({ members: [], cursor: undefined });
  });

  it('a stored round keeps the erased member’s task without the id, and its other tasks as they are', async () => {
    const world = await erasureWorld(instantRules());
    const { runtime } = world;
    const divided = { campaign: CAMPAIGN, item: 'SEGMENTS' };
    await advance(runtime, divided, await readProgress(runtime, divided), {
      isDone: true,
      body: Buffer.from('32'),
    });
    const key = await progressKey(runtime, { campaignId: CAMPAIGN, index: 3, segments: 32 }, 'issue');
    const tasks = [MEMBER, 'other'].map((member) => ({ member, id: `of ${member.length}` }));
    await advance(runtime, key, await readProgress(runtime, key), {
      isDone: false,
      cursor: MEMBER,
      body: packRound({ tasks, isLast: false }),
    });
    expect(await world.traces(MEMBER)).toEqual(['Campaigns sale#ISSUE#32#00003']);
    const erased = await erasedMemberOf(runtime, MEMBER);
    const options = { from: 0, isLate: () => false, onPart: () => {} };
    await clearRounds(runtime, CAMPAIGN, [{ member: MEMBER, name: erased.name }], options);
    const { body, cursor, isDone } = await readProgress(runtime, key);
    expect({ cursor, isDone, round: unpackRound(body!) }).toEqual({
      cursor: undefined,
      isDone: false,
      round: { tasks: [{ ...tasks[0], member: erased.name }, tasks[1]], isLast: false },
    });
    expect(await world.traces(MEMBER)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { listCampaign } from '#domain/campaigns/campaigns-table.ts';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { eraseMember } from '#domain/erasure/erase-member.ts';
import { clearRounds } from '#domain/erasure/rounds.ts';
import { packRound } from '#domain/grants/rounds.ts';
import { toMemberTuple } from '#domain/members/member-event.ts';
import { memberPut, readMembers } from '#domain/members/members-table.ts';
import { erasedMemberOf, tombstonePut } from '#domain/members/tombstones.ts';
import { progressKey } from '#domain/presale/segment.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';
import { order } from '../coupons/factories.ts';
import { instantRules, slotRules } from '../free-orders/factory.ts';
import { allGrants } from '../support/coupon-world.ts';
import { CAMPAIGN, type ErasureWorld, erasureWorld } from '../support/erasure-world.ts';
import { START_MS } from '../support/free-order-world.ts';
import { link } from '../support/linked-world.ts';

const MEMBER = 'the-member-to-be-forgotten';
const GUESTS = ['its-id-in-an-app', 'its-id-as-a-guest'];
const LONG_AGO_MS = START_MS - 3_600_000;

const near = (name: string, changes: object = {}) =>
  order({
    ...{ id: eventIdOf('/test', name), orderId: name, member: MEMBER, timeMs: START_MS + 60_000 },
    ...{ channel: 'near', storeId: 'store-1', ...changes },
  });

const linking = (world: ErasureWorld, ...links: [alias: string, to: string][]) =>
  world.call('coupon', {
    campaigns: [],
    events: links.map(([alias, to], i) => toMemberTuple(link(alias, to, START_MS + 120_000 + i))),
  });

const couponsOf = async ({ dynamodb }: ErasureWorld) =>
  (await allGrants(dynamodb, CAMPAIGN)).filter(({ kind }) => kind === 'coupon');

/**
 * Puts tombstones beside profiles, as the previous version of the program did. The tombstones are so old that
 * an erasure moves the grants without waiting.
 */
const erasedLongAgo = async ({ runtime }: ErasureWorld, ids: readonly string[]): Promise<void> => {
  for (const id of ids)
    await transact(runtime, [{ Put: tombstonePut(runtime, await erasedMemberOf(runtime, id), LONG_AGO_MS) }]);
};

describe('an erasure', () => {
  it('that comes again does not change the lines of orders that are kept under the name of the erased member', async () => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1')]);
    await world.erase(MEMBER);
    const kept = async () => (await world.items('Members')).map(({ member, body }) => ({ member, body }));
    const before = await kept();
    expect(before).toHaveLength(2);
    await world.erase(MEMBER);
    expect(await kept()).toEqual(before);
  });

  it.each([false, true])(
    'whose first message comes again changes nothing (after the end of the erasure: %s)',
    async (isWhole) => {
      const world = await erasureWorld(instantRules());
      await world.order([near('o-1')]);
      await world.erase(MEMBER, isWhole);
      const before = await world.items('Members');
      await world.erase(MEMBER, false);
      expect(await world.items('Members')).toEqual(before);
    },
  );

  it('of a member of whom only a tier is known leaves nothing but its tombstone', async () => {
    const world = await erasureWorld(instantRules());
    const tier = {
      kind: 'tier',
      id: eventIdOf('/test', 't'),
      timeMs: START_MS,
      member: MEMBER,
      tier: 'gold',
    } as const;
    await world.call('coupon', { campaigns: [], events: [toMemberTuple(tier)] });
    expect(await world.traces(MEMBER)).toEqual(['Members ID']);
    await world.erase(MEMBER);
    expect((await world.items('Members')).map((item) => Object.keys(item).sort())).toEqual([
      ['erasedMs', 'goneMs', 'member'],
    ]);
  });

  it.each([0, 1])(
    'keeps the place of the member, so that a slow worker that read version %i cannot write the member',
    async (read) => {
      const world = await erasureWorld(instantRules());
      if (read > 0) await world.order([near('o-1')]);
      const stored = (await readMembers(world.runtime, [MEMBER])).get(MEMBER)!;
      expect(stored.version).toBe(read);
      await world.erase(MEMBER, false);
      const outcome = await transact(world.runtime, [{ Put: memberPut(world.runtime, stored) }]);
      expect(outcome.kind).toBe('cancelled');
      await world.resume();
      expect(await world.traces(MEMBER)).toEqual([]);
    },
  );

  it('removes a member that a worker of the previous version writes again, though its order lines are kept already', async () => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1')]);
    const stored = (await readMembers(world.runtime, [MEMBER])).get(MEMBER)!;
    await world.erase(MEMBER, false);
    const { version } = (await readMembers(world.runtime, [MEMBER])).get(MEMBER)!;
    const write = { Put: memberPut(world.runtime, { ...stored, version }) };
    expect((await transact(world.runtime, [write])).kind).toBe('done');
    await world.resume();
    expect(await world.traces(MEMBER)).toEqual([]);
  });

  it('also erases an id that is linked while the erasure runs, by a worker that began earlier', async () => {
    let interfere: (() => Promise<unknown>) | undefined;
    const world = await erasureWorld(instantRules(), {
      before: async ({ name }) => {
        if (name !== 'TransactWriteItems') return;
        const once = interfere;
        interfere = undefined;
        await once?.();
      },
    });
    const { runtime } = world;
    const guest = GUESTS[0]!;
    await world.order([near('o-1'), near('o-2', { member: guest })]);
    interfere = async () => {
      const found = await readMembers(runtime, [MEMBER, guest]);
      const linked = {
        ...found.get(guest)!,
        link: { to: MEMBER, id: eventIdOf('/test', 'l'), timeMs: START_MS },
      };
      await transact(runtime, [
        { Put: memberPut(runtime, linked) },
        { Put: memberPut(runtime, { ...found.get(MEMBER)!, aliases: [guest] }) },
      ]);
    };
    await world.erase(MEMBER);
    expect(await world.traces(MEMBER)).toEqual([]);
    expect(await world.traces(guest)).toEqual([]);
  });

  it('waits until no worker can still run that began before the last of the ids was erased', async () => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1'), near('o-2', { member: GUESTS[0] })]);
    await linking(world, [GUESTS[0]!, MEMBER]);
    await erasedLongAgo(world, [GUESTS[0]!]);
    await world.erase(MEMBER, false);
    const [message] = world.queues.take('presale', 1).map(({ body }) => JSON.parse(body));
    await world.call('presale', message);
    expect(world.queues.of('presale')).toHaveLength(1);
    expect(await world.traces(MEMBER)).toContain('Grants ID');
  });

  it.each([MEMBER, ...GUESTS])(
    'of %s that comes again late erases every id, after whichever call its worker dies',
    async (named) => {
      let calls = 0;
      let deathAt = Number.POSITIVE_INFINITY;
      const die = async (): Promise<void> => {
        if (++calls === deathAt) throw new Error('the worker dies');
      };
      const ids = [MEMBER, ...GUESTS];
      for (let at = 2; at <= 16; at++) {
        deathAt = Number.POSITIVE_INFINITY;
        const world = await erasureWorld(instantRules(), { after: die });
        await world.order(ids.map((member, i) => near(`o-${i}`, { member })));
        await linking(world, [GUESTS[0]!, MEMBER], [GUESTS[1]!, MEMBER]);
        await erasedLongAgo(world, ids);
        calls = 0;
        deathAt = at;
        await world.erase(named);
        for (const id of ids) expect(await world.traces(id), `${id}, death after call ${at}`).toEqual([]);
      }
    },
  );

  it('that runs out of time stops after a part of a draw, and later goes on from there', async () => {
    const world = await erasureWorld(slotRules());
    await world.order([near('o-1')]);
    await erasedLongAgo(world, [MEMBER]);
    let looks = 0;
    const data = { memberId: MEMBER };
    const message = {
      specversion: '1.0',
      id: 'e',
      source: '/test',
      type: 'member.erased',
      time: '',
      data,
    } as const;
    await eraseMember(world.runtime, { ...message, ids: [MEMBER] }, () => true);
    const [moved] = world.queues.take('presale', 1).map(({ body }) => JSON.parse(body));
    await eraseMember(world.runtime, moved, () => ++looks > 3);
    const [next] = world.queues.of('presale').map(({ body }) => JSON.parse(body));
    expect(next).toMatchObject({ ids: [MEMBER], from: { campaignId: CAMPAIGN, part: 3 } });
    await eraseMember(world.runtime, next, () => true);
    expect(JSON.parse(world.queues.of('presale').at(-1)!.body)).toMatchObject({ from: { part: 3 } });
    await world.resume();
    expect(await world.traces(MEMBER)).toEqual([]);
  });
});

describe('a coupon that changes while it is moved to the erased member’s name', () => {
  const raced = async (
    during: (world: ErasureWorld) => Promise<void>,
    before: (world: ErasureWorld) => Promise<void>,
  ) => {
    let race: (() => Promise<void>) | undefined;
    const world = await erasureWorld(instantRules(), {
      before: async ({ name }) => {
        if (name !== 'TransactWriteItems' || race === undefined) return;
        const now = race;
        race = undefined;
        await now();
      },
    });
    await world.order([near('first')]);
    await before(world);
    await world.erase(MEMBER, false);
    world.pass(900_000);
    race = () => during(world);
    await world.resume();
    expect(race).toBeUndefined();
    expect(await world.traces(MEMBER)).toEqual([]);
    return (await couponsOf(world)).map(({ state }) => state);
  };
  const use = async (world: ErasureWorld): Promise<void> =>
    world.order([near('using', { couponId: (await couponsOf(world))[0]!.id, timeMs: START_MS + 90_000 })]);

  it('stays used', async () => {
    expect(await raced(use, async () => {})).toContain('redeemed');
  });

  it('stays given back', async () => {
    const giveBack = (world: ErasureWorld) =>
      world.order([near('back', { kind: 'refunded', orderId: 'using', timeMs: START_MS + 95_000 })]);
    expect(await raced(giveBack, use)).not.toContain('redeemed');
  });
});

describe('an order of an erased member', () => {
  it('brings nothing if the member is erased while the order is decided', async () => {
    let erase: (() => Promise<void>) | undefined;
    const world = await erasureWorld(instantRules(), {
      before: async ({ name }) => {
        if (name !== 'TransactWriteItems' || erase === undefined) return;
        const now = erase;
        erase = undefined;
        await now();
      },
    });
    await world.order([near('o-1')]);
    const before = await couponsOf(world);
    erase = () => world.erase(MEMBER, false);
    await world.call('coupon', { campaigns: [CAMPAIGN], events: [toMemberTuple(near('in flight'))] });
    expect(erase).toBeUndefined();
    await world.resume();
    expect(await world.traces(MEMBER)).toEqual([]);
    expect((await couponsOf(world)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('that comes again is counted as before, under the hash of its member’s id', async () => {
    const world = await erasureWorld(instantRules());
    const metrics = (): Set<string> => {
      const sent = world.queues
        .take('metrics', 99)
        .map(({ body }) => JSON.parse(body) as { events: unknown[] });
      return new Set(sent.flatMap(({ events }) => events.map((one) => JSON.stringify(one))));
    };
    const events = [toMemberTuple(near('o-1'))];
    await world.call('coupon', { campaigns: [CAMPAIGN], events });
    const before = [...metrics()].filter((event) => event.includes('coupon-issued'));
    expect(before).toHaveLength(1);
    await world.erase(MEMBER);
    await world.call('coupon', { campaigns: [CAMPAIGN], events });
    expect([...metrics()].filter((event) => event.includes('coupon-issued'))).toEqual(before);
  });
});

describe('a link of an erased id', () => {
  it.each([
    ['as the alias', MEMBER, 'somebody'],
    ['as the member', 'somebody', MEMBER],
  ])('%s changes nothing', async (_, alias, to) => {
    const world = await erasureWorld(instantRules());
    await world.order([near('o-1'), near('o-2', { member: 'somebody' })]);
    await world.erase(MEMBER);
    const before = await world.items('Members');
    expect(await linking(world, [alias, to])).toBe(true);
    expect(await world.items('Members')).toEqual(before);
    expect(world.queues.of('rejects')).toEqual([]);
  });
});

/** Divides a presale's audience into segments. */
const divide = async (runtime: Runtime, segments: number): Promise<void> => {
  const divided = { campaign: CAMPAIGN, item: 'SEGMENTS' };
  const body = Buffer.from(String(segments));
  await advance(runtime, divided, await readProgress(runtime, divided), { isDone: true, body });
};

describe('a stored round', () => {
  it.each([
    ['whose cursor is the member’s id, and whose task is for another member', MEMBER, 'other'],
    ['whose cursor is another id, and whose task is for the member', 'other', MEMBER],
  ])('%s is cleared', async (_, cursor, member) => {
    const world = await erasureWorld(instantRules());
    const { runtime } = world;
    await divide(runtime, 2);
    const key = await progressKey(runtime, { campaignId: CAMPAIGN, index: 1, segments: 2 }, 'issue');
    const body = packRound({ tasks: [{ member, id: '' }], isLast: false });
    await advance(runtime, key, await readProgress(runtime, key), { isDone: false, cursor, body });
    expect(await world.traces(MEMBER)).toHaveLength(1);
    const { name } = await erasedMemberOf(runtime, MEMBER);
    const options = { from: 0, isLate: () => false, onPart: () => {} };
    await clearRounds(runtime, CAMPAIGN, [{ member: MEMBER, name }], options);
    expect(await world.traces(MEMBER)).toEqual([]);
  });

  it('of any segment is cleared, though only the first ten calls of each delivery succeed', async () => {
    let calls = 0;
    let callsMax = Number.POSITIVE_INFINITY;
    const world = await erasureWorld(slotRules(), {
      before: async () => {
        if (++calls > callsMax) throw new Error('the service is down');
      },
    });
    const { runtime } = world;
    const segments = 320;
    await divide(runtime, segments);
    const { freeOrders: _, ...others } = world.definition;
    for (let i = 10; i < 30; i++) await listCampaign(runtime, { ...others, campaignId: `sale-${i}` });
    await world.order([MEMBER, ...GUESTS].map((member, i) => near(`o-${i}`, { member })));
    await linking(world, [GUESTS[0]!, MEMBER], [GUESTS[1]!, MEMBER]);
    const key = await progressKey(runtime, { campaignId: CAMPAIGN, index: 300, segments }, 'issue');
    const body = packRound({ tasks: [{ member: GUESTS[1], id: '' }], isLast: false });
    await advance(runtime, key, await readProgress(runtime, key), { isDone: false, body });
    await world.erase(MEMBER, false);
    world.pass(900_000);
    await world.call('presale', JSON.parse(world.queues.take('presale', 1)[0]!.body));
    callsMax = 10;
    let deliveries = 0;
    for (let left = world.queues.of('presale'); left.length > 0; left = world.queues.of('presale')) {
      calls = 0;
      const { body: message } = world.queues.take('presale', 1)[0]!;
      expect(await world.call('presale', JSON.parse(message)), message).toBe(true);
      deliveries++;
    }
    callsMax = Number.POSITIVE_INFINITY;
    expect(deliveries).toBeGreaterThan(3);
    for (const id of [MEMBER, ...GUESTS]) expect(await world.traces(id)).toEqual([]);
    expect((await world.items('Members')).filter(({ goneMs }) => goneMs !== undefined)).toHaveLength(3);
  });
});

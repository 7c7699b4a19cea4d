import type { BatchGetItemCommandInput } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { takenByAliases } from '#domain/coupons/alias-coupons.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import { closeSlot } from '#domain/grants/grant-statements.ts';
import { MAX_ALIASES } from '#domain/members/links.ts';
import { readMembers } from '#domain/members/members-table.ts';
import { decodeProfile, featuresOf } from '#domain/members/profile.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { eventId } from '../support/coupon-world.ts';
import { budgetIn } from '../support/layouts.ts';
import { link, linkedWorld, ordering } from '../support/linked-world.ts';
import { coupons, definition, offer, order, START_MS } from './factories.ts';

const CAMPAIGN = 'sale';
const NOW_MS = START_MS + 3_600_000;
const LINK_MS = START_MS + 60_000;
const paid = ordering(order);

const world = (section = coupons(), hooks: Hooks = {}) =>
  linkedWorld(definition(CAMPAIGN, section), NOW_MS, hooks);

const timeout = () => Object.assign(new Error('the answer did not come'), { name: 'TimeoutError' });

/** Runs something once, at the first call of an operation after `arm` was called. */
const once = (operation: string) => {
  let action: (() => Promise<void>) | undefined;
  return {
    arm: (next: () => Promise<void>) => {
      action = next;
    },
    hook: async ({ name }: { name: string }): Promise<void> => {
      const due = name === operation ? action : undefined;
      if (due === undefined) return;
      action = undefined;
      await due();
    },
  };
};

describe('the coupons of a linked member', () => {
  it('count together: an alias and its member get one limit from the link on, and keep what they had', async () => {
    const { deliver, grantsOf } = await world(coupons({ perMemberLimit: 3 }));
    await deliver(paid('guest', 'g1'), paid('m1', 'o1'));
    expect((await grantsOf('guest', 'm1')).map(({ member }) => member)).toEqual(['guest', 'm1']);
    await deliver(link('guest', 'm1', LINK_MS));
    await deliver(paid('guest', 'g2'), paid('m1', 'o2'));
    await deliver(paid('guest', 'g3'), paid('m1', 'o3'));
    expect((await grantsOf('guest', 'm1')).map(({ member, slot }) => [member, slot])).toEqual([
      ['guest', '0'],
      ['m1', '0'],
      ['m1', '1'],
    ]);
  });

  it('may exceed the limit only if both ids together had more before the link, and then no more are given', async () => {
    const { deliver, grantsOf } = await world(coupons({ perMemberLimit: 1 }));
    await deliver(paid('guest', 'g1'), paid('m1', 'o1'));
    await deliver(link('guest', 'm1', LINK_MS));
    await deliver(paid('guest', 'g2'), paid('m1', 'o2'));
    expect(await grantsOf('guest', 'm1')).toHaveLength(2);
  });

  it.each([
    ['guest', 'm1'],
    ['m1', 'guest'],
  ])('given to %s are used by an order of %s, and given back by its refund', async (owner, user) => {
    const { deliver, grantsOf } = await world(coupons({ perMemberLimit: 1 }));
    await deliver(paid(owner, 'first'));
    await deliver(link('guest', 'm1', LINK_MS));
    const couponId = (await grantsOf('guest', 'm1'))[0]!.id;
    const using = paid(user, 'using', { couponId });
    await deliver(using);
    expect(await grantsOf(owner)).toMatchObject([{ state: 'redeemed', redemption: { orderId: 'using' } }]);
    await deliver({ ...using, id: eventId('back'), kind: 'refunded' });
    expect(await grantsOf(owner)).toMatchObject([{ state: 'live' }]);
  });

  it('are found by a refund whose order came before the link', async () => {
    const { deliver, grantsOf } = await world(coupons({ perMemberLimit: 1 }));
    await deliver(paid('guest', 'first'));
    const couponId = (await grantsOf('guest'))[0]!.id;
    await deliver(paid('guest', 'using', { couponId }));
    await deliver(link('guest', 'm1', LINK_MS));
    await deliver(paid('m1', 'back', { id: eventId('back'), orderId: 'using', kind: 'refunded' }));
    expect(await grantsOf('guest')).toMatchObject([{ state: 'live' }]);
  });

  it('include an alias’s presale coupon; an alias without one can no longer get it from a slow presale worker', async () => {
    const section = coupons({
      perMemberLimit: 2,
      budgets: [{ pool: 'platform', totalFen: 1_000_000, presaleShare: 0.5 }],
    });
    const { runtime, deliver, grantsOf } = await world(section);
    await deliver(link('guest', 'm1', LINK_MS));
    const grant = couponGrant({
      ...{ campaignId: CAMPAIGN, member: 'guest', slot: 0, offer: offer(), arm: 'engine' },
      ...{ trigger: 'presale', grantedMs: START_MS, reason: {}, idKey: idKeyIn(CAMPAIGN) },
    });
    await deliver(paid('m1', 'o1'));
    expect(await grantsOf('m1')).toHaveLength(1);
    const budget = budgetIn(CAMPAIGN, section, grant.budget);
    expect(await carryOut(runtime, [{ debits: [{ grant, budget }] }])).toMatchObject([
      { kind: 'known', grant: { state: 'refused' } },
    ]);
    expect(await grantsOf('guest')).toEqual([]);
    expect(await takenByAliases(runtime, { campaignId: CAMPAIGN, coupons: section }, ['guest'])).toBe(0);
    const key = { campaignId: CAMPAIGN, member: 'other', kind: 'coupon', slot: '0' } as const;
    await carryOut(runtime, [{ debits: [{ grant: { ...grant, member: 'other' }, budget }] }]);
    expect(await closeSlot(runtime, key)).toMatchObject({ state: 'live' });
    expect(await takenByAliases(runtime, { campaignId: CAMPAIGN, coupons: section }, ['other'])).toBe(1);
  });
});

describe('an order of an alias', () => {
  it('that came before the link is recognised if it comes again, publishes the same, and gives nothing more', async () => {
    const { deliver, grantsOf, published, counted, runtime } = await world();
    await deliver(paid('guest', 'g1'));
    await deliver(link('guest', 'm1', LINK_MS));
    const sizes = [published.length, counted.size];
    await deliver(paid('guest', 'g1'));
    await deliver(paid('guest', 'g1'), link('guest', 'm1', LINK_MS));
    expect(new Set(published).size).toBe(1);
    expect([published.length, counted.size]).toEqual([sizes[0]! + 2, sizes[1]]);
    expect(await grantsOf('guest', 'm1')).toHaveLength(1);
    const m1 = (await readMembers(runtime, ['m1'])).get('m1')!;
    expect(featuresOf(decodeProfile(m1.profile), START_MS).orders[5]).toBeCloseTo(1, 5);
  });

  it('that is older than the link, and may have been forgotten, gives no coupon', async () => {
    const { deliver, grantsOf, labels } = await world(coupons({ perMemberLimit: 50 }));
    const many = Array.from({ length: 40 }, (_, i) =>
      paid('guest', `g${i}`, { timeMs: START_MS + i * 1_000 }),
    );
    for (const one of many) await deliver(one);
    await deliver(link('guest', 'm1', LINK_MS));
    await deliver(many[0]!);
    expect(await grantsOf('guest', 'm1')).toHaveLength(40);
    await deliver(paid('guest', 'new', { timeMs: START_MS + 2_000 }));
    expect(await grantsOf('guest', 'm1')).toHaveLength(40);
    expect(labels()['coupon-withheld/engine/too-late-to-decide']).toBe(1);
    await deliver(paid('guest', 'newer', { timeMs: LINK_MS }));
    expect(await grantsOf('guest', 'm1')).toHaveLength(41);
  });

  it.each([
    ['of the alias', 'guest'],
    ['of the member', 'm1'],
  ])('or its member counts towards one limit if decided as the link is written (here %s)', async (_, id) => {
    const race = once('TransactWriteItems');
    const { deliver, grantsOf } = await world(coupons({ perMemberLimit: 2 }), { before: race.hook });
    await deliver(paid('guest', 'g1'), paid('m1', 'o1'));
    race.arm(() => deliver(link('guest', 'm1', LINK_MS)).then(() => undefined));
    await deliver(paid(id, 'in flight'));
    expect(await grantsOf('guest', 'm1')).toHaveLength(2);
  });

  it('that is being decided while links are written becomes an order of the member they lead to', async () => {
    const race = once('TransactWriteItems');
    const { deliver, grantsOf, leadsTo } = await world(coupons(), { before: race.hook });
    race.arm(() => deliver(link('guest', 'm1', LINK_MS), link('m1', 'm2', LINK_MS)).then(() => undefined));
    await deliver(paid('guest', 'in flight'));
    expect(await leadsTo('guest', 'm1')).toEqual(['m2', 'm2']);
    expect((await grantsOf('guest', 'm1', 'm2')).map(({ member }) => member)).toEqual(['m2']);
  });

  it('costs one more read than an order of its member, which the link makes no dearer', async () => {
    const calls: string[] = [];
    const { deliver } = await world(coupons({ perMemberLimit: 99 }), {
      // The campaign's budgets are read now and then, whoever orders.
      before: async ({ name, input }) => {
        if (!Object.hasOwn((input as BatchGetItemCommandInput).RequestItems ?? {}, 'Campaigns'))
          calls.push(name);
      },
    });
    const callsOf = async (member: string, name: string): Promise<string[]> => {
      calls.length = 0;
      await deliver(paid(member, name));
      return calls.filter((call) => call === 'BatchGetItem' || call === 'TransactWriteItems');
    };
    // A tombstone is looked up only for a member of whom nothing is known.
    expect(await callsOf('m1', 'o1')).toEqual(['BatchGetItem', 'BatchGetItem', 'TransactWriteItems']);
    await deliver(link('guest', 'm1', LINK_MS));
    expect(await callsOf('m1', 'o2')).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(await callsOf('guest', 'g1')).toEqual(['BatchGetItem', 'BatchGetItem', 'TransactWriteItems']);
  });
});

describe('a link', () => {
  const a = link('a', 'b', LINK_MS);

  it('has one outcome if it comes twice at once, again days later, or the answer to its transaction is lost', async () => {
    const lost = once('TransactWriteItems');
    const { deliver, leadsTo, runtime } = await world(coupons(), { after: lost.hook });
    await deliver(paid('a', 'o1'), paid('b', 'o2'));
    const stored = async () => (await readMembers(runtime, ['a', 'b'])).get('b')!;
    lost.arm(() => Promise.reject(timeout()));
    expect((await Promise.all([deliver(a), deliver(a), deliver(a, a)])).flat()).toEqual([]);
    const first = await stored();
    expect(await deliver(a)).toEqual([]);
    expect(await deliver({ ...a, timeMs: LINK_MS + 9 * 86_400_000, id: eventId('again') })).toEqual([]);
    expect(await stored()).toEqual(first);
    expect(first.aliases).toEqual(['a']);
    expect(await leadsTo('a', 'b')).toEqual(['b', 'b']);
    expect(featuresOf(decodeProfile(first.profile), START_MS).orders[5]).toBeCloseTo(2, 5);
  });

  const toC = link('a', 'c', LINK_MS + 1_000);
  it.each([
    ['A→B, then A→C', [[a], [toC]], ['b', 'b', 'c'], ['conflicting-link']],
    ['A→C, then A→B, which happened before', [[toC], [a]], ['c', 'b', 'c'], ['conflicting-link']],
    ['A→C and A→B together: the earlier one', [[toC, a]], ['b', 'b', 'c'], ['conflicting-link']],
    ['A→B, then B→A', [[a], [link('b', 'a', LINK_MS)]], ['b', 'b', 'c'], ['conflicting-link']],
    ['B→A and A→B together', [[link('b', 'a', LINK_MS + 1), a]], ['b', 'b', 'c'], ['conflicting-link']],
    ['A→B, then B→C', [[a], [link('b', 'c', LINK_MS)]], ['c', 'c', 'c'], []],
    ['B→C, then A→B', [[link('b', 'c', LINK_MS)], [a]], ['c', 'c', 'c'], []],
    [
      'A→B, B→C, then C→A',
      [[a], [link('b', 'c', LINK_MS)], [link('c', 'a', LINK_MS)]],
      ['c', 'c', 'c'],
      ['conflicting-link'],
    ],
    ['A→B, B→C, then A→C', [[a], [link('b', 'c', LINK_MS)], [toC]], ['c', 'c', 'c'], []],
  ])('is decided once, even if everything comes again: %s', async (name, batches, leadsTo, refused) => {
    const linked = await world();
    const reasons: string[] = [];
    for (const batch of batches) reasons.push(...(await linked.deliver(...batch)));
    const before = await linked.leadsTo('a', 'b', 'c');
    for (const batch of batches.toReversed()) await linked.deliver(...batch.toReversed());
    expect({ name, leadsTo: before, refused: reasons }).toEqual({ name, leadsTo, refused });
    expect(await linked.leadsTo('a', 'b', 'c')).toEqual(before);
  });

  it('is refused if the member would get more aliases than a member may have', async () => {
    const { deliver, runtime } = await world();
    const links = Array.from({ length: MAX_ALIASES + 1 }, (_, i) => link(`a${i}`, 'b', LINK_MS + i));
    expect(await deliver(...links)).toEqual(['too-many-links']);
    expect((await readMembers(runtime, ['b'])).get('b')!.aliases).toHaveLength(MAX_ALIASES);
    expect(await deliver(link('b', 'c', LINK_MS))).toEqual(['too-many-links']);
  });

  it('to a member that is being linked to another member at the same time is kept, and so is the other link', async () => {
    const race = once('TransactWriteItems');
    const { deliver, leadsTo } = await world(coupons(), { before: race.hook });
    race.arm(() => deliver(link('b', 'c', LINK_MS)).then(() => undefined));
    await deliver(a);
    expect(await leadsTo('a', 'b')).toEqual(['c', 'c']);
  });

  it('keeps the later tier of the two, and later tiers under either id are the member’s', async () => {
    const tierOf = async () => (await readMembers(runtime, ['b'])).get('b')!.tier;
    const tier = (member: string, name: string, timeMs: number) =>
      ({ kind: 'tier', id: eventId(name), timeMs, member, tier: name }) as const;
    const { deliver, runtime } = await world();
    await deliver(tier('a', 'gold', START_MS + 2), tier('b', 'silver', START_MS + 1));
    await deliver(a);
    expect(await tierOf()).toBe('gold');
    await deliver(tier('a', 'old', START_MS), tier('a', 'plus', START_MS + 3));
    expect(await tierOf()).toBe('plus');
  });

  it('takes over the aliases of the alias, so that limits and an erasure reach all of them', async () => {
    const { deliver, runtime } = await world();
    await deliver(a);
    await deliver(link('b', 'c', LINK_MS));
    expect((await readMembers(runtime, ['c'])).get('c')!.aliases).toEqual(['b', 'a']);
  });

  it('decides between events of equal time: the tier with the greater name is kept, and the link with the smaller event id', async () => {
    const { deliver, leadsTo, runtime } = await world();
    const tier = (member: string, name: string) =>
      ({ kind: 'tier', id: eventId(name), timeMs: START_MS, member, tier: name }) as const;
    await deliver(tier('a', 'silver'), tier('b', 'gold'));
    const rivals = [link('x', 'y', LINK_MS), link('x', 'z', LINK_MS)].toSorted((one, two) =>
      one.id < two.id ? 1 : -1,
    );
    expect(await deliver(a, ...rivals)).toEqual(['conflicting-link']);
    expect((await readMembers(runtime, ['b'])).get('b')!.tier).toBe('silver');
    expect(await leadsTo('x')).toEqual([rivals[1]!.to]);
  });

  it.each([
    ['an order', () => paid('b', 'o')],
    [
      'a tier',
      () => ({ kind: 'tier', id: eventId('t'), timeMs: START_MS, member: 'b', tier: 'gold' }) as const,
    ],
    [
      'a tier that was taken away',
      () => ({ kind: 'tier', id: eventId('t'), timeMs: START_MS, member: 'b', tier: '' }) as const,
    ],
    ['nothing', undefined],
  ])('says that its member is new unless something was known of the member: %s', async (what, known) => {
    const { deliver, runtime } = await world();
    if (known !== undefined) await deliver(known());
    await deliver(a);
    const { joined } = (await readMembers(runtime, ['b'])).get('b')!;
    expect(joined === undefined).toBe(what !== 'nothing');
  });
});

import { describe, expect, it } from 'vitest';
import { couponIdBy } from '../support/coupon-ids.ts';
import { allGrants, countsByLabel, eventId, open } from '../support/coupon-world.ts';
import { Weather } from '../support/faults.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { paid, startCouponFunction } from './coupon-function.ts';
import { coupons, definition, type order, START_MS } from './factories.ts';

const random = seededRandom(4);
const queues = new Queues(random, new Weather(random));

describe('in the coupon function', () => {
  const world = startCouponFunction(random, queues);
  const { deliver, balance } = world;

  it('an order uses its coupon once and its refunds give it back once, even if they are forgotten and come again', async () => {
    const campaign = definition('memory', coupons({ perMemberLimit: 1 }));
    await open(world.runtime, campaign);
    const member = 'memory-m';
    const couponId = couponIdBy(eventId('memory-0'), 'memory', member, 0);
    const at = (ms: number, name: string, changes: Parameters<typeof order>[0] = {}) =>
      paid(name, { member, timeMs: START_MS + ms, ...changes });
    const use = at(1, 'memory-use', { couponId });
    const back = (part: string) =>
      at(2, `memory-back-${part}`, { kind: 'refunded', orderId: 'memory-use', amountFen: 10_000 });
    const others = (name: string) =>
      Array.from({ length: 35 }, (_, i) => at(1_000 + i, `memory-${name}-${i}`));
    await deliver(['memory'], at(0, 'memory-0'));
    await deliver(['memory'], use);
    await deliver([], ...others('one'));
    await deliver(['memory'], use, use);
    await deliver(['memory'], back('a'));
    await deliver([], ...others('two'));
    await deliver(['memory'], back('a'), use);
    const state = async () => (await balance(campaign))[0]!;
    expect(await state()).toMatchObject({
      state: 'redeemed',
      redemption: { paidFen: 20_000, refundedFen: 10_000 },
    });
    await deliver(['memory'], back('b'), back('a'), use);
    expect(await state()).toMatchObject({ state: 'live' });
    const counts = countsByLabel(queues);
    expect([counts['coupon-redeemed/engine/ten'], counts['coupon-returned/engine/ten']]).toEqual([1, 1]);
  });

  it('a late payment of a forgotten order finds its refund in the account of another coupon of the order', async () => {
    const campaign = definition('parts', coupons({ perMemberLimit: 2 }));
    await open(world.runtime, campaign);
    const member = 'parts-m';
    const at = (ms: number, name: string, changes: Parameters<typeof order>[0] = {}) =>
      paid(name, { member, timeMs: START_MS + ms, ...changes });
    await deliver(['parts'], at(0, 'parts-0'), at(1, 'parts-1'));
    const [first, second] = [0, 1].map((slot) => couponIdBy(eventId(`parts-${slot}`), 'parts', member, slot));
    const inCart = { orderId: 'parts-cart' };
    await deliver([], at(2, 'parts-a', { ...inCart, couponId: first! }));
    const refund = { kind: 'refunded' as const, couponId: second!, amountFen: 8_000 };
    await deliver([], at(4, 'parts-back', { ...inCart, ...refund }));
    await deliver([], ...Array.from({ length: 9 }, (_, i) => at(1_000 + i, `parts-other-${i}`)));
    await deliver([], at(3, 'parts-b', { ...inCart, couponId: second! }));
    const used = (await balance(campaign)).find(({ id }) => id === second)!;
    expect(used.redemption).toMatchObject({ paidFen: 20_000, refundedFen: 8_000 });
  });

  it('a coupon becomes void and frees its money when the order that earned it is refunded, if the campaign says so', async () => {
    for (const fallsWithOrder of [true, false]) {
      const campaignId = `falls-${fallsWithOrder}`;
      const campaign = definition(campaignId, coupons({ fallsWithOrder, perMemberLimit: 1 }));
      await open(world.runtime, campaign);
      const member = `${campaignId}-m`;
      const refund = paid(`${campaignId}-back`, {
        member,
        kind: 'refunded',
        orderId: `${campaignId}-1`,
        timeMs: START_MS + 2_000,
      });
      await deliver([campaignId], paid(`${campaignId}-1`, { member }));
      await deliver([campaignId], refund);
      await deliver([campaignId], refund);
      expect((await balance(campaign))[0]!.state).toBe(fallsWithOrder ? 'expired' : 'live');
      expect(countsByLabel(queues)['coupon-expired/engine/ten']).toBe(fallsWithOrder ? 1 : undefined);
      queues.messages.clear();
    }
  });

  it('a partial refund that comes again after it was forgotten does not void the coupon that its order earned', async () => {
    const campaign = definition('falls-once', coupons({ fallsWithOrder: true, perMemberLimit: 1 }));
    await open(world.runtime, campaign);
    const member = 'falls-once-m';
    const at = (ms: number, name: string, changes: Parameters<typeof order>[0] = {}) =>
      paid(name, { member, timeMs: START_MS + ms, ...changes });
    const back = (part: string, amountFen: number) =>
      at(2, `falls-back-${part}`, { kind: 'refunded', orderId: 'falls-0', amountFen });
    // Many payments of one order: the earlier events are forgotten, but the earlier order is not.
    const cart = Array.from({ length: 35 }, (_, i) =>
      at(1_000 + i, `falls-${i + 1}`, { orderId: 'falls-cart' }),
    );
    await deliver(['falls-once'], at(0, 'falls-0'));
    await deliver(['falls-once'], back('a', 12_000));
    await deliver([], ...cart);
    await deliver(['falls-once'], back('a', 12_000));
    expect((await balance(campaign))[0]).toMatchObject({ state: 'live' });
    await deliver(['falls-once'], back('b', 8_000));
    expect((await balance(campaign))[0]).toMatchObject({ state: 'expired' });
  });

  it('an order is decided in its five campaigns, and a redelivery with a sixth one only repeats the outcomes', async () => {
    const ids = Array.from({ length: 6 }, (_, i) => `six-${i}`);
    const spent = coupons({ budgets: [{ pool: 'platform', totalFen: 1, presaleShare: 0 }] });
    for (const [i, id] of ids.entries())
      await open(world.runtime, definition(id, i === 2 ? spent : coupons()));
    const event = paid('six-order', { member: 'six-m' });
    await deliver(ids.slice(1), event);
    for (const [i, id] of ids.entries()) {
      expect(await allGrants(world.dynoxide.client, id), id).toHaveLength(i === 0 || i === 2 ? 0 : 1);
    }
    const before = countsByLabel(queues);
    await deliver(ids, event);
    expect(countsByLabel(queues)).toEqual(before);
  });

  it('a refused coupon counts in its own campaign alone, and another shop’s order of the same number is refused', async () => {
    for (const id of ['own', 'other'])
      await open(world.runtime, definition(id, coupons({ perMemberLimit: 1 })));
    const member = 'own-m';
    await deliver(['own'], paid('own-0', { member, timeMs: START_MS }));
    queues.messages.clear();
    const use = { member, couponId: couponIdBy(eventId('own-0'), 'own', member, 0), source: 'one' };
    await deliver(['other', 'own'], paid('own-1', use));
    await deliver(['other', 'own'], paid('own-2', { ...use, orderId: 'own-1', source: 'two' }));
    await deliver(
      ['other', 'own'],
      paid('own-3', { ...use, couponId: couponIdBy(eventId('own-0'), 'other', 'else', 0) }),
    );
    const counted = queues
      .of('metrics')
      .map(({ body }) => JSON.parse(body) as { settings: { campaignId: string }; events: string[][] })
      .flatMap(({ settings, events }) => events.map(([, , label]) => `${settings.campaignId} ${label}`))
      .filter((text) => text.includes('coupon-re'));
    expect(counted.sort()).toEqual([
      'other coupon-refused/foreign',
      'own coupon-redeemed/engine/ten',
      'own coupon-refused/used',
    ]);
  });
});

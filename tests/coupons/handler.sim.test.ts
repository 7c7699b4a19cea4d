import type { DynamoDBClient, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import { writePrices } from '#domain/campaigns/prices.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import { countCalls } from '../board/read-sale.ts';
import { couponIdBy, idKeyIn } from '../support/coupon-ids.ts';
import {
  allGrants,
  countsByLabel,
  debitedFen,
  eventId,
  heldFen,
  open,
  outbox,
  publishedCalls,
} from '../support/coupon-world.ts';
import { Weather } from '../support/faults.ts';
import { budgetIn } from '../support/layouts.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { paid, startCouponFunction } from './coupon-function.ts';
import { coupons, definition, END_MS, offer, type order, START_MS } from './factories.ts';

const HOUR_MS = 3_600_000;

const random = seededRandom(3);
const weather = new Weather(random);
const queues = new Queues(random, weather);

/** The sort keys of the grants that each transaction of a client puts from now on. Transactions without grants are left out. */
const watchGrants = (client: DynamoDBClient): string[][] => {
  const transactions: string[][] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      const { TransactItems = [] } = args.input as Partial<TransactWriteItemsInput>;
      const grants = TransactItems.flatMap(({ Put }) => Put?.Item?.grant?.S ?? []);
      if (grants.length > 0) transactions.push(grants.sort());
      return next(args);
    },
    { step: 'initialize' },
  );
  return transactions;
};

describe('in the coupon function', () => {
  const world = startCouponFunction(random, queues);
  const { deliver, balance } = world;

  it.each([
    ['one coupon in one shard', 1, 1_000],
    ['one coupon in each of eight shards', 8, 8_000],
    ['one coupon in eight shards that are each too small', 8, 1_000],
  ])(
    'a budget for %s gives exactly that much, and 63 more orders at the same time get a reason instead of a coupon',
    async (_, shards, totalFen) => {
      const campaignId = `one-${shards}-${totalFen}`;
      const campaign = definition(
        campaignId,
        coupons({ shards, budgets: [{ pool: 'platform', totalFen, presaleShare: 0 }], perMemberLimit: 1 }),
      );
      await open(world.runtime, campaign);
      const claims = totalFen / 1_000;
      await Promise.all(
        Array.from({ length: 63 + claims }, (_, i) =>
          deliver([campaignId], paid(`${campaignId}-${i}`, { member: `${campaignId}-m${i}` })),
        ),
      );
      const grants = await balance(campaign);
      expect(grants).toHaveLength(claims);
      expect(outbox(queues)).toEqual(expect.arrayContaining(grants.map(({ id }) => id)));
      expect(countsByLabel(queues)).toEqual({
        'coupon-issued/engine/ten': claims,
        'coupon-withheld/engine/budget-empty': 63,
      });
    },
  );

  it('the coupons that a batch’s orders name are read together, and each is redeemed', async () => {
    const members = 150;
    const campaign = definition('named', coupons({ perMemberLimit: 1 }));
    await open(world.runtime, campaign);
    const orders = (name: string, couponOf: (i: number) => string) =>
      Array.from({ length: members }, (_, i) =>
        paid(`named-${name}-${i}`, { member: `named-m${i}`, couponId: couponOf(i) }),
      );
    await deliver(['named'], ...orders('first', () => ''));
    const { calls } = countCalls(world.dynoxide.client);
    await deliver(
      ['named'],
      ...orders('second', (i) => couponIdBy(eventId(`named-first-${i}`), 'named', `named-m${i}`, 0)),
    );
    const grants = await balance(campaign);
    expect(countsByLabel(queues)['coupon-redeemed/engine/ten']).toBe(grants.length);
    expect(grants.length).toBeGreaterThan(100);
    expect(calls.filter((name) => name === 'GetItem')).toEqual([]);
    // Two for members, two for coupons, and one for all shards of the budgets.
    expect(calls.filter((name) => name === 'BatchGetItem')).toHaveLength(5);
  });

  it('a redelivered order gets no second coupon, and its coupon is republished', async () => {
    const campaign = definition('again');
    await open(world.runtime, campaign);
    const event = paid('again-1', { member: 'again-m' });
    await deliver(['again'], event);
    await deliver(['again'], event, event);
    await Promise.all([deliver(['again'], event), deliver(['again'], event)]);
    const grants = await balance(campaign);
    expect(grants).toHaveLength(1);
    expect(new Set(outbox(queues))).toEqual(new Set([couponIdBy(event.id, 'again', 'again-m', 0)]));
    expect(outbox(queues).length).toBeGreaterThanOrEqual(5);
    expect(countsByLabel(queues)).toEqual({ 'coupon-issued/engine/ten': 1 });
  });

  it('what the model saw for an order is published once, with the decision, and not again at a redelivery', async () => {
    const campaign = definition('seen', coupons({ arms: { engine: 50, baseline: 0, control: 50 } }));
    await open(world.runtime, campaign);
    const events = Array.from({ length: 40 }, (_, i) => paid(`seen-${i}`, { member: `seen-m${i}` }));
    const scored = events.filter(({ member }) => armOf(campaign.coupons!, member) === 'engine').length;
    await deliver(['seen'], ...events);
    const published = publishedCalls(queues);
    expect(published).toHaveLength(scored);
    // The model is asked about the one offer and about no coupon. So the member's demand has one edge, which costs 1,000 fen.
    expect(new Set(published.map(({ count, amountFen }) => `${count} ${amountFen}`))).toEqual(
      new Set(['2 1000']),
    );
    for (const { label } of published) expect(label).toMatch(/^model-calls\/coupon\/engine\/platform\/\d+$/);
    queues.messages.clear();
    await deliver(['seen'], ...events);
    expect(publishedCalls(queues)).toEqual([]);
    await deliver(
      [],
      ...events.map(({ member }) => ({
        kind: 'tier' as const,
        id: eventId(`tier-${member}`),
        timeMs: START_MS,
        member,
        tier: 'gold',
      })),
    );
    expect(publishedCalls(queues)).toEqual([]);
  });

  it('a member gets no more coupons than the limit, and slot 0 is left to the presale if it gives coupons', async () => {
    const budgets = [{ pool: 'platform', totalFen: 1_000_000, presaleShare: 0.5 }];
    const campaign = definition('limit', coupons({ budgets, perMemberLimit: 3 }));
    await open(world.runtime, campaign);
    const events = [1, 2, 3, 4].map((i) => paid(`limit-${i}`, { member: 'limit-m', timeMs: START_MS + i }));
    await deliver(['limit'], ...events);
    const grants = await balance(campaign);
    expect(grants.map(({ slot }) => slot).sort()).toEqual(['1', '2']);
    expect(countsByLabel(queues)).toEqual({
      'coupon-issued/engine/ten': 2,
      'coupon-withheld/engine/limit-reached': 2,
    });
  });

  it('a taken slot that the counter does not know is skipped', async () => {
    const campaign = definition('taken');
    await open(world.runtime, campaign);
    const grant = couponGrant({
      campaignId: 'taken',
      member: 'taken-m',
      slot: 0,
      offer: offer(),
      arm: 'engine',
      trigger: 'elsewhere',
      grantedMs: START_MS,
      reason: {},
      idKey: idKeyIn('taken'),
    });
    await carryOut(world.runtime, [
      { debits: [{ grant, budget: budgetIn('taken', coupons(), grant.budget) }] },
    ]);
    await deliver(['taken'], paid('taken-1', { member: 'taken-m' }));
    expect((await balance(campaign)).map(({ slot }) => slot)).toEqual(['0', '1']);
  });

  it('a budget too small for the larger coupon pays the smaller one, and less than the smallest stays unspent', async () => {
    const offers = [
      offer({ offerId: 'large', thresholdFen: 6_000, discountFen: 3_000 }),
      offer({ offerId: 'small', thresholdFen: 5_000, discountFen: 700 }),
    ];
    const budgets = [{ pool: 'platform', totalFen: 10_000, presaleShare: 0 }];
    const campaign = definition('remains', coupons({ offers, budgets, shards: 7 }));
    await open(world.runtime, campaign);
    await deliver(
      ['remains'],
      ...Array.from({ length: 40 }, (_, i) => paid(`remains-${i}`, { member: `remains-m${i}` })),
    );
    const held = heldFen(await balance(campaign))['engine/platform']!;
    expect(held).toBeLessThanOrEqual(10_000);
    expect(10_000 - held).toBeLessThan(700);
  });

  it('a price above what a coupon is worth withholds it, and a tier decides who may get it', async () => {
    const offers = [offer({ offerId: 'vip', tiers: ['88vip'] })];
    await open(world.runtime, definition('tiers', coupons({ offers })));
    await deliver(['tiers'], paid('tiers-1', { member: 'tiers-m' }));
    const tier = (name: string, timeMs: number) =>
      ({ kind: 'tier', id: eventId(`${name}${timeMs}`), timeMs, member: 'tiers-m', tier: name }) as const;
    await deliver([], tier('88vip', START_MS + 2));
    // An older tier that arrives later changes nothing.
    await deliver([], tier('', START_MS + 1));
    await deliver(['tiers'], paid('tiers-2', { member: 'tiers-m', timeMs: START_MS + 3 }));
    expect(countsByLabel(queues)).toEqual({
      'coupon-withheld/engine/not-eligible': 1,
      'coupon-issued/engine/vip': 1,
    });
    await open(world.runtime, definition('dear'));
    await writePrices(world.runtime, 'dear', { 'engine/platform': 1_000 }, 0);
    queues.messages.clear();
    await deliver(['dear'], paid('dear-1', { member: 'dear-m' }));
    expect(countsByLabel(queues)).toEqual({ 'coupon-withheld/engine/not-worth-its-price': 1 });
  });

  it('a decision to give nothing is counted by its probability, and a redelivery counts the same', async () => {
    const offers = [offer(), offer({ offerId: 'twenty', discountFen: 2_000 })];
    await open(world.runtime, definition('chance', coupons({ epsilon: 0.03, offers })));
    await writePrices(world.runtime, 'chance', { 'engine/platform': 1_000 }, 0);
    const orders = Array.from({ length: 60 }, (_, i) => paid(`chance-${i}`, { member: `chance-m${i}` }));
    await deliver(['chance'], ...orders);
    const counts = countsByLabel(queues);
    const withheld = counts['coupon-withheld/engine/not-worth-its-price']!;
    const explored = counts['coupon-withheld/engine/explored'] ?? 0;
    expect(withheld).toBeGreaterThan(50);
    // Giving nothing is the best choice here. Where a choice is random, it is one of three.
    expect(counts['coupon-nothing/engine/0.98']).toBe(withheld + explored);
    queues.messages.clear();
    await deliver(['chance'], ...orders);
    expect(countsByLabel(queues)).toEqual(counts);
  });

  it('the baseline arm gives one offer to all, the control arm none, and each arm spends its own budget', async () => {
    const campaign = definition(
      'arms',
      coupons({
        offers: [offer(), offer({ offerId: 'five', discountFen: 500 })],
        arms: { engine: 40, baseline: 40, control: 20 },
        baselineOffer: 'five',
        perMemberLimit: 1,
      }),
    );
    await open(world.runtime, campaign);
    await deliver(
      ['arms'],
      ...Array.from({ length: 200 }, (_, i) => paid(`arms-${i}`, { member: `arms-m${i}` })),
    );
    const counts = countsByLabel(queues);
    const inArm = (arm: string) =>
      Array.from({ length: 200 }, (_, i) => armOf(campaign.coupons!, `arms-m${i}`)).filter((a) => a === arm)
        .length;
    const { 'coupon-issued/engine/ten': ten = 0, 'coupon-issued/engine/five': five = 0, ...others } = counts;
    expect(ten + five).toBe(inArm('engine'));
    expect(others).toEqual({
      'coupon-issued/baseline/five': inArm('baseline'),
      'coupon-withheld/control/control': inArm('control'),
      // None of the members was known before, so each is assigned to an arm by the order.
      'assigned/engine': inArm('engine'),
      'assigned/baseline': inArm('baseline'),
      'assigned/control': inArm('control'),
    });
    const grants = await balance(campaign);
    const reason = JSON.parse(grants.find(({ offer: id }) => id === 'ten')!.reason);
    expect(reason).toMatchObject({ arm: 'engine', propensity: expect.any(Number), price: 0 });
    expect(reason.features).toHaveLength(16);
    expect(reason.scores).toHaveLength(3);
  });

  it('an order redeems its coupon once, and every other use is refused with its reason', async () => {
    const offers = [offer({ scope: 'far', validHours: 1 })];
    const campaign = definition('use', coupons({ offers, perMemberLimit: 1 }));
    await open(world.runtime, campaign);
    const member = 'use-m';
    const couponId = couponIdBy(eventId('use-0'), 'use', member, 0);
    await deliver(
      ['use'],
      paid('use-0', { member, timeMs: START_MS }),
      paid('use-other', { member: 'use-other' }),
    );
    queues.messages.clear();
    const use = (name: string, changes: Parameters<typeof order>[0] = {}) =>
      deliver(['use'], paid(name, { member, couponId, timeMs: START_MS + 10, ...changes }));
    await use('use-unknown', { couponId: 'nothing' });
    await use('use-absent', { couponId: couponIdBy(eventId('use-0'), 'use', member, 5) });
    await use('use-foreign', { couponId: couponIdBy(eventId('use-other'), 'use', 'use-other', 0) });
    await use('use-good', { amountFen: 3_999 });
    await use('use-good', { amountFen: 3_999 });
    await use('use-twice', { timeMs: START_MS + 11 });
    const grants = await balance(campaign);
    expect(grants.find(({ id }) => id === couponId)).toMatchObject({
      state: 'redeemed',
      redemption: { orderId: 'use-good', paidFen: 3_999, refundedFen: 0 },
    });
    expect(countsByLabel(queues)).toEqual({
      'coupon-refused/unknown': 2,
      'coupon-refused/foreign': 1,
      'coupon-redeemed-against-terms/threshold': 1,
      'coupon-refused/used': 1,
      'coupon-redeemed/engine/ten': 1,
      'coupon-withheld/engine/limit-reached': 5,
    });
  });

  it('a refund gives the coupon back, and the money of a coupon that was given back stays held', async () => {
    const campaign = definition('back', coupons({ offers: [offer({ validHours: 1 })], perMemberLimit: 1 }));
    await open(world.runtime, campaign);
    const member = 'back-m';
    const couponId = couponIdBy(eventId('back-0'), 'back', member, 0);
    const at = (ms: number, name: string, changes: Parameters<typeof order>[0] = {}) =>
      deliver(['back'], paid(name, { member, timeMs: START_MS + ms, ...changes }));
    const state = async () => (await balance(campaign)).map((grant) => grant.state);
    await at(0, 'back-0');
    await at(1, 'back-1', { couponId });
    expect(await state()).toEqual(['redeemed']);
    await at(2, 'back-1-part', { kind: 'refunded', orderId: 'back-1', amountFen: 5_000 });
    expect(await state()).toEqual(['redeemed']);
    await at(3, 'back-1-rest', { kind: 'refunded', orderId: 'back-1', amountFen: 15_000 });
    await at(3, 'back-1-rest', { kind: 'refunded', orderId: 'back-1', amountFen: 15_000 });
    expect(await state()).toEqual(['live']);
    await at(4, 'back-2', { couponId });
    expect(await state()).toEqual(['redeemed']);
    expect(await debitedFen(world.runtime, campaign)).toEqual({ 'engine/platform': 1_000 });
    await at(HOUR_MS, 'back-2-all', { kind: 'refunded', orderId: 'back-2', couponId });
    expect(await state()).toEqual(['live']);
    expect(await debitedFen(world.runtime, campaign)).toEqual({ 'engine/platform': 1_000 });
    expect(countsByLabel(queues)).toMatchObject({
      'coupon-redeemed/engine/ten': 2,
      'coupon-returned/engine/ten': 2,
    });
    // A refund that is delivered again long after the coupon was used on another order is still published.
    queues.messages.clear();
    await at(3, 'back-1-rest', { kind: 'refunded', orderId: 'back-1', amountFen: 15_000 });
    expect(countsByLabel(queues)).toEqual({ 'coupon-returned/engine/ten': 1 });
  });

  it.each([
    ['at once', 'soon', 3],
    ['an hour later', 'late', HOUR_MS],
  ])(
    'the refunds of an order, the last one %s, give its coupon back in whatever sequence they and the order arrive',
    async (_, when, lastMs) => {
      const campaignId = `early-${when}`;
      const campaign = definition(
        campaignId,
        coupons({ offers: [offer({ validHours: 2 })], perMemberLimit: 2 }),
      );
      await open(world.runtime, campaign);
      const orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
      ];
      for (const [i, arrived] of orders.entries()) {
        const member = `${campaignId}-m${i}`;
        const couponId = couponIdBy(eventId(`${member}-first`), campaignId, member, 0);
        const name = `${member}-order`;
        await deliver([campaignId], paid(`${member}-first`, { member, timeMs: START_MS }));
        const events = [
          paid(name, { member, timeMs: START_MS + 1, couponId }),
          paid(`${name}-part`, {
            kind: 'refunded',
            orderId: name,
            member,
            timeMs: START_MS + 2,
            amountFen: 5_000,
            couponId,
          }),
          // A refund need not name the coupon.
          paid(`${name}-rest`, {
            kind: 'refunded',
            orderId: name,
            member,
            timeMs: START_MS + lastMs,
            amountFen: 15_000,
          }),
        ];
        for (const at of arrived) {
          await deliver([campaignId], events[at]!);
          await Promise.all([deliver([campaignId], events[at]!), deliver([campaignId], events[at]!)]);
        }
      }
      const grants = await balance(campaign);
      for (const [i] of orders.entries()) {
        const own = grants.filter(({ member }) => member === `${campaignId}-m${i}`);
        // The order brings the next coupon in the same transaction.
        expect(own.map(({ slot, state }) => `${slot} ${state}`).sort()).toEqual(['0 live', '1 live']);
        expect(own.find(({ slot }) => slot === '0')!.redemption).toMatchObject({
          paidFen: 20_000,
          refundedFen: 20_000,
        });
      }
      expect(countsByLabel(queues)).toEqual({
        'coupon-issued/engine/ten': 12,
        'coupon-redeemed/engine/ten': 6,
        'coupon-returned/engine/ten': 6,
      });
    },
  );

  it('an order that is forgotten after 32 others gets no second coupon, and its coupon is republished', async () => {
    const campaign = definition('forgotten');
    await open(world.runtime, campaign);
    const member = 'forgotten-m';
    const event = paid('forgotten-0', { member });
    await deliver(['forgotten'], event);
    await deliver(
      [],
      ...Array.from({ length: 40 }, (_, i) =>
        paid(`forgotten-other-${i}`, { member, timeMs: event.timeMs + i }),
      ),
    );
    queues.messages.clear();
    await deliver(['forgotten'], event);
    expect(await balance(campaign)).toHaveLength(1);
    expect(outbox(queues)).toEqual([couponIdBy(event.id, 'forgotten', member, 0)]);
    expect(countsByLabel(queues)).toEqual({ 'coupon-issued/engine/ten': 1 });
    // It is unknown whether such an old order was decided before. So nothing is decided, and a metric event says so.
    queues.messages.clear();
    const late = paid('forgotten-late', { member });
    await deliver(['forgotten'], late, late);
    expect(await balance(campaign)).toHaveLength(1);
    expect(countsByLabel(queues)).toEqual({ 'coupon-withheld/engine/too-late-to-decide': 1 });
  });

  it('an order of three campaigns gets a coupon of each that has money, once, in one transaction', async () => {
    await open(world.runtime, definition('both-a'));
    await open(
      world.runtime,
      definition('both-b', coupons({ budgets: [{ pool: 'platform', totalFen: 1, presaleShare: 0 }] })),
    );
    await open(world.runtime, definition('both-c'));
    const transactions = watchGrants(world.dynoxide.client);
    const event = paid('both-1', { member: 'both-m', timeMs: END_MS - 1 });
    await deliver(['both-a', 'both-b', 'both-c'], event);
    await deliver(['both-a', 'both-b', 'both-c'], event);
    for (const [campaignId, count] of [
      ['both-a', 1],
      ['both-b', 0],
      ['both-c', 1],
    ] as const) {
      expect(await allGrants(world.dynoxide.client, campaignId)).toHaveLength(count);
    }
    expect(transactions).toEqual([['both-a#coupon#0', 'both-c#coupon#0']]);
    expect(countsByLabel(queues)['coupon-withheld/engine/budget-empty']).toBe(1);
  });
});

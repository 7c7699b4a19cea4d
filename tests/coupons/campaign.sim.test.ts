import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { type CouponMessage, type OrderEvent, toMemberTuple } from '#domain/members/member-event.ts';
import { fromTuple, type MetricEvent, type MetricsMessage } from '#domain/metrics/metric-event.ts';
import { makeHandler as makeAudience } from '#lambdas/audience/handler.ts';
import { makeHandler as makeCoupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import { eventIdOf } from '#platform/hash.ts';
import { couponIdBy } from '../support/coupon-ids.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { START_MS } from '../support/presale-members.ts';
import {
  campaign,
  coupons,
  faultsOf,
  fillMembers,
  offer,
  presaleStarted,
  readBooks,
} from '../support/presale-world.ts';
import { consumerOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const random = seededRandom(20_261_111);
const weather = new Weather(random);
const queues = new Queues(random, weather);

const WORKERS = 10;
const MEMBERS = 600;

/** What an order pays: more than every threshold. */
const ORDER_FEN = 20_000;
const ORDERS_PER_MEMBER = 4;
const EVENTS_PER_MESSAGE = 5;

const messagesOf = (campaignId: string, events: readonly OrderEvent[]): CouponMessage[] =>
  Array.from({ length: Math.ceil(events.length / EVENTS_PER_MESSAGE) }, (_, i) => ({
    campaigns: [campaignId],
    events: events.slice(i * EVENTS_PER_MESSAGE, (i + 1) * EVENTS_PER_MESSAGE).map(toMemberTuple),
  }));

/**
 * One more order of every member, later than those of `orderMessages`. It uses no coupon. The coupons that it brings spend the
 * money that refunds freed.
 */
const lastOrders = (campaignId: string): CouponMessage[] =>
  messagesOf(
    campaignId,
    Array.from({ length: MEMBERS }, (_, i) => ({
      kind: 'paid',
      id: eventIdOf('orders', `${campaignId}-last-${i}`),
      timeMs: START_MS + 3_600_000,
      member: `m${i}`,
      orderId: `${campaignId}-last-${i}`,
      brand: 'lotus',
      channel: i % 2 === 0 ? 'far' : 'near',
      storeId: '',
      amountFen: ORDER_FEN,
      couponId: '',
    })),
  );

/**
 * Orders of every member in the first hour of the sale. Some use a coupon that the member may have by then, and some are
 * refunded within two days.
 */
const orderMessages = (campaignId: string): CouponMessage[] => {
  const events = Array.from({ length: MEMBERS * ORDERS_PER_MEMBER }, (_, i): OrderEvent[] => {
    const member = `m${i % MEMBERS}`;
    const order: OrderEvent = {
      kind: 'paid',
      id: eventIdOf('orders', `${campaignId}-paid-${i}`),
      timeMs: START_MS + Math.floor(random() * 3_600_000),
      member,
      orderId: `${campaignId}-${i}`,
      brand: 'lotus',
      channel: random() < 0.5 ? 'far' : 'near',
      storeId: '',
      amountFen: ORDER_FEN,
      couponId:
        random() < 0.3 ? couponIdBy(eventIdOf('/zhihui/presale', campaignId), campaignId, member, 0) : '',
    };
    const refund: OrderEvent = {
      ...order,
      kind: 'refunded',
      id: eventIdOf('orders', `${campaignId}-refunded-${i}`),
      timeMs: order.timeMs + Math.floor(random() * 48 * 3_600_000),
    };
    return random() < 0.2 ? [order, refund] : [order];
  }).flat();
  return messagesOf(campaignId, events);
};

/**
 * What the events on the metrics queue count, by label; an event that is published again counts once, and must have the same
 * content.
 */
const countsPublished = (from: Queues): Map<string, number> => {
  const byId = new Map<string, MetricEvent>();
  for (const { body } of from.of('metrics')) {
    for (const event of (JSON.parse(body) as MetricsMessage).events.map(fromTuple)) {
      expect(byId.get(event.id) ?? event).toEqual(event);
      byId.set(event.id, event);
    }
  }
  const counts = new Map<string, number>();
  for (const { label, count = 1 } of byId.values()) counts.set(label, (counts.get(label) ?? 0) + count);
  return counts;
};

/** Limits the test: a message that always fails would come back forever. */
const WORK_MS_MAX = 280_000;
const CALLS_BETWEEN_LOOKS = 25;

describe('a campaign with coupons', () => {
  let dynoxide: Dynoxide;
  let consumers: Parameters<typeof queues.deliver>[0];

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    weather.strike(dynoxide.client);
    const outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs }, random });
    consumers = {
      presale: { consume: consumerOf(makePresale(outside)), batch: 1 },
      coupon: { consume: consumerOf(makeCoupon(outside)), batch: 4 },
      audience: { consume: consumerOf(makeAudience(outside)), batch: 1 },
    };
    await fillMembers(dynoxide.client, MEMBERS, random);
  });
  afterAll(() => dynoxide.stop());

  /** Runs workers until all queues are empty. `look` is called repeatedly while no call is under way. */
  const work = async (look: () => Promise<void>): Promise<void> => {
    let busy = 0;
    let isOver = false;
    let lookedAt = 0;
    const untilMs = performance.now() + WORK_MS_MAX;
    const worker = async (): Promise<void> => {
      while (!isOver) {
        if (performance.now() > untilMs)
          throw new Error(`within ${WORK_MS_MAX} ms not processed: ${queues.summary()}`);
        busy++;
        const didWork = await queues.deliver(consumers);
        busy--;
        if (!didWork && busy === 0 && lookedAt === weather.calls) isOver = true;
        if (!didWork) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const watcher = async (): Promise<void> => {
      while (!isOver) {
        // Looks are spaced by calls: timed looks would take most of a slow machine's time. The last look follows the last call.
        if (weather.calls >= lookedAt + CALLS_BETWEEN_LOOKS || (busy === 0 && lookedAt !== weather.calls))
          await weather.still(async () => {
            await look();
            lookedAt = weather.calls;
          });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await Promise.all([...Array.from({ length: WORKERS }, worker), watcher()]);
  };

  /** The ids of the grants on the outbox, where some grants appear more than once. */
  const published = (): Set<string> =>
    new Set(
      queues.of('grants').flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id)),
    );

  const POOLS = [
    { pool: 'platform', totalFen: 150_001, presaleShare: 0.6 },
    { pool: 'brand', totalFen: 80_003, presaleShare: 0.3 },
    { pool: 'near', totalFen: 40_000, presaleShare: 0 },
  ];
  const scenarios = {
    'one budget': coupons(),
    'three budgets': coupons({
      budgets: POOLS,
      offers: [
        offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500 }),
        offer({ offerId: 'twenty', thresholdFen: 15_000, discountFen: 2_000 }),
        offer({ offerId: 'brand', pool: 'brand', thresholdFen: 9_000, discountFen: 1_111 }),
        offer({ offerId: 'near', pool: 'near', thresholdFen: 6_000, discountFen: 700, scope: 'near' }),
      ],
      baselineOffer: 'five',
      salt: 'pepper',
      shards: 3,
    }),
  };

  it.each(Object.entries(scenarios))(
    'and %s keeps its books to the fen while workers crash, and publishes every grant',
    async (name, section) => {
      const campaignId = name.replace(' ', '-');
      weather.rates = { death: 0.01, lostAnswer: 0.02, conflict: 0.1, throttle: 0.05 };
      queues.messages.clear();
      queues.put(
        'presale',
        presaleStarted(campaign({ campaignId, coupons: section, metrics: { horizonHours: 876_000 } })),
      );
      let looks = 0;
      await work(async () => {
        const books = await readBooks(dynoxide.client, campaignId);
        if (books.grants.length === 0) return;
        if (looks++ === 0) for (const message of orderMessages(campaignId)) queues.put('coupon', message);
        expect(faultsOf(books, section)).toEqual([]);
      });
      weather.rates = NO_FAULTS;
      // For a second after a process found a budget empty, it treats the budget as empty. So it can use money that refunds
      // freed at the very end only after that second.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      for (const message of lastOrders(campaignId)) queues.put('coupon', message);
      await work(async () => {});
      const { grants, remainingFen } = await readBooks(dynoxide.client, campaignId);
      expect(looks).toBeGreaterThan(20);
      expect(new Set(grants.map(({ id }) => id))).toEqual(published());
      expect(new Set(grants.map(({ slot }) => slot))).toEqual(new Set(['0', '1', '2']));
      expect(new Set(grants.map(({ state }) => state))).toEqual(new Set(['live', 'redeemed']));
      const counts = countsPublished(queues);
      for (const arm of ['engine', 'baseline', 'control'] as const) {
        const ofArm = Array.from({ length: MEMBERS }, (_, i) => armOf(section, `m${i}`)).filter(
          (one) => one === arm,
        ).length;
        expect(counts.get(`assigned/${arm}`) ?? 0).toBe(ofArm);
      }
      const askedOnce = (counts.get('assigned/engine') ?? 0) * (section.offers.length + 1);
      expect(counts.get('model-calls/audience/issue')).toBe(askedOnce);
      expect(counts.get('model-calls/audience/plan')).toBeGreaterThan(askedOnce);
      // Demand exceeded the budgets, so each has less left than its smallest coupon costs.
      for (const { pool } of section.offers) {
        const facesFen = section.offers.filter((other) => other.pool === pool).map(faceValueFen);
        expect(remainingFen.get(`engine/${pool}`)).toBeLessThan(Math.min(...facesFen));
      }
    },
  );

  it('spends two write units on a presale grant, and less than 0.3 on its debit and its round', async () => {
    const section = coupons({
      budgets: [{ pool: 'platform', totalFen: 1_000_000_000, presaleShare: 1 }],
      arms: { engine: 100, baseline: 0, control: 0 },
    });
    weather.rates = NO_FAULTS;
    queues.put('presale', presaleStarted(campaign({ campaignId: 'rich', coupons: section })));
    while (queues.of('presale').length > 0) await queues.deliver({ presale: consumers.presale! });
    queues.messages.clear();
    // One segment, because with 32 segments for 600 members the segments' own items would dominate the
    // measurement.
    queues.put('audience', { pass: 'plan', segment: { campaignId: 'rich', index: 0, segments: 1 } });
    weather.writeUnits.clear();
    await work(async () => {});
    const { grants } = await readBooks(dynoxide.client, 'rich');
    expect(grants).toHaveLength(MEMBERS);
    expect(weather.writeUnits.get('Grants')).toBe(2 * MEMBERS);
    const ofDebits = weather.writeUnits.get('Campaigns')! / MEMBERS;
    console.log(`a presale grant: ${ofDebits.toFixed(3)} write units for its debit and its round`);
    expect(ofDebits).toBeLessThan(0.3);
  });
});

import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPrices, writePrices } from '#domain/campaigns/prices.ts';
import { readProgress } from '#domain/campaigns/progress-items.ts';
import type { GrantReason } from '#domain/coupons/decide.ts';
import { learnedModel } from '#domain/coupons/learned-model.ts';
import { priorModel } from '#domain/coupons/model.ts';
import { lineIdOf } from '#domain/grants/order-line.ts';
import { readUseStatistics } from '#domain/learning/fold-examples.ts';
import { readModel } from '#domain/learning/model-items.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import type { UseModel } from '#domain/learning/use-model.ts';
import {
  encodeUseStatistics,
  issuedIn,
  type UseStatistics,
  useStatisticsOf,
} from '#domain/learning/use-statistics.ts';
import { featuresOfSummary } from '#domain/members/feature-summary.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { type CampaignDefinition, campaignSettings } from '#events/contract.ts';
import { makeHandler as makeCoupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as makeMetrics } from '#lambdas/metrics/handler.ts';
import { makeHandler as makePacer } from '#lambdas/pacer/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type Clients, makeRuntime } from '#platform/runtime.ts';
import { couponIdBy } from '../support/coupon-ids.ts';
import { allGrants, couponMessage, eventId, open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { type FaultRates, NO_FAULTS, Weather } from '../support/faults.ts';
import { type Consumer, consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { taughtBy } from '../support/taught.ts';
import { coupons, definition, END_MS, offer, order, START_MS } from './factories.ts';

const HOUR_MS = 3_600_000;
/** At this time all coupons of the first campaign have expired. */
const LATER_MS = END_MS + 70 * HOUR_MS;
const MEMBERS = 360;
const MEMBERS_PER_MESSAGE = 3;
const MESSAGES_PER_BATCH = 4;
/** Far more batches than a sale's messages fill. */
const BATCHES_MAX = 5_000;
const STORM: FaultRates = { death: 0.03, lostAnswer: 0.03, conflict: 0, throttle: 0 };

const OFFERS = [
  offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500, validHours: 24 }),
  offer({ offerId: 'ten', thresholdFen: 9_000, discountFen: 1_000, validHours: 30 }),
];
const teaching = definition(
  'teaching',
  coupons({ offers: OFFERS, objective: 'redemptions', epsilon: 0.5, perMemberLimit: 2 }),
);

/**
 * The events of one member: an order that usually earns a coupon; for some members a second order that uses it; and for a few of
 * those a refund of the second order.
 */
const eventsOf = (m: number): OrderEvent[] => {
  const member = `m${m}`;
  const timeMs = START_MS + (m % 10) * HOUR_MS + m;
  const made = (name: string, changes: Partial<OrderEvent>): OrderEvent =>
    order({ id: eventId(`${member}-${name}`), orderId: `${member}-${name}`, member, timeMs, ...changes });
  const first = made('first', { amountFen: 6_000 + 100 * m });
  const using = made('using', {
    timeMs: timeMs + HOUR_MS,
    couponId: couponIdBy(first.id, 'teaching', member, 0),
    amountFen: 10_000,
  });
  const back = made('back', {
    orderId: using.orderId,
    timeMs: timeMs + 2 * HOUR_MS,
    kind: 'refunded',
    amountFen: 10_000,
  });
  return [first, ...(m % 3 === 0 ? [using] : []), ...(m % 12 === 0 ? [back] : [])];
};

type Sale = {
  queues: Queues;
  dynamodb: Clients['dynamodb'];
  time: { nowMs: number };
  consumers: Record<string, { consume: Consumer; batch: number }>;
  pace: () => Promise<unknown>;
  presale: Consumer;
  weather: Weather;
};

const saleOf = (seed: number): Sale => {
  const random = seededRandom(seed);
  const weather = new Weather(random);
  const queues = new Queues(random, weather);
  const emulated = emulatedTables();
  const time = { nowMs: END_MS };
  const dynamodb = {
    send: ((command: never) => weather.call(() => emulated.send(command))) as Clients['dynamodb']['send'],
  };
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs },
    clock: { nowMs: () => time.nowMs, wait: async () => {} },
    environment: { QUIET_SLOT_SECONDS: '0' },
    random,
  });
  const pacer = makePacer(outside);
  return {
    queues,
    dynamodb,
    time,
    consumers: {
      coupon: { consume: consumerOf(makeCoupon(outside)), batch: MESSAGES_PER_BATCH },
      metrics: { consume: consumerOf(makeMetrics(outside)), batch: MESSAGES_PER_BATCH },
    },
    pace: () => pacer(eventOf({}), {} as Context),
    presale: consumerOf(makePresale(outside)),
    weather,
  };
};

const runtimeOf = ({ dynamodb, queues, time }: Sale) =>
  makeRuntime(
    testOutside({
      clients: { dynamodb, sqs: queues.sqs },
      clock: { nowMs: () => time.nowMs, wait: async () => {} },
    }),
  );

/** Delivers all orders with faults at these rates. Then, without faults, the pacer adds up the examples of expired coupons. */
const play = async (sale: Sale, rates: FaultRates): Promise<void> => {
  await open(runtimeOf(sale), teaching);
  for (let m = 0; m < MEMBERS; m += MEMBERS_PER_MESSAGE) {
    const members = Array.from({ length: MEMBERS_PER_MESSAGE }, (_, i) => m + i);
    sale.queues.put('coupon', couponMessage(['teaching'], members.flatMap(eventsOf)));
  }
  sale.weather.rates = rates;
  let batches = 0;
  while (await sale.queues.deliver(sale.consumers)) {
    if (batches > BATCHES_MAX) throw new Error('deliveries: expected an end, got none');
    if (batches++ % 7 === 0) await sale.weather.work(sale.pace).catch(() => undefined);
  }
  sale.weather.rates = NO_FAULTS;
  sale.time.nowMs = END_MS + 60 * HOUR_MS;
  await sale.pace();
};

const statisticsOf = (sale: Sale): Promise<UseStatistics> =>
  readUseStatistics(runtimeOf(sale), [campaignSettings(teaching)]);

const hexOf = (statistics: UseStatistics): string =>
  Buffer.from(encodeUseStatistics(statistics)).toString('hex');

/** The statistics of the grants in the table, computed directly from them. */
const taughtByTable = async (sale: Sale): Promise<UseStatistics> => {
  const ofCampaign = { settings: campaignSettings(teaching), coupons: teaching.coupons! };
  const ids = new Map<string, string>();
  for (let m = 0; m < MEMBERS; m++) for (const { id } of eventsOf(m)) ids.set(lineIdOf(id), id);
  const grants = await allGrants(sale.dynamodb, 'teaching');
  return useStatisticsOf(grants.flatMap((grant) => taughtBy(grant, ofCampaign, ids)));
};

describe('what coupons teach', () => {
  const stormy = saleOf(1);
  const calm = saleOf(2);

  beforeAll(async () => {
    await play(stormy, STORM);
    await play(calm, NO_FAULTS);
  });

  it('is bit for bit the same with and without duplicates, deaths and lost answers, and equals what is computed from the grants', async () => {
    expect(stormy.weather.struck.death).toBeGreaterThan(10);
    expect(stormy.weather.struck.lostAnswer).toBeGreaterThan(10);
    for (const sale of [stormy, calm]) {
      const statistics = await statisticsOf(sale);
      expect(hexOf(statistics)).toBe(hexOf(await taughtByTable(sale)));
      expect(issuedIn(statistics)).toBeGreaterThan(MEMBERS / 2);
      expect(statistics.used).toBeGreaterThan(10);
      expect(statistics.conflicts).toBe(0);
    }
    const about = { version: 1, incrementalShare: 0.1 };
    const [one, other] = await Promise.all([stormy, calm].map(statisticsOf));
    expect(JSON.stringify(solveUseModel(one!, about))).toBe(JSON.stringify(solveUseModel(other!, about)));
  });

  describe('in a later campaign that names the learned model:', () => {
    const later: CampaignDefinition = {
      ...definition(
        'later',
        coupons({ offers: OFFERS, objective: 'redemptions', model: 'learned', epsilon: 0 }),
      ),
      startsAt: new Date(LATER_MS).toISOString(),
      endsAt: new Date(LATER_MS + 72 * HOUR_MS).toISOString(),
    };
    let model: UseModel;

    beforeAll(async () => {
      calm.time.nowMs = LATER_MS;
      calm.queues.messages.clear();
      const event = {
        specversion: '1.0',
        id: 'open-later',
        source: 'test',
        type: 'presale.started',
        time: later.startsAt,
        data: later,
      };
      const { batchItemFailures } = await calm.presale(eventOf(event));
      expect(batchItemFailures).toEqual([]);
      model = (await readModel(runtimeOf(calm), 'later'))!;
    });

    it('the first version of the model is made when the campaign opens, from the coupons that have expired by then', async () => {
      const statistics = await statisticsOf(calm);
      const { version, issued, used, incrementalShare } = model;
      expect([version, issued, used]).toEqual([1, issuedIn(statistics), statistics.used]);
      expect(model).toEqual(solveUseModel(statistics, { version, incrementalShare }));
    });

    it('each grant names the version of the model that decided it, and keeps the features that the model saw', async () => {
      const { consume } = calm.consumers.coupon!;
      const events = Array.from({ length: 20 }, (_, m) =>
        order({
          id: eventId(`later-${m}`),
          orderId: `l${m}`,
          member: `m${m}`,
          timeMs: LATER_MS + HOUR_MS + m,
        }),
      );
      await consume(eventOf(couponMessage(['later'], events)));
      const grants = await allGrants(calm.dynamodb, 'later');
      expect(grants.length).toBeGreaterThan(10);
      const reason = JSON.parse(grants[0]!.reason) as GrantReason;
      expect(reason).toMatchObject({ model: 'learned-1', propensity: 1 });
      const features = featuresOfSummary(reason.features!);
      const [learned] = learnedModel(model)(features, OFFERS, 'order').offers;
      const [prior] = priorModel(features, OFFERS, 'order').offers;
      expect(learned!.pUsed).not.toBeCloseTo(prior!.pUsed, 3);
    });

    it('a further version comes once there are enough new examples, and rescales the prices', async () => {
      const runtime = runtimeOf(calm);
      await writePrices(
        runtime,
        'later',
        { 'engine/platform': 1e-5 },
        (await readPrices(runtime, 'later')).version,
      );
      calm.time.nowMs = LATER_MS + 2 * HOUR_MS;
      await calm.pace();
      const { consume } = calm.consumers.coupon!;
      const events = Array.from({ length: 400 }, (_, m) => {
        const [id, member] = [eventIdOf('/test', `more-${m}`), `more-${m}`];
        return order({ id, orderId: `x${m}`, member, timeMs: LATER_MS + 3 * HOUR_MS + m, amountFen: 30_000 });
      });
      await consume(eventOf(couponMessage(['later'], events)));
      while (calm.queues.of('metrics').length > 0) await calm.queues.deliver(calm.consumers);
      await consume(
        eventOf(couponMessage(['later'], [order({ id: eventId('late'), timeMs: LATER_MS + 40 * HOUR_MS })])),
      );
      const { prices: before } = await readPrices(runtime, 'later');
      calm.time.nowMs = LATER_MS + 40 * HOUR_MS;
      await calm.pace();
      const next = (await readModel(runtime, 'later'))!;
      expect(next.version).toBe(2);
      expect(next.issued).toBeGreaterThan(1.25 * model.issued);
      expect(next.incrementalShare).toBe(model.incrementalShare);
      const { prices: after } = await readPrices(runtime, 'later');
      expect(after['engine/platform']).toBeLessThan(before['engine/platform']!);
      // The audience was counted with the previous version of the model.
      const { body } = await readProgress(runtime, { campaign: 'later', item: 'PACE' });
      expect(JSON.parse(Buffer.from(body!).toString())).toHaveProperty('audienceFactor');
      calm.time.nowMs += HOUR_MS;
      await calm.pace();
      expect((await readModel(runtime, 'later'))!.version).toBe(2);
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { readMembers } from '#domain/members/members-table.ts';
import { decodeProfile, featuresOf, HALF_LIVES_DAYS, rememberedOutcome } from '#domain/members/profile.ts';
import { makeHandler } from '#lambdas/coupon/handler.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { formerCouponId } from '../support/coupon-ids.ts';
import {
  allGrants,
  countsByLabel,
  couponMessage,
  debitedFen,
  eventId,
  heldFen,
  openFormerly,
  outbox,
} from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { type Consumer, consumerOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { coupons, definition, offer, order, START_MS } from './factories.ts';

const WORKERS = 10;
const MEMBERS = 60;
const ORDERS_PER_MEMBER = 8;
const EVENTS_PER_MESSAGE = 6;
const MESSAGES_PER_BATCH = 5;
const LIMIT = 3;
const CAMPAIGN = 'storm';

const random = seededRandom(11);
const weather = new Weather(random);
const queues = new Queues(random, weather);

const campaign = definition(
  CAMPAIGN,
  coupons({
    budgets: [
      { pool: 'platform', totalFen: 100_003, presaleShare: 0 },
      { pool: 'brand', totalFen: 20_000, presaleShare: 0 },
    ],
    offers: [
      offer({ offerId: 'ten', discountFen: 1_000 }),
      offer({ offerId: 'thirty', thresholdFen: 9_000, discountFen: 3_000 }),
      offer({ offerId: 'brand', pool: 'brand', discountFen: 700 }),
    ],
    arms: { engine: 70, baseline: 20, control: 10 },
    baselineOffer: 'ten',
    perMemberLimit: LIMIT,
    shards: 6,
  }),
);

const memberOf = (m: number): string => `${CAMPAIGN}-m${m}`;

/**
 * A member's orders; every third uses a coupon that the member may have by then, and every fourth is refunded. The campaign is
 * one that the previous version opened: only there can a coupon's id be computed before the coupon is given.
 */
const eventsOf = (m: number): OrderEvent[] =>
  Array.from({ length: ORDERS_PER_MEMBER }, (_, i) => {
    const name = `${CAMPAIGN}-${m}-${i}`;
    const paid = order({
      id: eventId(name),
      orderId: name,
      member: memberOf(m),
      timeMs: START_MS + 1_000 * i + m,
      amountFen: 10_000 + 100 * m,
      couponId: i % 3 === 2 ? formerCouponId(CAMPAIGN, memberOf(m), i % LIMIT) : '',
    });
    const refund: OrderEvent = {
      ...paid,
      kind: 'refunded',
      id: eventId(`${name}-back`),
      timeMs: paid.timeMs + 500,
      couponId: '',
    };
    return i % 4 === 2 ? [paid, refund] : [paid];
  }).flat();

describe('ten workers under faults', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let consume: Consumer;
  const events = Array.from({ length: MEMBERS }, (_, m) => eventsOf(m)).flat();

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    weather.strike(dynoxide.client);
    const outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs }, random });
    runtime = makeRuntime(outside);
    await openFormerly(runtime, campaign);
    consume = consumerOf(makeHandler(outside));
    const shuffled = events.toSorted(() => random() - 0.5);
    for (let first = 0; first < shuffled.length; first += EVENTS_PER_MESSAGE) {
      queues.put('coupon', couponMessage([CAMPAIGN], shuffled.slice(first, first + EVENTS_PER_MESSAGE)));
    }
  });
  afterAll(() => dynoxide.stop());

  const checkMoney = async (): Promise<void> => {
    const held = heldFen(await allGrants(dynoxide.client, CAMPAIGN));
    expect(await debitedFen(runtime, campaign)).toEqual(held);
  };

  it('keep the money right to the fen at every moment, despite crashes, conflicts and lost answers', async () => {
    weather.rates = { death: 0.006, lostAnswer: 0.02, conflict: 0.3, throttle: 0.02 };
    let isOver = false;
    const watch = async (): Promise<void> => {
      while (!isOver) {
        await weather.still(checkMoney);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const worker = async (): Promise<void> => {
      while (await queues.deliver({ coupon: { consume, batch: MESSAGES_PER_BATCH } }));
    };
    const watching = watch();
    await Promise.all(Array.from({ length: WORKERS }, worker));
    // What the last crashes left is delivered without faults.
    weather.rates = NO_FAULTS;
    await worker();
    isOver = true;
    await watching;
    await checkMoney();
    console.log(`${weather.calls} calls, struck by`, weather.struck);
    for (const count of Object.values(weather.struck)) expect(count).toBeGreaterThan(0);
  });

  it('give no member more coupons than the limit, and put every grant on the outbox', async () => {
    const grants = await allGrants(dynoxide.client, CAMPAIGN);
    for (const ofMember of Map.groupBy(grants, ({ member }) => member).values()) {
      expect(ofMember.length).toBeLessThanOrEqual(LIMIT);
    }
    expect(grants.length).toBeGreaterThan(50);
    expect(new Set(outbox(queues))).toEqual(new Set(grants.map(({ id }) => id)));
  });

  it('leave less than the smallest coupon in an exhausted budget', async () => {
    const debited = await debitedFen(runtime, campaign);
    const left = Object.fromEntries(
      campaignBudgets(campaign.coupons!).map(({ totalFen, key }) => [key, totalFen - (debited[key] ?? 0)]),
    );
    for (const [key, smallestFen] of [
      ['engine/platform', 1_000],
      ['engine/brand', 700],
      ['baseline/platform', 1_000],
    ] as const) {
      expect(left[key]).toBeGreaterThanOrEqual(0);
      expect(left[key]).toBeLessThan(smallestFen);
    }
    expect(countsByLabel(queues)['coupon-withheld/engine/budget-empty']).toBeGreaterThan(0);
  });

  it('count every event once in the profile of its member, and every metric event once in the metrics', async () => {
    const members = await readMembers(
      runtime,
      Array.from({ length: MEMBERS }, (_, m) => memberOf(m)),
    );
    for (const [id, { profile }] of members) {
      const decoded = decodeProfile(profile);
      const own = events.filter(({ member }) => member === id);
      for (const event of own) expect(rememberedOutcome(decoded, event.id)).toBeDefined();
      const longest = HALF_LIVES_DAYS.length - 1;
      const paidFen = own
        .filter(({ kind }) => kind === 'paid')
        .reduce((sum, { amountFen }) => sum + amountFen, 0);
      expect(featuresOf(decoded, decoded.newestMs).spendFen[longest]).toBeCloseTo(paidFen, -1);
      expect(featuresOf(decoded, decoded.newestMs).orders[longest]).toBeCloseTo(ORDERS_PER_MEMBER, 2);
    }
    const counts = countsByLabel(queues);
    const count = (head: string) =>
      Object.entries(counts)
        .filter(([label]) => label.startsWith(`${head}/`))
        .reduce((sum, [, n]) => sum + n, 0);
    const grants = await allGrants(dynoxide.client, CAMPAIGN);
    expect(count('coupon-issued')).toBe(grants.length);
    expect(count('coupon-issued') + count('coupon-withheld')).toBe(MEMBERS * ORDERS_PER_MEMBER);
    expect(count('coupon-redeemed') - count('coupon-returned')).toBe(
      grants.filter(({ state }) => state === 'redeemed').length,
    );
    const returned = new Set(events.filter(({ kind }) => kind === 'refunded').map(({ orderId }) => orderId));
    for (const { state, redemption } of grants) {
      if (state === 'redeemed') expect(returned).not.toContain(redemption?.orderId);
    }
  });
});

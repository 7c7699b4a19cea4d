import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSwitchProgress } from '#domain/campaigns/issuing-switch.ts';
import { advance } from '#domain/campaigns/progress-items.ts';
import { type OrderEvent, toMemberTuple } from '#domain/members/member-event.ts';
import type { CampaignSwitched } from '#events/contract.ts';
import { makeHandler as makeAudience } from '#lambdas/audience/handler.ts';
import { makeHandler as makeCoupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import { eventIdOf } from '#platform/hash.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { countsByLabel, outbox } from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { START_MS } from '../support/presale-members.ts';
import {
  type Books,
  campaign,
  coupons,
  faultsOf,
  fillMembers,
  presaleStarted,
  readBooks,
} from '../support/presale-world.ts';
import { consumerOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const MEMBERS = 400;
const ORDERS = 1_200;
const EVENTS_PER_MESSAGE = 5;
const WORKERS = 10;
/** The campaign is paused once it has this many grants, in the middle of its presale. */
const PAUSED_AFTER = 40;
/** How long the test waits for a state before it fails. */
const WAIT_MS_MAX = 120_000;
/** How many transactions of workers are stopped before the pause and continue after it. */
const STOPPED_MAX = 6;
const STORM = { death: 0.004, lostAnswer: 0.01, conflict: 0.1, throttle: 0.01 };

const random = seededRandom(20_261_126);
const weather = new Weather(random);
const queues = new Queues(random, weather);
const section = coupons({
  budgets: [{ pool: 'platform', totalFen: 600_000, presaleShare: 0.5 }],
  shards: 12,
});

const switched = (type: CampaignSwitched['type'], second: number): CampaignSwitched => ({
  specversion: '1.0',
  type,
  id: `${type}-${second}`,
  source: '/ops',
  time: new Date(START_MS + second * 1_000).toISOString(),
  data: { campaignId: 'sale' },
});

const orderOf = (name: string, number: number, couponId = ''): OrderEvent => ({
  kind: 'paid',
  id: eventIdOf('orders', `${name}-${number}`),
  timeMs: START_MS + 1_000 + number,
  member: `m${number % MEMBERS}`,
  orderId: `${name}-${number}`,
  brand: 'lotus',
  channel: 'far',
  storeId: '',
  amountFen: 20_000,
  couponId,
});

const ordersOf = (name: string): OrderEvent[] => Array.from({ length: ORDERS }, (_, i) => orderOf(name, i));

const send = (orders: readonly OrderEvent[]): void => {
  for (let first = 0; first < orders.length; first += EVENTS_PER_MESSAGE) {
    const some = orders.slice(first, first + EVENTS_PER_MESSAGE);
    queues.put('coupon', { campaigns: ['sale'], events: some.map(toMemberTuple) });
  }
};

const idsOf = ({ grants }: Books): string[] => grants.map(({ id }) => id).sort();
const redeemed = ({ grants }: Books): number => grants.filter(({ state }) => state === 'redeemed').length;

describe('pausing a campaign under load', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let consumers: Parameters<typeof queues.deliver>[0];
  let release = (): void => {};
  let stopped = 0;
  let busy = 0;
  let mayStop = false;
  let isOver = false;
  let working: Promise<void> | undefined;
  let atPause: Books;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    weather.strike(dynoxide.client);
    // A worker that is stopped in the middle of a claim does not notice what happens until it continues.
    const dynamodb = {
      send: (async (command: { constructor: { name: string } }) => {
        if (mayStop && stopped < STOPPED_MAX && command.constructor.name === 'TransactWriteItemsCommand') {
          stopped++;
          await released;
        }
        return dynoxide.client.send(command as never);
      }) as typeof dynoxide.client.send,
    };
    const outside = testOutside({ clients: { dynamodb, sqs: queues.sqs }, random });
    runtime = makeRuntime(testOutside({ clients: { dynamodb: dynoxide.client } }));
    consumers = {
      presale: { consume: consumerOf(makePresale(outside)), batch: 1 },
      coupon: { consume: consumerOf(makeCoupon(outside)), batch: 4 },
      audience: { consume: consumerOf(makeAudience(outside)), batch: 1 },
    };
    await fillMembers(dynoxide.client, MEMBERS, random);
  });
  afterAll(async () => {
    isOver = true;
    release();
    await working;
    await dynoxide.stop();
  });

  const books = (): Promise<Books> => weather.still(() => readBooks(dynoxide.client, 'sale'));

  /** Runs workers until `isOver`, and until each has finished its batch. */
  const work = async (isOver: () => boolean): Promise<void> => {
    const worker = async (): Promise<void> => {
      while (!isOver()) {
        busy++;
        const didWork = await queues.deliver(consumers);
        busy--;
        if (!didWork) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    const givenUpMs = performance.now() + WAIT_MS_MAX;
    while (!(await holds())) {
      if (performance.now() > givenUpMs) throw new Error(`expected within ${WAIT_MS_MAX} ms: ${holds}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const idle = async (): Promise<boolean> =>
    busy === 0 && ['presale', 'coupon', 'audience'].every((url) => queues.of(url).length === 0);

  it('stops all issuing, but no redemption, once it is acknowledged, even in workers that continue later', async () => {
    // With so few members there is one segment, whose coupons one worker would issue. So the presale is
    // stored as divided into 32 segments.
    const divided = { isDone: false, body: Buffer.from('32') };
    const undivided = { version: 0, isDone: false };
    await advance(runtime, { campaign: 'sale', item: 'SEGMENTS' }, undivided, divided);
    weather.rates = STORM;
    queues.put('presale', presaleStarted(campaign({ coupons: section, metrics: { horizonHours: 876_000 } })));
    send(ordersOf('early'));
    working = work(() => isOver);
    await until(async () => (await books()).grants.length >= PAUSED_AFTER);
    mayStop = true;
    await until(async () => stopped === STOPPED_MAX);
    const sentMs = performance.now();
    queues.put('presale', switched('campaign.paused', 60));
    await until(async () => {
      const { state, shards, switched: marked } = await readSwitchProgress(runtime, 'sale');
      return state.isPaused && shards === marked;
    });
    const acknowledgedMs = performance.now() - sentMs;
    atPause = await books();
    release();
    // An older resumption that comes late changes nothing, nor does the pause when it comes a second time.
    queues.put('presale', switched('campaign.resumed', 30));
    queues.put('presale', switched('campaign.paused', 60));
    const owned = atPause.grants.filter(({ state }) => state === 'live').slice(0, 50);
    send(owned.map((grant, i) => ({ ...orderOf('use', i, grant.id), member: grant.member })));
    send(ordersOf('meanwhile'));
    await until(idle);

    const whilePaused = await books();
    expect(faultsOf(whilePaused, section)).toEqual([]);
    expect(idsOf(whilePaused)).toEqual(idsOf(atPause));
    expect(redeemed(whilePaused) - redeemed(atPause)).toBe(owned.length);
    const counts = countsByLabel(queues);
    expect(counts['coupon-withheld/engine/paused']).toBeGreaterThan(100);
    expect(counts['coupon-withheld/baseline/paused']).toBeGreaterThan(100);
    expect(counts['coupon-withheld/engine/budget-empty']).toBeUndefined();
    expect(acknowledgedMs).toBeLessThan(5_000);
    console.table({
      'from sending the pause to its acknowledgement, ms': Math.round(acknowledgedMs),
      'grants at the pause and after it': `${atPause.grants.length}, ${whilePaused.grants.length}`,
      'coupons redeemed meanwhile': owned.length,
      'stopped workers that went on while it was paused': stopped,
      faults: JSON.stringify(weather.struck),
    });
  });

  it('loses and doubles nothing when the campaign is resumed, and the presale continues', async () => {
    queues.put('presale', switched('campaign.resumed', 120));
    await until(async () => !(await readSwitchProgress(runtime, 'sale')).state.isPaused);
    await until(idle);
    // For a second, a process may still believe that the campaign is paused.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    send(ordersOf('late'));
    // An order whose coupon was withheld gets no coupon later, however often it is delivered.
    send(ordersOf('meanwhile'));
    await until(idle);
    isOver = true;
    await working;
    weather.rates = NO_FAULTS;
    await work(() => queues.of('coupon').length + queues.of('audience').length === 0);

    const after = await books();
    expect(faultsOf(after, section)).toEqual([]);
    expect(after.grants.length).toBeGreaterThan(atPause.grants.length + 50);
    expect(new Set(outbox(queues))).toEqual(new Set(idsOf(after)));
    const meanwhile = new Set(ordersOf('meanwhile').map(({ id }) => id));
    expect(after.grants.filter(({ trigger }) => meanwhile.has(trigger))).toEqual([]);
    const orders = new Set(['early', 'use', 'late'].flatMap(ordersOf).map(({ id }) => id));
    const triggers = after.grants.map(({ trigger }) => trigger).filter((trigger) => orders.has(trigger));
    expect(new Set(triggers).size).toBe(triggers.length);
    const presale = (of: Books): number => of.grants.filter(({ trigger }) => !orders.has(trigger)).length;
    expect(presale(after)).toBeGreaterThan(presale(atPause));
    console.log(`${after.grants.length} grants in the end`);
  });
});

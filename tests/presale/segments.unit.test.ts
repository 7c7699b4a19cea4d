import { describe, expect, it } from 'vitest';
import { applyClosing } from '#domain/campaigns/closing.ts';
import { applySwitch } from '#domain/campaigns/issuing-switch.ts';
import { isPresaleIssued } from '#domain/presale/issued.ts';
import { readDraft, readPlan } from '#domain/presale/plan-item.ts';
import type { AudienceMessage, Pass } from '#domain/presale/segment.ts';
import { readSegments } from '#domain/presale/segments.ts';
import { watchPresale } from '#domain/presale/watch-presale.ts';
import { makeHandler } from '#lambdas/audience/handler.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import { open, openFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { START_MS } from '../support/presale-members.ts';
import { campaign, coupons, faultsOf, fillMembers, offer, readBooks } from '../support/presale-world.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside, testRuntime } from '../support/runtime.ts';

const MINUTE_MS = 60_000;
const MEMBERS = 2_500;
const SECTION = coupons();
const SALE = campaign({ coupons: SECTION });
/** With several budgets, a plan is corrected before it is carried out. */
const SEVERAL = coupons({
  budgets: [
    { pool: 'platform', totalFen: 200_000, presaleShare: 0.5 },
    { pool: 'brand', totalFen: 100_000, presaleShare: 0.5 },
  ],
  offers: [
    offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500 }),
    offer({ offerId: 'ten', thresholdFen: 8_000, discountFen: 1_000 }),
    offer({ offerId: 'brand', pool: 'brand', thresholdFen: 10_000, discountFen: 1_500 }),
  ],
});

type Presale = {
  runtime: Runtime;
  /** `queue`: sending throws, although the messages are sent. `transactions`: transactions fail. */
  down: { queue: boolean; transactions: boolean };
  /** How many calls to DynamoDB there have been. */
  calls: () => number;
  /** Carries out all messages, except those that are lost. Returns the lost ones. */
  work: (isLost?: (message: AudienceMessage) => boolean) => Promise<AudienceMessage[]>;
  deliver: (message: AudienceMessage) => Promise<number>;
  waiting: () => AudienceMessage[];
  drop: () => void;
  /** Looks at the presale this many minutes after its start. */
  watch: (minutes: number) => Promise<number>;
  books: () => ReturnType<typeof readBooks>;
};

const presaleOf = async (members: number, openAs: typeof open = open, sale = SALE): Promise<Presale> => {
  const random = seededRandom(7);
  const queues = new Queues(random, new Weather(random));
  const down = { queue: false, transactions: false };
  let calls = 0;
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      calls++;
      if (down.transactions && name === 'TransactWriteItems') throw new Error('the worker died');
    },
  });
  const send = async (command: never): Promise<unknown> => {
    const answer = await queues.sqs.send(command);
    if (down.queue) throw new Error('the answer was lost');
    return answer;
  };
  const surroundings = { clients: { dynamodb, sqs: { send } as unknown as Clients['sqs'] } };
  const runtime = testRuntime(surroundings);
  const consume = consumerOf(makeHandler(testOutside(surroundings)));
  await openAs(runtime, sale);
  await fillMembers(dynamodb as never, members, random);
  const deliver = async (message: AudienceMessage): Promise<number> =>
    (await consume(eventOf(message))).batchItemFailures.length;
  return {
    runtime,
    down,
    calls: () => calls,
    deliver,
    async work(isLost = () => false) {
      const lost: AudienceMessage[] = [];
      for (;;) {
        const [taken] = queues.take('audience', 1);
        if (taken === undefined) return lost;
        const message = JSON.parse(taken.body) as AudienceMessage;
        if (isLost(message)) lost.push(message);
        else if ((await deliver(message)) > 0) queues.put('audience', message);
      }
    },
    waiting: () => queues.of('audience').map(({ body }) => JSON.parse(body) as AudienceMessage),
    drop: () => queues.messages.delete('audience'),
    watch: (minutes) => watchPresale(runtime, 'sale', sale.coupons!, START_MS + minutes * MINUTE_MS),
    books: () => readBooks(dynamodb as never, 'sale'),
  };
};

const START: AudienceMessage = { pass: 'start', campaignId: 'sale' };
const isOf =
  (pass: Pass, index: number) =>
  (message: AudienceMessage): boolean =>
    message.pass === pass && message.segment.index === index;
const passesOf = (messages: readonly AudienceMessage[]): string[] => messages.map(({ pass }) => pass);

describe('the segments of a presale', () => {
  it.each([
    [100, 1],
    [MEMBERS, 3],
  ])('of %i members are few', async (members, most) => {
    const { deliver, waiting } = await presaleOf(members);
    await deliver(START);
    expect(waiting().length).toBeGreaterThanOrEqual(1);
    expect(waiting().length).toBeLessThanOrEqual(most + 1);
  });

  it('are decided once, whatever crashes and however often the start comes', async () => {
    const { runtime, down, deliver, waiting } = await presaleOf(MEMBERS);
    down.queue = true;
    expect(await deliver(START)).toBe(1);
    down.queue = false;
    const segments = await readSegments(runtime, 'sale');
    await fillMembers(runtime.dynamodb as never, 2 * MEMBERS, seededRandom(9));
    expect(await deliver(START)).toBe(0);
    expect(await readSegments(runtime, 'sale')).toBe(segments);
    expect(waiting()).toHaveLength(2 * segments!);
    expect(await deliver(START)).toBe(0);
    expect(waiting()).toHaveLength(2 * segments!);
  });

  it('are as many as before in a campaign that the previous version opened', async () => {
    const { deliver, waiting, work, books } = await presaleOf(100, openFormerly);
    await deliver(START);
    expect(waiting()).toHaveLength(32);
    await work();
    expect(faultsOf(await books(), SECTION)).toEqual([]);
    expect((await books()).grants.length).toBeGreaterThan(0);
  });

  it('correct a draft of several budgets by what it gives in all segments together', async () => {
    const sale = campaign({ coupons: { ...SEVERAL, epsilon: 0.4 } });
    const { runtime, deliver, work } = await presaleOf(MEMBERS, open, sale);
    await deliver(START);
    await work();
    const [draft, plan] = [await readDraft(runtime, 'sale'), await readPlan(runtime, 'sale')];
    expect(plan!.opening).toEqual(draft!.opening);
    expect(plan!.pricings.baseline).toEqual(draft!.pricings.baseline);
    const [before, after] = [draft, plan].map((one) => (one!.pricings.engine as { prices: number[] }).prices);
    // Random choices spend money too, so the prices of the corrected plan must be higher.
    for (const [pool, price] of after!.entries()) expect(price).toBeGreaterThan(before![pool]!);
  });

  it.each(['plan', 'correct'] as const)('fix a plan in few calls when all are done (%s)', async (pass) => {
    const sale = campaign({ coupons: SEVERAL });
    const { calls, deliver, waiting, work } = await presaleOf(100, openFormerly, sale);
    await deliver(START);
    expect(waiting()).toHaveLength(32);
    const [last] = await work(isOf(pass, 0));
    const before = calls();
    expect(await deliver(last!)).toBe(0);
    expect(calls() - before).toBeLessThan(20);
    expect(passesOf(waiting())).toEqual(Array(32).fill(pass === 'plan' ? 'correct' : 'issue'));
  });

  it('begin their second pass once, however often the messages of the first one come', async () => {
    const { runtime, deliver, waiting, work } = await presaleOf(MEMBERS);
    await deliver(START);
    const plans = waiting();
    await work();
    for (const message of plans) await deliver(message);
    expect(waiting()).toEqual([]);
    expect(await isPresaleIssued(runtime, 'sale', SECTION)).toBe(true);
  });
});

describe('a presale whose message is lost', () => {
  it.each([
    ['start', SECTION],
    ['plan', SECTION],
    ['issue', SECTION],
    ['correct', SEVERAL],
  ] as const)('is started again at the pass of the lost message (%s)', async (pass, section) => {
    const sale = campaign({ coupons: section });
    const { runtime, deliver, work, watch, books, waiting } = await presaleOf(MEMBERS, open, sale);
    const isLost = pass === 'start' ? () => true : isOf(pass, 0);
    if (pass !== 'start') await deliver(START);
    const lost = await work(isLost);
    expect(lost).toHaveLength(pass === 'start' ? 0 : 1);
    expect(await isPresaleIssued(runtime, 'sale', section)).toBe(false);
    expect([await watch(0), await watch(7)]).toEqual([0, 0]);
    expect(await watch(8)).toBe(1);
    expect(passesOf(waiting())).toEqual([pass]);
    await work();
    expect(await isPresaleIssued(runtime, 'sale', section)).toBe(true);
    const { grants } = await books();
    // The lost message comes back from the dead letters.
    for (const message of lost) expect(await deliver(message)).toBe(0);
    const after = await books();
    expect(after.grants).toHaveLength(grants.length);
    expect(new Set(after.grants.map(({ member }) => member)).size).toBe(grants.length);
    expect(faultsOf(after, section)).toEqual([]);
    expect([await watch(20), await watch(40)]).toEqual([0, 0]);
  });

  it.each([
    ['plan', SECTION],
    ['plan', SEVERAL],
    ['correct', SEVERAL],
  ] as const)(
    'makes its plan even if the worker that completes the count crashes before it makes the plan (%s)',
    async (pass, section) => {
      const { runtime, down, deliver, waiting, work, watch } = await presaleOf(
        100,
        open,
        campaign({ coupons: section }),
      );
      await deliver(START);
      const [last] = pass === 'plan' ? waiting() : await work(isOf(pass, 0));
      down.transactions = true;
      expect(await deliver(last!)).toBe(1);
      down.transactions = false;
      await work(() => true);
      expect([await watch(0), await watch(8)]).toEqual([0, 1]);
      await work();
      expect(await isPresaleIssued(runtime, 'sale', section)).toBe(true);
    },
  );

  it('is given twice as long after each restart that does not help', async () => {
    const { deliver, drop, watch } = await presaleOf(100);
    await deliver(START);
    drop();
    const lostAt: number[] = [];
    for (let minute = 0; minute <= 60; minute++) {
      if ((await watch(minute)) > 0) lostAt.push(minute);
      drop();
    }
    expect(lostAt).toEqual([8, 24, 56]);
  });

  it('is left alone while messages wait for a worker, while it is paused, and once it is closed', async () => {
    const { runtime, deliver, work, watch, waiting } = await presaleOf(MEMBERS);
    await deliver(START);
    expect(waiting().length).toBeGreaterThan(0);
    expect([await watch(0), await watch(30)]).toEqual([0, 0]);
    await work(isOf('issue', 0));
    const switchTo = (isPaused: boolean, order: string) =>
      applySwitch(runtime, 'sale', { isPaused, sinceMs: START_MS, order });
    await switchTo(true, 'a');
    expect([await watch(31), await watch(50)]).toEqual([0, 0]);
    await switchTo(false, 'b');
    expect([await watch(51), await watch(58)]).toEqual([0, 0]);
    await applyClosing(runtime, SALE, START_MS);
    expect([await watch(70), await watch(99)]).toEqual([0, 0]);
  });
});

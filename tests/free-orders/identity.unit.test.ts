import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { memberPut, newMember } from '#domain/members/members-table.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { makeHandler } from '#lambdas/free-order/handler.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { allGrants } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import {
  askRelay,
  exportAndVerify,
  HOUR_MS,
  messageOf,
  openCampaign,
  orderEvent,
  publishedOf,
  RELAY,
  START_MS,
  secrets,
} from '../support/free-order-world.ts';
import { emptyBucket } from '../support/objects.ts';
import { type Consumer, consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { instantRules, slotRules } from './factory.ts';

const SALE = 'sale';
const ALL_WIN = { odds: { win: 1, in: 1 } } as const;
const eventId = (name: string): string => name.padEnd(16, '.');
const paid = (member: string, orderId: string, changes: Partial<OrderEvent> = {}): OrderEvent =>
  orderEvent(1, { id: eventId(`${member}-${orderId}`), member, orderId, amountFen: 3_000, ...changes });
const refundOf = (order: OrderEvent, name: string, amountFen = order.amountFen): OrderEvent => ({
  ...order,
  kind: 'refunded',
  id: eventId(name),
  timeMs: order.timeMs + 60_000,
  amountFen,
});

let hooks: { before?: Hooks['before']; after?: Hooks['after'] };
let dynamodb: Clients['dynamodb'];
let runtime: Runtime;
let queues: Queues;
let consume: Consumer;

beforeEach(() => {
  const random = seededRandom(3);
  hooks = {};
  queues = new Queues(random, new Weather(random));
  dynamodb = emulatedTables({
    before: (operation) => hooks.before?.(operation) ?? Promise.resolve(),
    after: (operation, answer) => hooks.after?.(operation, answer) ?? Promise.resolve(),
  });
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs, secrets },
    random,
    fetch: askRelay,
    clock: { nowMs: () => Date.now(), wait: async () => {} },
  });
  runtime = makeRuntime(outside);
  consume = consumerOf(makeHandler(outside));
});

const send = async (...events: OrderEvent[]): Promise<void> => {
  expect(await consume(eventOf(messageOf([SALE], events)))).toEqual({ batchItemFailures: [] });
};

const advance = (): Promise<void> =>
  advanceDraw(runtime, SALE, {
    nowMs: START_MS + 100 * HOUR_MS,
    deadlineMs: Number.POSITIVE_INFINITY,
    relays: [RELAY],
    objects: emptyBucket(),
  });

const statesOf = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await allGrants(dynamodb, SALE)).map(({ member, state }) => [member, state]));

type Sent = { id: string; type: string; data: { amountFen: number } };
const outbox = (): Sent[] => queues.of('grants').flatMap(({ body }) => JSON.parse(body) as Sent[]);

const setTier = async (member: string, tier: string): Promise<void> => {
  const { TableName, Item } = memberPut(runtime, { ...newMember(member), tier, tierMs: 1 });
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
};

const modes: [string, FreeOrders][] = [
  ['instant', instantRules(ALL_WIN)],
  ['slot', slotRules({ slotSeconds: 3_600, prizes: 100 })],
];

describe.each(modes)('an entry of a draw in %s mode', (mode, rules) => {
  beforeEach(() => openCampaign(runtime, SALE, rules));

  it('is a member and an order: two members with the same order number both win, under different ids', async () => {
    await send(paid('a', '1001'));
    await send(paid('b', '1001'));
    if (mode === 'slot') await advance();
    const grants = await allGrants(dynamodb, SALE);
    expect(grants.map(({ member }) => member).sort()).toEqual(['a', 'b']);
    expect(new Set(outbox().map(({ id }) => id)).size).toBe(2);
    await advance();
    const { verdict } = await exportAndVerify(runtime, SALE);
    expect(verdict).toMatchObject({ findings: [], counts: { entries: 2, outcomes: { won: 2 } } });
    expect(publishedOf(queues, SALE)).toMatchObject({ counts: { 'free-order/won': 2 }, conflicts: 0 });
  });

  it('is not touched by the refund of a stranger with the same order number', async () => {
    await send(paid('a', '1001'), paid('b', '1001'));
    if (mode === 'slot') await advance();
    await send(refundOf(paid('b', '1001'), 'back'), refundOf(paid('c', '1001'), 'strange'));
    expect(await statesOf()).toEqual({ a: 'live', b: 'revoked' });
    await advance();
    expect((await exportAndVerify(runtime, SALE)).verdict.findings).toEqual([]);
  });

  it('is paid min(cap, paid − refunded), each refund counted once, and is revoked at 0', async () => {
    const order = paid('a', '1', { amountFen: 10_000 });
    const first = refundOf(order, 'first', 1);
    await send(order);
    if (mode === 'slot') await advance();
    await send(first);
    await send(first);
    // The award is capped at 50.00, so a refund of 0.01 of 100.00 changes nothing.
    expect(await statesOf()).toEqual({ a: 'live' });
    expect(outbox().map(({ type }) => type)).not.toContain('free-order.reduced');
    await send(refundOf(order, 'second', 7_999));
    await send(refundOf(order, 'second', 7_999));
    const reduced = outbox().filter(({ type }) => type === 'free-order.reduced');
    expect(new Set(reduced.map(({ id }) => id)).size).toBe(1);
    expect(reduced[0]!.data.amountFen).toBe(2_000);
    expect(await statesOf()).toEqual({ a: 'live' });
    await advance();
    expect((await exportAndVerify(runtime, SALE)).verdict).toMatchObject({
      findings: [],
      counts: { awardedFen: 5_000, paidOutFen: 2_000, revoked: 0 },
    });
    await send(refundOf(order, 'third', 2_000));
    expect(await statesOf()).toEqual({ a: 'revoked' });
    expect(outbox().some(({ type }) => type === 'free-order.revoked')).toBe(true);
  });

  it('that is refunded before it is drawn is paid the rest, or takes no part if nothing is left', async () => {
    const [part, whole] = [paid('a', '1'), paid('b', '2')];
    const early = { timeMs: START_MS - 60 };
    // The time of a refund does not matter: the refund is found by its order.
    await send({ ...refundOf(part, 'part', 1_000), ...early }, { ...refundOf(whole, 'whole'), ...early });
    await send(part, whole);
    await advance();
    const grants = await allGrants(dynamodb, SALE);
    expect(grants.map(({ member, faceFen }) => [member, faceFen])).toEqual([['a', 2_000]]);
    const { verdict } = await exportAndVerify(runtime, SALE);
    expect(verdict).toMatchObject({ findings: [], counts: { outcomes: { won: 1, refunded: 1 } } });
  });

  /** Draws one order, and runs `race` once, before or after the first call that `isIt` accepts. */
  const drawWith = async (
    when: 'before' | 'after',
    isIt: (name: string, input: string) => boolean,
    race: () => Promise<void>,
  ): Promise<void> => {
    let isFirst = true;
    hooks[when] = async ({ name, input }) => {
      if (!isFirst || !isIt(name, JSON.stringify(input))) return;
      isFirst = false;
      await race();
    };
    await send(paid('a', '1'));
    if (mode === 'slot') await advance();
    expect(isFirst).toBe(false);
  };
  const isWin = (name: string, input: string) =>
    name === 'TransactWriteItems' && input.includes('free-order#');

  it.each(['before', 'after'] as const)('that is refunded right %s it wins is revoked', async (when) => {
    await drawWith(when, isWin, () => send(refundOf(paid('a', '1'), 'race')));
    expect(await statesOf()).toEqual({ a: 'revoked' });
  });

  it('that wins before its refund is noted is revoked by the refund', async () => {
    let isFirst = true;
    const draw = async (): Promise<void> => {
      await send(paid('a', '1'));
      if (mode === 'slot') await advance();
    };
    hooks.before = async ({ name, input }) => {
      const text = JSON.stringify(input);
      const isNote = name === 'BatchWriteItem' ? text.includes('#refunds') : text.includes('if_not_exists');
      if (!isFirst || !isNote) return;
      isFirst = false;
      await draw();
    };
    await send(refundOf(paid('a', '1'), 'race'));
    expect(isFirst).toBe(false);
    expect(await statesOf()).toEqual({ a: 'revoked' });
  });

  it('wins, even if one message brings 60 entries of one member and one of another', async () => {
    const orders = Array.from({ length: 60 }, (_, i) => paid('a', `o${i}`));
    await send(...orders, paid('b', 'honest'));
    await advance();
    expect(await allGrants(dynamodb, SALE)).toHaveLength(61);
  });
});

describe('the verdict of a draw', () => {
  it('is kept if the member changes later, and a redelivery gives the same result', async () => {
    await openCampaign(runtime, SALE, instantRules({ ...ALL_WIN, tiers: ['gold'] }));
    const orders = Array.from({ length: 20 }, (_, i) => paid(`m${i}`, `o${i}`));
    await send(...orders);
    for (const { member } of orders) await setTier(member, 'gold');
    await send(...orders);
    expect(await allGrants(dynamodb, SALE)).toEqual([]);
    await send(paid('m0', 'later'));
    expect(await allGrants(dynamodb, SALE)).toHaveLength(1);
    expect(publishedOf(queues, SALE)).toMatchObject({
      counts: { 'free-refused/wrong-tier': 20, 'free-order/won': 1 },
      conflicts: 0,
    });
    await advance();
    expect((await exportAndVerify(runtime, SALE)).verdict).toMatchObject({
      findings: [],
      counts: { outcomes: { 'wrong-tier': 20, won: 1 } },
    });
  });

  it('is kept in a slot too: an order is drawn as it was judged first', async () => {
    await openCampaign(runtime, SALE, slotRules({ slotSeconds: 3_600, prizes: 100, tiers: ['gold'] }));
    await setTier('was', 'gold');
    const orders = [paid('was', '1'), paid('is', '2')];
    await send(...orders);
    await setTier('was', 'plain');
    await setTier('is', 'gold');
    await new Promise((resolve) => setTimeout(resolve, 2));
    await send(...orders);
    await advance();
    expect(Object.keys(await statesOf())).toEqual(['was']);
  });

  it('counts a revoked win towards the limits of its member', async () => {
    await openCampaign(runtime, SALE, instantRules({ ...ALL_WIN, perMember: 1 }));
    await send(paid('a', '1'));
    await send(refundOf(paid('a', '1'), 'back'));
    await send(paid('a', '2'));
    expect(await statesOf()).toEqual({ a: 'revoked' });
    expect(publishedOf(queues, SALE).counts['free-order/member-campaign-limit']).toBe(1);
  });

  it('keeps its reason: an exhausted budget does not become an exhausted quota in a redelivery', async () => {
    await openCampaign(
      runtime,
      SALE,
      instantRules({ ...ALL_WIN, quota: 2, budgetFen: 5_000, capFen: 5_000 }),
    );
    const large = paid('b', '2', { amountFen: 4_000 });
    await send(paid('a', '1', { amountFen: 3_000 }));
    await send(large);
    await send(paid('c', '3', { amountFen: 1_000 }));
    await send(large);
    expect(publishedOf(queues, SALE)).toMatchObject({
      counts: { 'free-order/won': 2, 'free-order/budget-exhausted': 1 },
      conflicts: 0,
    });
    await advance();
    expect((await exportAndVerify(runtime, SALE)).verdict.findings).toEqual([]);
  });

  it.each(modes)('accepts only one first order of a member in %s mode', async (_, rules) => {
    await openCampaign(runtime, SALE, { ...rules, firstOrderOnly: true });
    // The queue that feeds the profiles is behind, so every order looks like the first.
    await setTier('a', '');
    const orders = Array.from({ length: 5 }, (_, i) => paid('a', `o${i}`));
    await Promise.all(orders.map((order) => send(order)));
    await send(...orders);
    await advance();
    expect(await allGrants(dynamodb, SALE)).toHaveLength(1);
    expect((await exportAndVerify(runtime, SALE)).verdict).toMatchObject({
      findings: [],
      counts: { outcomes: { won: 1, 'not-first-order': 4 } },
    });
  });
});

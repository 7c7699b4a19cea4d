import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applySwitch } from '#domain/campaigns/issuing-switch.ts';
import { readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { readSlot } from '#domain/free-orders/entries/draws-table.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { allGrants } from '../support/coupon-world.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import {
  type FreeOrderFunctions,
  LONG_AFTER_MS,
  STORM,
  startFreeOrderFunctions,
} from '../support/free-order-functions.ts';
import {
  exportAndVerify,
  leftOf,
  openCampaign,
  orderEvent,
  outboxOf,
  publishedOf,
  START_MS,
} from '../support/free-order-world.ts';
import { emptyBucket } from '../support/objects.ts';
import { consumerOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { instantRules, slotRules } from './factory.ts';

const random = seededRandom(23);
const weather = new Weather(random);
const queues = new Queues(random, weather);
const ORDERS = 120;

const ordersFrom = (first: number): OrderEvent[] =>
  Array.from({ length: ORDERS }, (_, i) => orderEvent(first + i));

describe('free orders of a paused campaign', () => {
  let functions: FreeOrderFunctions;

  beforeAll(async () => {
    functions = await startFreeOrderFunctions(random, weather, queues);
  });
  afterAll(() => functions.dynoxide.stop());
  afterEach(() => functions.clear());

  const switchTo = (campaignId: string, isPaused: boolean, order: string) =>
    applySwitch(functions.runtime, campaignId, { isPaused, sinceMs: START_MS, order });
  const grantsOf = async (campaignId: string) =>
    (await allGrants(functions.dynoxide.client, campaignId)).length;

  it('win nothing during the pause and lose nothing: orders with winning tickets are tried again until it ends', async () => {
    const { dynoxide, runtime, send, tick, work } = functions;
    const rules = instantRules({ odds: { win: 1, in: 2 }, perMember: 2 });
    await openCampaign(runtime, 'instant', rules);
    weather.rates = STORM;
    send('instant', ordersFrom(0));
    await work(60);
    const before = await grantsOf('instant');
    expect(before).toBeGreaterThan(10);

    await switchTo('instant', true, '1');
    send('instant', ordersFrom(1_000));
    // Deferred orders are tried again and again: in AWS once a minute.
    await work(200);
    weather.rates = NO_FAULTS;
    await work(60);
    expect(await grantsOf('instant')).toBe(before);
    const { counts } = publishedOf(queues, 'instant');
    expect(counts['free-order/budget-exhausted']).toBeUndefined();
    expect(counts['free-order/quota-exhausted']).toBeUndefined();
    const deferred = queues
      .of('free-order')
      .flatMap(({ body }) => (JSON.parse(body) as { events: unknown[] }).events);
    expect(deferred.length).toBeGreaterThan(10);
    // The end of the sale does not close the draw while winning tickets are undecided.
    tick(LONG_AFTER_MS);
    await work(20);
    expect(await readRevealedSeed(runtime, 'instant')).toBeUndefined();

    await switchTo('instant', false, '2');
    await work();
    tick(LONG_AFTER_MS);
    await work();
    const { verdict } = await exportAndVerify(runtime, 'instant');
    expect(verdict.findings).toEqual([]);
    const after = await allGrants(dynoxide.client, 'instant');
    expect(after.length).toBeGreaterThan(before + 10);
    expect(new Set(after.map(({ trigger }) => trigger)).size).toBe(after.length);
    expect(outboxOf(queues)).toEqual(new Set(after.map(({ id }) => id)));
    expect((await leftOf(runtime, 'instant')).quota).toBe(rules.quota - after.length);
  });

  it('are not drawn until the pause ends, and then their whole slot is drawn, even if the pause came while its wins were being granted', async () => {
    const { dynoxide, outside, runtime, send, tick, work } = functions;
    const rules = slotRules({ slotSeconds: 1_800, prizes: 30 });
    await openCampaign(runtime, 'slots', rules);
    send('slots', ordersFrom(0));
    await work();
    // The pause comes after the wins of the first slot are chosen, and before the transaction that grants them.
    let isHeld = true;
    const held = {
      ...outside,
      clients: {
        ...outside.clients,
        dynamodb: {
          send: (async (command: { constructor: { name: string } }) => {
            if (isHeld && command.constructor.name === 'TransactWriteItemsCommand') {
              isHeld = false;
              await switchTo('slots', true, '1');
            }
            return dynoxide.client.send(command as never);
          }) as typeof dynoxide.client.send,
        },
      },
    };
    await consumerOf(makeDraw(held, emptyBucket))({
      Records: [
        {
          messageId: 'tick',
          body: JSON.stringify({ time: new Date(LONG_AFTER_MS).toISOString() }),
          attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
        } as never,
      ],
    });
    expect(isHeld).toBe(false);
    expect(await grantsOf('slots')).toBe(0);
    expect((await readSlot(runtime, 'slots', 0)).kind).toBe('closed');
    tick(LONG_AFTER_MS);
    await work();
    expect((await readSlot(runtime, 'slots', 0)).kind).toBe('closed');

    await switchTo('slots', false, '2');
    tick(LONG_AFTER_MS);
    await work();
    const { verdict } = await exportAndVerify(runtime, 'slots');
    expect(verdict.findings).toEqual([]);
    expect(await grantsOf('slots')).toBe(2 * rules.prizes);
  });
});

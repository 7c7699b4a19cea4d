import { describe, expect, it } from 'vitest';
import { currentObject, publicObject } from '#domain/free-orders/audit/public-facts.ts';
import { parsePublished } from '#domain/free-orders/audit/published.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { makeHandler as makeFreeOrder } from '#lambdas/free-order/handler.ts';
import { makeHandler as makePublisher } from '#lambdas/publisher/handler.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import {
  askRelay,
  HOUR_MS,
  messageOf,
  openCampaign,
  orderEvent,
  RELAY,
  START_MS,
  secrets,
  verifyStored,
} from '../support/free-order-world.ts';
import { emptyBucket, MemoryObjects } from '../support/objects.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { instantRules, slotRules } from './factory.ts';

const ORDERS = 60;
const DRAWS: [string, FreeOrders][] = [
  ['instant', instantRules({ odds: { win: 1, in: 3 } })],
  ['slots', slotRules({ slotSeconds: 900 })],
];

/** A draw with its orders, and a publisher that has time for one step of an export each time it is called. */
const worldOf = async (campaignId: string, rules: FreeOrders, seed: number) => {
  const random = seededRandom(seed);
  const weather = new Weather(random);
  const queues = new Queues(random, weather);
  const tables = emulatedTables();
  const dynamodb = {
    send: (command: never) => weather.call(() => tables.send(command)),
  } as unknown as typeof tables;
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs, secrets },
    environment: { BEACON_RELAYS: RELAY },
    fetch: askRelay,
  });
  let hours = 0;
  const clock = { nowMs: () => Date.now() + HOUR_MS * hours++, wait: async () => {} };
  const objects = new MemoryObjects((happen) => weather.call(happen));
  const publisher = () => consumerOf(makePublisher({ ...outside, clock }, () => objects));
  const draw = consumerOf(makeDraw(outside, emptyBucket));
  await openCampaign(makeRuntime(outside), campaignId, rules);
  const orders = Array.from({ length: ORDERS }, (_, i) => orderEvent(i));
  await consumerOf(makeFreeOrder(outside))(eventOf(messageOf([campaignId], orders)));
  return {
    weather,
    queues,
    objects,
    tick: (afterMs: number) => draw(eventOf({ time: new Date(START_MS + afterMs).toISOString() })),
    /** Delivers messages in any order, some more than once, until none is left, each time to a worker that has just started. */
    publish: async () => {
      while (await queues.deliver({ publisher: { consume: publisher(), batch: 1 } }));
    },
  };
};

describe.each(DRAWS)('the publisher (%s)', (campaignId, rules) => {
  it('stores the facts while a draw runs, each statement as its slot is closed, and the root at the end, in one object', async () => {
    const { objects, tick, publish } = await worldOf(campaignId, rules, 1);
    const seen = async (afterMs: number) => {
      await tick(afterMs);
      await publish();
      const parsed = parsePublished(objects.text(currentObject(campaignId)));
      if (!parsed.ok) throw new Error(parsed.message);
      const { facts, slots, root } = parsed.published;
      return { campaignId: facts?.campaignId, slots: slots?.size ?? 0, hasRoot: root !== undefined };
    };
    const isSlots = rules.mode === 'slot';
    expect(await seen(0)).toEqual({ campaignId, slots: 0, hasRoot: false });
    expect(await seen(1_000_000)).toEqual({ campaignId, slots: isSlots ? 1 : 0, hasRoot: false });
    expect(await seen(100 * HOUR_MS)).toEqual({ campaignId, slots: isSlots ? 4 : 0, hasRoot: true });
  });

  it('exports a draw unasked once it is over, however often workers crash and answers are lost, and an instant draw always in the same bytes', async () => {
    const place = { campaignId, revision: 'first' };
    const texts = new Set<string>();
    for (const seed of [1, 2, 3, 4]) {
      const { weather, queues, objects, tick, publish } = await worldOf(campaignId, rules, seed);
      await tick(100 * HOUR_MS);
      await tick(100 * HOUR_MS);
      expect(queues.of('publisher').length).toBeGreaterThan(0);
      weather.rates = { ...NO_FAULTS, death: 0.03, lostAnswer: 0.03 };
      await publish();
      weather.rates = NO_FAULTS;
      expect(weather.struck.death + weather.struck.lostAnswer).toBeGreaterThan(0);
      const { verdict } = verifyStored(objects, place);
      expect(verdict.findings).toEqual([]);
      expect(verdict.counts.entries).toBe(ORDERS);
      expect(objects.text(currentObject(campaignId))).toBe(objects.text(publicObject(place)));
      // Only an instant draw is compared: in slot mode a statement holds the time at which its slot was closed.
      texts.add(rules.mode === 'instant' ? objects.text(exportObject(place)) : '');
    }
    expect(texts.size).toBe(1);
  });

  it('does nothing for a campaign without a draw', async () => {
    const { queues, objects, publish } = await worldOf(campaignId, rules, 1);
    queues.put('publisher', { campaignId: 'none', revision: 'first' });
    await publish();
    expect([...objects.stored.keys()]).toEqual([]);
  });

  it('begins an export anew if another version began it in another format', async () => {
    const { queues, objects, tick, publish } = await worldOf(campaignId, rules, 1);
    await tick(100 * HOUR_MS);
    queues.messages.clear();
    const state = { stage: 'write', from: 'in a way that this version does not know' };
    queues.put('publisher', { campaignId, revision: 'first', continues: { format: 0, state } });
    await publish();
    expect(verifyStored(objects, { campaignId, revision: 'first' }).verdict.findings).toEqual([]);
  });
});

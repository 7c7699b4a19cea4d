import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { recordedBeacon } from '#local/aws/recorded-beacon.ts';
import { type Dynoxide, hasDynoxide } from '../support/dynoxide.ts';
import { Weather } from '../support/faults.ts';
import {
  exportAndVerify,
  grantsOf,
  HOUR_MS,
  keysOf,
  messageOf,
  openCampaign,
  orderEvent,
  START_MS,
  startWorld,
  toldOf,
} from '../support/free-order-world.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { instantRules, slotRules } from './factory.ts';

const random = seededRandom(3);
const queues = new Queues(random, new Weather(random));
vi.mock('#platform/queue.ts', () => ({
  sendAll: (...parameters: Parameters<typeof queues.sendAll>) => queues.sendAll(...parameters),
}));
vi.mock('#domain/free-orders/draw/master-key.ts', () => ({ drawKeys: keysOf }));
vi.mock('#domain/free-orders/draw/drand.ts', () => ({ drandBeacon: () => recordedBeacon, DRAND_RELAYS: [] }));

const ORDERS = 12;
const EVERYBODY_WINS = {
  instant: instantRules({ odds: { win: 1, in: 1 } }),
  slot: slotRules({ slotSeconds: 3_600, prizes: 100 }),
};

/** An order that its shop tells brand by brand: events of their own under one order id, at one time. */
const partsOf = (number: number): OrderEvent[] => [
  orderEvent(number, { id: `lotus-${number}`.padEnd(16, '.'), amountFen: 2_000 + number }),
  orderEvent(number, { id: `peony-${number}`.padEnd(16, '.'), brand: 'peony', amountFen: 1_500 + number }),
];
const parts = Array.from({ length: ORDERS }, (_, number) => partsOf(number)).flat();

describe.skipIf(!hasDynoxide)('an order told brand by brand', () => {
  let dynoxide: Dynoxide;
  beforeAll(async () => {
    dynoxide = await startWorld();
  });
  afterAll(() => dynoxide.stop());

  /** Draws the parts, each delivered in a batch of its own, and gives what each order won, in fen. */
  const drawParts = async (campaignId: string, rules: FreeOrders, arrivals: readonly OrderEvent[]) => {
    const { handler } = await import('#lambdas/free-order/handler.ts');
    const { advanceDraw } = await import('#domain/free-orders/draw/advance.ts');
    await openCampaign(campaignId, rules);
    for (const part of arrivals) {
      const body = JSON.stringify(messageOf([campaignId], [part]));
      const record = { messageId: 'm', body, messageAttributes: {}, attributes: {} };
      expect(await handler({ Records: [record] } as unknown as SQSEvent, {} as Context)).toEqual({
        batchItemFailures: [],
      });
    }
    await advanceDraw(campaignId, {
      nowMs: START_MS + 100 * HOUR_MS,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [],
      random,
    });
    const { verdict } = await exportAndVerify(campaignId);
    expect(verdict.findings).toEqual([]);
    expect(verdict.counts).toMatchObject({ entries: ORDERS, outcomes: { won: ORDERS } });
    const { counts, conflicts } = toldOf(queues, campaignId);
    expect({ counts, conflicts }).toEqual({ counts: { 'free-order/won': ORDERS }, conflicts: 0 });
    const grants = await grantsOf(dynoxide.client, campaignId);
    expect(grants).toHaveLength(ORDERS);
    return grants.map(({ faceFen }) => faceFen).sort();
  };

  test('is one entry of an instant draw and wins once, by the part that was judged first', async () => {
    const first = await drawParts('split-instant', EVERYBODY_WINS.instant, parts);
    expect(first).toEqual(Array.from({ length: ORDERS }, (_, i) => 2_000 + i));
    const other = await drawParts('split-instant-turned', EVERYBODY_WINS.instant, parts.toReversed());
    expect(other).toEqual(Array.from({ length: ORDERS }, (_, i) => 1_500 + i));
  });

  test('is one entry of a slot and wins once, by the same part whichever came first', async () => {
    const first = await drawParts('split-slot', EVERYBODY_WINS.slot, parts);
    const other = await drawParts('split-slot-turned', EVERYBODY_WINS.slot, parts.toReversed());
    expect(first).toEqual(Array.from({ length: ORDERS }, (_, i) => 1_500 + i));
    expect(other).toEqual(first);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { makeHandler } from '#lambdas/free-order/handler.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { allGrants } from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
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

const random = seededRandom(3);
const queues = new Queues(random, new Weather(random));

const ORDERS = 12;
const EVERYBODY_WINS = {
  instant: instantRules({ odds: { win: 1, in: 1 } }),
  slot: slotRules({ slotSeconds: 3_600, prizes: 100 }),
};

/** An order that its shop sends brand by brand: separate events under one order id, at one time. */
const partsOf = (number: number): OrderEvent[] => [
  orderEvent(number, { id: `lotus-${number}`.padEnd(16, '.'), amountFen: 2_000 + number }),
  orderEvent(number, { id: `peony-${number}`.padEnd(16, '.'), brand: 'peony', amountFen: 1_500 + number }),
];
const parts = Array.from({ length: ORDERS }, (_, number) => partsOf(number)).flat();

describe('an order sent brand by brand', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let consume: Consumer;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    const outside = testOutside({
      clients: { dynamodb: dynoxide.client, sqs: queues.sqs, secrets },
      random,
      fetch: askRelay,
    });
    runtime = makeRuntime(outside);
    consume = consumerOf(makeHandler(outside));
  });
  afterAll(() => dynoxide.stop());

  /** Draws the parts, each delivered in a separate batch, and returns what each order won, in fen. */
  const drawParts = async (campaignId: string, rules: FreeOrders, arrivals: readonly OrderEvent[]) => {
    await openCampaign(runtime, campaignId, rules);
    for (const part of arrivals) {
      expect(await consume(eventOf(messageOf([campaignId], [part])))).toEqual({ batchItemFailures: [] });
    }
    await advanceDraw(runtime, campaignId, {
      nowMs: START_MS + 100 * HOUR_MS,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [RELAY],
      objects: emptyBucket(),
    });
    const { verdict } = await exportAndVerify(runtime, campaignId);
    expect(verdict.findings).toEqual([]);
    expect(verdict.counts).toMatchObject({ entries: ORDERS, outcomes: { won: ORDERS } });
    const { counts, conflicts } = publishedOf(queues, campaignId);
    expect({ counts, conflicts }).toEqual({ counts: { 'free-order/won': ORDERS }, conflicts: 0 });
    const grants = await allGrants(dynoxide.client, campaignId);
    expect(grants).toHaveLength(ORDERS);
    return grants.map(({ faceFen }) => faceFen).sort();
  };

  it('is one entry of an instant draw and wins once, by the part that was judged first', async () => {
    const first = await drawParts('split-instant', EVERYBODY_WINS.instant, parts);
    expect(first).toEqual(Array.from({ length: ORDERS }, (_, i) => 2_000 + i));
    const other = await drawParts('split-instant-turned', EVERYBODY_WINS.instant, parts.toReversed());
    expect(other).toEqual(Array.from({ length: ORDERS }, (_, i) => 1_500 + i));
  });

  it('is one entry of a slot and wins once, by the same part whichever came first', async () => {
    const first = await drawParts('split-slot', EVERYBODY_WINS.slot, parts);
    const other = await drawParts('split-slot-turned', EVERYBODY_WINS.slot, parts.toReversed());
    expect(first).toEqual(Array.from({ length: ORDERS }, (_, i) => 1_500 + i));
    expect(other).toEqual(first);
  });
});

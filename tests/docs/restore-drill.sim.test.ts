import { describe, expect, it } from 'vitest';
import { toMemberTuple } from '#domain/members/member-event.ts';
import { toTuple } from '#domain/metrics/metric-event.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { campaignSettings } from '#events/contract.ts';
import { makeHandler as makeCoupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as makeMetrics } from '#lambdas/metrics/handler.ts';
import { makeHandler as makeRollup } from '#lambdas/rollup/handler.ts';
import { eventIdOf } from '#platform/hash.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { coupons, definition, order, START_MS } from '../coupons/factories.ts';
import { paid } from '../metrics/factories.ts';
import { allGrants, debitedFen, heldFen, open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { type Consumer, consumerOf, eventOf, type Message, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const MEMBERS = 60;
const MEMBERS_PER_MESSAGE = 6;
/** A message becomes a dead letter after this many failed deliveries. */
const RECEIVES_MAX = 5;
const SALE = definition(
  'sale',
  coupons({
    arms: { engine: 70, baseline: 30, control: 0 },
    baselineOffer: 'ten',
    budgets: [{ pool: 'platform', totalFen: 10_000_000, presaleShare: 0 }],
  }),
);
const SETTINGS = campaignSettings(SALE);

class ResourceNotFoundException extends Error {
  override name = 'ResourceNotFoundException';
}

/** A sale with the coupon, metrics and rollup functions. `lose` makes a table unavailable; `lose(undefined)` restores it. */
const saleWorld = async () => {
  let lost: string | undefined;
  const dynamodb = emulatedTables({
    before: async ({ input }) => {
      if (lost !== undefined && JSON.stringify(input).includes(`"${lost}"`))
        throw new ResourceNotFoundException(`table ${lost}: not found`);
    },
  });
  const random = seededRandom(11);
  const queues = new Queues(random, new Weather(random));
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs },
    environment: { QUIET_SLOT_SECONDS: '10' },
    clock: { nowMs: () => Date.now(), wait: async () => {} },
  });
  const runtime = makeRuntime(outside);
  await open(runtime, SALE);
  const consumers: Record<string, Consumer> = {
    coupon: consumerOf(makeCoupon(outside)),
    metrics: consumerOf(makeMetrics(outside)),
    rollup: consumerOf(makeRollup(outside)),
  };
  const dead: { url: string; message: Message }[] = [];
  const deliver = async (url: string, message: Message): Promise<boolean> => {
    try {
      const event = eventOf(JSON.parse(message.body));
      return (await consumers[url]!(event)).batchItemFailures.length === 0;
    } catch {
      return false;
    }
  };
  return {
    dynamodb,
    runtime,
    dead,
    queues,
    lose: (table: string | undefined): void => {
      lost = table;
    },
    /** Works until no message waits; messages that fail again and again become dead letters. */
    async work(): Promise<void> {
      for (;;) {
        const url = Object.keys(consumers).find((one) => queues.of(one).length > 0);
        if (url === undefined) return;
        const [message] = queues.take(url, 1) as [Message];
        if (await deliver(url, message)) continue;
        message.deliveries++;
        if (message.deliveries < RECEIVES_MAX) queues.of(url).push(message);
        else dead.push({ url, message: { ...message, deliveries: 0 } });
      }
    },
    redrive(): void {
      for (const { url, message } of dead.splice(0)) queues.of(url).push(message);
    },
  };
};

/** A third of the sale: an order of each member, which uses the coupon that `couponOf` has for the member, if any. */
const sendThird = (queues: Queues, third: number, couponOf: ReadonlyMap<string, string>): void => {
  const orders = Array.from({ length: MEMBERS }, (_, i) =>
    order({
      id: eventIdOf('/test', `${third}-${i}`),
      orderId: `o-${third}-${i}`,
      member: `m${i}`,
      timeMs: START_MS + third * 60_000 + i,
      couponId: couponOf.get(`m${i}`) ?? '',
    }),
  );
  for (let first = 0; first < MEMBERS; first += MEMBERS_PER_MESSAGE) {
    const some = orders.slice(first, first + MEMBERS_PER_MESSAGE);
    queues.put('coupon', { campaigns: ['sale'], events: some.map(toMemberTuple) });
    const metrics = some.map(({ orderId, timeMs, amountFen }) => paid({ order: orderId, timeMs, amountFen }));
    queues.put('metrics', { settings: SETTINGS, events: metrics.map(toTuple) });
  }
};

const runSale = async (table: string | undefined) => {
  const { dynamodb, runtime, queues, dead, lose, work, redrive } = await saleWorld();
  sendThird(queues, 0, new Map());
  await work();
  const before = await allGrants(dynamodb, 'sale');
  lose(table);
  sendThird(queues, 1, new Map(before.map(({ member, id }) => [member, id])));
  await work();
  const deadLetters = dead.length;
  lose(undefined);
  redrive();
  await work();
  sendThird(queues, 2, new Map());
  await work();
  const grants = await allGrants(dynamodb, 'sale');
  const { row, pendingFromMs } = await readTotal(runtime, SETTINGS);
  return {
    deadLetters,
    left: dead.length,
    held: heldFen(grants),
    debited: await debitedFen(runtime, SALE),
    state: {
      grants: grants.map(({ id, offer, state }) => `${id} ${offer} ${state}`).sort(),
      tallies: [...row.tallies].filter(([label]) => !label.startsWith('model-calls')).sort(),
      pendingFromMs,
    },
  };
};

describe('the restore of a table that is lost in the middle of a sale', () => {
  it.each(['Campaigns', 'Members', 'Grants', 'Metrics'])(
    'leaves everything as if nothing had been lost, once dead letters are sent back (%s)',
    async (table) => {
      const undisturbed = await runSale(undefined);
      expect(undisturbed).toMatchObject({ deadLetters: 0, left: 0, state: { pendingFromMs: undefined } });
      expect(undisturbed.state.grants.filter((line) => line.endsWith('redeemed'))).toHaveLength(MEMBERS);
      expect(undisturbed.state.tallies).toContainEqual([
        'paid/far',
        expect.objectContaining({ count: 3 * MEMBERS }),
      ]);
      const restored = await runSale(table);
      expect(restored.deadLetters).toBeGreaterThan(0);
      expect(restored.left).toBe(0);
      expect(restored.held).toEqual(restored.debited);
      expect(restored.state).toEqual(undisturbed.state);
    },
  );
});

import { beforeAll, describe, expect, it } from 'vitest';
import {
  continueExport,
  type ExportState,
  exportDraw,
  FIRST_STATE,
  openExport,
} from '#domain/free-orders/audit/export-draw.ts';
import { publicObject } from '#domain/free-orders/audit/public-facts.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { keepOrders, withMembers } from '#domain/free-orders/entries/kept-orders.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { makeHandler as makeFreeOrder } from '#lambdas/free-order/handler.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
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

const ORDERS = 45;
const LATE = 6;
/** These are so small that even a few orders fill several runs, not all orders are candidates, and the export has several parts. */
const SIZES = { runOrders: 10, candidatesMin: 1, partBytes: 3_000 };

const order = (number: number): OrderEvent =>
  orderEvent(number, { timeMs: START_MS + ((number * 79_003) % HOUR_MS) });
const refundOf = (paid: OrderEvent, amountFen: number): OrderEvent => ({
  ...paid,
  kind: 'refunded',
  id: `${paid.orderId}-${amountFen}`.padEnd(16, '.'),
  amountFen,
});

/** Makes one call fail, the one with the number `at`, before or after it happens. */
class Strike {
  calls = 0;
  at = 0;
  isBefore = true;

  async around<Result>(happen: () => Promise<Result>): Promise<Result> {
    const strikes = ++this.calls === this.at;
    if (strikes && this.isBefore) throw new Error('struck before');
    const result = await happen();
    if (strikes) throw new Error('struck after');
    return result;
  }
}

type World = {
  outside: Outside;
  runtime: Runtime;
  strike: Strike;
  refund: (amountFen: number) => Promise<void>;
};

/**
 * A draw that is over, with refunds, late orders and orders that came twice. `refund` refunds a further amount of every order,
 * in fen.
 */
const finishedDraw = async (
  campaignId: string,
  rules: FreeOrders,
  orders = Array.from({ length: ORDERS }, (_, i) => order(i)),
  begin: (runtime: Runtime) => Promise<void> = async () => {},
): Promise<World> => {
  const random = seededRandom(3);
  const queues = new Queues(random, new Weather(random));
  const strike = new Strike();
  let isArmed = false;
  const tables = emulatedTables();
  const dynamodb = {
    send: (command: never) => (isArmed ? strike.around(() => tables.send(command)) : tables.send(command)),
  } as unknown as typeof tables;
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs, secrets },
    environment: { BEACON_RELAYS: RELAY },
    fetch: askRelay,
  });
  const consume = consumerOf(makeFreeOrder(outside));
  const send = (events: readonly OrderEvent[]) => consume(eventOf(messageOf([campaignId], events)));
  const end = (hours: number) =>
    consumerOf(makeDraw(outside, emptyBucket))(
      eventOf({ time: new Date(START_MS + hours * HOUR_MS).toISOString() }),
    );
  await openCampaign(makeRuntime(outside), campaignId, rules);
  await begin(makeRuntime(outside));
  for (let first = 0; first < orders.length; first += 7) await send(orders.slice(first, first + 7));
  await send([
    orders[1]!,
    orders[20]!,
    refundOf(orders[3]!, 100),
    refundOf(orders[4]!, orders[4]!.amountFen),
  ]);
  await end(100);
  // Orders that come now are late. One of them also came in time.
  await send([order(0), ...Array.from({ length: LATE }, (_, i) => order(ORDERS + i))]);
  isArmed = true;
  let refunds = 0;
  const refund = async (amountFen: number): Promise<void> => {
    refunds += 1;
    isArmed = false;
    await send(
      orders.map((paid) => ({ ...refundOf(paid, amountFen), id: `back-${refunds}-${paid.orderId}` })),
    );
    isArmed = true;
  };
  return { outside, runtime: makeRuntime(outside), strike, refund };
};

/**
 * Exports one step per invocation, as the function does if its time is over after each step. A step that fails is repeated, as
 * when its message is redelivered. Returns the number of failures.
 */
const exportInSteps = async (
  { outside }: World,
  objects: MemoryObjects,
  place: { campaignId: string; revision: string },
): Promise<number> => {
  let failures = 0;
  for (let state: ExportState | undefined = FIRST_STATE; state !== undefined; ) {
    try {
      const exporting = await openExport(makeRuntime(outside), objects, place);
      state = await continueExport(exporting, state, () => true, SIZES);
    } catch (error) {
      if (!String(error).includes('struck')) throw error;
      failures += 1;
    }
  }
  return failures;
};

/**
 * The draws, each with the stride between the calls that are made to fail. One call fails in each export, and the export of a
 * draw in slots makes too many calls to let each of them fail.
 */
const DRAWS: [string, FreeOrders, number][] = [
  ['instant', instantRules({ odds: { win: 1, in: 3 }, perMember: 1 }), 1],
  ['slots', slotRules({ prizes: 2, perMember: 1 }), 7],
];

describe.each(DRAWS)('an export (%s)', (campaignId, rules, stride) => {
  let world: World;
  let expected: string;

  beforeAll(async () => {
    world = await finishedDraw(campaignId, rules);
    const objects = new MemoryObjects();
    const place = { campaignId, revision: 'whole' };
    await exportDraw(world.runtime, objects, place);
    expected = objects.text(exportObject(place));
    const { verdict } = verifyStored(objects, place);
    expect(verdict.findings).toEqual([]);
    expect(verdict.counts.outcomes.won).toBeGreaterThan(0);
    expect(verdict.counts.entries).toBe(rules.mode === 'instant' ? ORDERS : ORDERS + LATE);
  });

  it('has the same bytes however many runs, parts and steps it takes, and whichever call fails, before or after it happens', async () => {
    const { strike } = world;
    let isOver = false;
    for (let at = 1; !isOver; at += stride) {
      for (const isBefore of [true, false]) {
        Object.assign(strike, { calls: 0, at, isBefore });
        const objects = new MemoryObjects((happen) => strike.around(happen));
        const place = { campaignId, revision: `${at}-${isBefore}` };
        const failures = await exportInSteps(world, objects, place);
        expect(objects.text(exportObject(place)), place.revision).toBe(expected);
        expect(verifyStored(objects, place).verdict.findings).toEqual([]);
        isOver = failures === 0;
      }
    }
    Object.assign(strike, { calls: 0, at: 0 });
  });

  it('is the same for all workers that make it, one after another or at once, even if refunds come in between', async () => {
    const objects = new MemoryObjects();
    const place = { campaignId, revision: 'twice' };
    await exportInSteps(world, objects, place);
    const first = objects.text(exportObject(place));
    await world.refund(50);
    await exportInSteps(world, objects, place);
    expect(objects.text(exportObject(place))).toBe(first);
    const anew = { campaignId, revision: 'anew' };
    await Promise.all([
      exportInSteps(world, objects, anew),
      world.refund(60),
      exportInSteps(world, objects, anew),
    ]);
    expect(objects.text(exportObject(anew))).not.toBe(first);
    expect(verifyStored(objects, anew).verdict.findings).toEqual([]);
  });

  it('reads each block of orders from the table once, whatever the length of the runs', async () => {
    const times: number[] = [];
    for (const runOrders of [5, ORDERS * 2]) {
      const objects = new MemoryObjects();
      const exporting = await openExport(world.runtime, objects, { campaignId, revision: `of-${runOrders}` });
      const seen = new Map<string, number>();
      const { dynamodb } = exporting.runtime;
      const counted = {
        send: async (command: { input: object }) => {
          const answer = (await dynamodb.send(command as never)) as { Items?: { item?: { S?: string } }[] };
          for (const { item } of answer.Items ?? [])
            if (item?.S?.startsWith('BLOCK#')) seen.set(item.S, (seen.get(item.S) ?? 0) + 1);
          return answer;
        },
      } as unknown as typeof dynamodb;
      const runtime = { ...exporting.runtime, dynamodb: counted };
      await continueExport({ ...exporting, runtime }, FIRST_STATE, () => false, { runOrders });
      times.push(...new Set(seen.values()));
      expect(seen.size).toBeGreaterThan(3);
    }
    expect(times).toEqual([1, 1]);
  });

  it('cannot be made before the draw is over', async () => {
    await openCampaign(world.runtime, `${campaignId}-open`, rules);
    const place = { campaignId: `${campaignId}-open`, revision: 'early' };
    const objects = new MemoryObjects();
    await expect(exportDraw(world.runtime, objects, place)).rejects.toThrow('a draw that is over');
    expect(objects.stored.has(publicObject(place))).toBe(false);
  });
});

it('an export draws a slot with more candidates if those with the smallest tickets may not win again', async () => {
  const campaignId = 'one-member';
  const orders = Array.from({ length: ORDERS }, (_, i) => ({
    ...order(i),
    member: i < ORDERS - 2 ? 'member-0' : `member-${i}`,
  }));
  const rules = slotRules({ slotSeconds: 3_600, prizes: 3, perMember: 1 });
  const { runtime } = await finishedDraw(campaignId, rules, orders);
  const objects = new MemoryObjects();
  const place = { campaignId, revision: 'whole' };
  await exportDraw(runtime, objects, place, SIZES);
  const { verdict } = verifyStored(objects, place);
  expect(verdict.findings).toEqual([]);
  expect(verdict.counts.outcomes.won).toBe(3);
});

it('an export that meets an undecided winning ticket is completed once the order is decided', async () => {
  const campaignId = 'undecided';
  const rules = instantRules({ odds: { win: 1, in: 1 } });
  const undecided = order(ORDERS + LATE);
  // The order is kept but not drawn, because its worker died in between. Its message is only redriven from the dead-letter queue
  // after the draw is over.
  const world = await finishedDraw(campaignId, rules, undefined, async (runtime) => {
    const draw = await openDraw(runtime, campaignId);
    await keepOrders(runtime, draw, await withMembers(runtime, draw.rules, [undecided]), START_MS + HOUR_MS);
  });
  const objects = new MemoryObjects();
  const place = { campaignId, revision: 'first' };
  await expect(exportInSteps(world, objects, place)).rejects.toThrow('granted or refused, got neither');
  await consumerOf(makeFreeOrder(world.outside))(eventOf(messageOf([campaignId], [undecided])));
  await exportInSteps(world, objects, place);
  const { verdict } = verifyStored(objects, place);
  expect(verdict.findings).toEqual([]);
  expect(objects.text(exportObject(place))).toContain(undecided.orderId);
});

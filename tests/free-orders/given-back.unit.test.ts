import { describe, expect, it } from 'vitest';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { readWins } from '#domain/free-orders/draw/member-wins.ts';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { sortSlot } from '#domain/free-orders/draw/sort-slot.ts';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { beginClosing } from '#domain/free-orders/entries/draws-table.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import {
  askRelay,
  exportAndVerify,
  HOUR_MS,
  openCampaign,
  orderEvent,
  RELAY,
  START_MS,
  secrets,
} from '../support/free-order-world.ts';
import { emptyBucket } from '../support/objects.ts';
import { testRuntime } from '../support/runtime.ts';
import { instantRules, slotRules } from './factory.ts';

const ORDER = orderEvent(1);
const REFUND = { ...ORDER, kind: 'refunded' as const, id: 'refund'.padEnd(16, '.') };

const sqs = { send: async () => ({ Successful: [], Failed: [] }) as never };

/** The wins of the order's member. */
const winsOf = async (runtime: Runtime) =>
  (await readWins(runtime, (await openDraw(runtime, 'sale')).rules, [ORDER.member])).get(ORDER.member);

/** A draw that receives an order after the whole order was refunded. */
const drawOf = async (rules: FreeOrders) => {
  const runtime = testRuntime({ clients: { dynamodb: emulatedTables(), sqs, secrets } });
  await openCampaign(runtime, 'sale', rules);
  await takePart(runtime, 'sale', [REFUND], START_MS + 1);
  await takePart(runtime, 'sale', [ORDER], START_MS + 2);
  return runtime;
};

describe('an order that comes twice', () => {
  it('wins once', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables(), sqs, secrets } });
    await openCampaign(runtime, 'sale', instantRules({ odds: { win: 1, in: 1 } }));
    for (const nowMs of [START_MS + 1, START_MS + 2]) await takePart(runtime, 'sale', [ORDER], nowMs);
    expect(await winsOf(runtime)).toHaveLength(1);
  });
});

describe('an order that was refunded before it came', () => {
  it('takes no place and no money from an instant draw', async () => {
    const runtime = await drawOf(instantRules({ odds: { win: 1, in: 1 } }));
    expect(await winsOf(runtime)).toEqual([]);
  });

  it('is refused for the reason that the export shows and a verifier finds again', async () => {
    const rules = instantRules({ odds: { win: 1, in: 1 }, minimumPaidFen: ORDER.amountFen + 1 });
    const runtime = { ...(await drawOf(rules)), fetch: askRelay };
    const nowMs = START_MS + 100 * HOUR_MS;
    await advanceDraw(runtime, 'sale', {
      nowMs,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [RELAY],
      objects: emptyBucket(),
    });
    const { lines, verdict } = await exportAndVerify(runtime, 'sale');
    expect(verdict.findings).toEqual([]);
    expect(lines.filter((line) => line.includes('"outcome":"below-minimum"'))).toHaveLength(1);
  });

  it('is sorted into its slot with a note of how much of it was refunded', async () => {
    const runtime = await drawOf(slotRules({ slotSeconds: 3_600 }));
    await beginClosing(runtime, 'sale', 0);
    const draw = await openDraw(runtime, 'sale');
    if (draw.mode !== 'slot') throw new Error('expected slots');
    const work = { runtime, objects: emptyBucket(), draw, slot: 0, isOver: () => false, sizes: {} };
    const records = await Array.fromAsync((await sortSlot(work))!.records());
    expect(records.map(({ entry }) => entry.givenBackFen)).toEqual([ORDER.amountFen]);
  });
});

/** The member's wins if another worker draws the order just before its refund is noted by the operation `noting`. */
const drawnMeanwhile = async (rules: FreeOrders, noting: string) => {
  let draws = async (): Promise<void> => {};
  const dynamodb = emulatedTables({
    before: async ({ name, input }) => {
      if (name !== noting || !JSON.stringify(input).includes('refund')) return;
      const meanwhile = draws;
      draws = async () => {};
      await meanwhile();
    },
  });
  const worker = () => testRuntime({ clients: { dynamodb, sqs, secrets }, fetch: askRelay });
  const [refunding, drawing] = [worker(), worker()];
  await openCampaign(refunding, 'sale', rules);
  draws = async () => {
    await takePart(drawing, 'sale', [ORDER], START_MS + 2);
    const nowMs = START_MS + 100 * HOUR_MS;
    await advanceDraw(drawing, 'sale', {
      nowMs,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [RELAY],
      objects: emptyBucket(),
    });
    expect(await winsOf(drawing)).toMatchObject([{ state: 'live' }]);
  };
  await takePart(refunding, 'sale', [REFUND], START_MS + 3);
  return winsOf(refunding);
};

describe('an order that wins while its refund is under way', () => {
  it('loses an instant win', async () => {
    const wins = await drawnMeanwhile(instantRules({ odds: { win: 1, in: 1 } }), 'UpdateItem');
    expect(wins).toMatchObject([{ state: 'revoked' }]);
  });

  it('loses the win of a slot', async () => {
    const wins = await drawnMeanwhile(slotRules({ slotSeconds: 3_600, prizes: 100 }), 'BatchWriteItem');
    expect(wins).toMatchObject([{ state: 'revoked' }]);
  });
});

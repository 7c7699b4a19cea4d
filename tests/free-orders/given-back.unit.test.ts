import { describe, expect, it } from 'vitest';
import { readWins } from '#domain/free-orders/draw/claim-wins.ts';
import { readClosedSlot } from '#domain/free-orders/draw/close-slot.ts';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { beginClosing } from '#domain/free-orders/entries/draws-table.ts';
import { sealSlot } from '#domain/free-orders/entries/kept-orders.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { openCampaign, orderEvent, START_MS, secrets } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { instantRules, slotRules } from './factory.ts';

const ORDER = orderEvent(1);
const REFUND = { ...ORDER, kind: 'refunded' as const, id: 'refund'.padEnd(16, '.') };

/** A draw that hears of an order after all of it was given back. */
const drawOf = async (rules: FreeOrders) => {
  const sqs = { send: async () => ({ Successful: [], Failed: [] }) as never };
  const runtime = testRuntime({ clients: { dynamodb: emulatedTables(), sqs, secrets } });
  await openCampaign(runtime, 'sale', rules);
  await takePart(runtime, 'sale', [REFUND], START_MS + 1);
  await takePart(runtime, 'sale', [ORDER], START_MS + 2);
  return runtime;
};

describe('an order that was given back before it came', () => {
  it('takes no place and no money of an instant draw', async () => {
    const runtime = await drawOf(instantRules({ odds: { win: 1, in: 1 } }));
    expect((await readWins(runtime, 'sale', [ORDER.member])).get(ORDER.member)).toEqual([]);
  });

  it('is drawn in its slot with what is left of it', async () => {
    const runtime = await drawOf(slotRules({ slotSeconds: 3_600 }));
    await beginClosing(runtime, 'sale', 0);
    await sealSlot(runtime, 'sale', 0);
    const draw = await openDraw(runtime, 'sale');
    if (draw.mode !== 'slot') throw new Error('expected slots');
    const { entries } = await readClosedSlot(runtime, draw, 0);
    expect(entries.map(({ givenBackFen }) => givenBackFen)).toEqual([ORDER.amountFen]);
  });
});

import { describe, expect, it } from 'vitest';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { beginClosing, putEntryBlocks } from '#domain/free-orders/entries/draws-table.ts';
import { packOrders } from '#domain/free-orders/entries/entry-block.ts';
import type { KeptOrder } from '#domain/free-orders/entries/kept-order.ts';
import { keepOrders, sealSlot } from '#domain/free-orders/entries/kept-orders.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { openCampaign, START_MS, secrets } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { slotRules } from './factory.ts';

const JUDGED_MS = 7;
const ORDERS = Array.from(
  { length: 12_000 },
  (_, i): KeptOrder => ({
    orderId: fingerprintOf(`order ${i}`),
    memberId: fingerprintOf(`member ${i}`),
    timeMs: START_MS + i,
    channel: 'near',
    storeId: 'store-1',
    paidFen: 1_000,
    tier: '',
    firstOrder: false,
  }),
);

describe('orders in two blocks, only one of which was stored before their slot began to close', () => {
  it('are in time if the sealed slot holds their block, and late if it does not', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables(), secrets } });
    await openCampaign(runtime, 'sale', slotRules({ slotSeconds: 3_600 }));
    const blocks = packOrders(ORDERS, JUDGED_MS).map((block) => ({ ...block, slot: 0 }));
    expect(blocks).toHaveLength(2);
    await putEntryBlocks(runtime, 'sale', blocks.slice(0, 1));
    await beginClosing(runtime, 'sale', 0);
    await sealSlot(runtime, 'sale', 0);
    const { inTime, late } = await keepOrders(runtime, await openDraw(runtime, 'sale'), ORDERS, JUDGED_MS);
    expect([inTime.length, late.length]).toEqual([6_000, 6_000]);
  });
});

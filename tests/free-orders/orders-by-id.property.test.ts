import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ordersById } from '#domain/free-orders/audit/orders-by-id.ts';

const order = fc.record({ orderId: fc.string({ maxLength: 3, unit: 'binary' }), variant: fc.nat(3) });

it('orders come sorted by id, each with all of its variants, however few are held in memory and in whatever order they are read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(order, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (orders, maxOrders) => {
        let scans = 0;
        const scan = async function* () {
          scans += 1;
          for (let first = 0; first < orders.length; first += 7) yield orders.slice(first, first + 7);
        };
        const given = await Array.fromAsync(ordersById(scan, ({ orderId }) => orderId, maxOrders));
        const expected = [...Map.groupBy(orders, ({ orderId }) => orderId)].sort(([a], [b]) =>
          a < b ? -1 : 1,
        );
        expect(given).toEqual(expected);
        expect(scans).toBeLessThanOrEqual(Math.ceil(expected.length / maxOrders) + 1);
      },
    ),
    { numRuns: 1_000 },
  );
});

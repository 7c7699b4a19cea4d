/** The data of an order event, paid or refunded. */
import * as z from 'zod/mini';
import { amountFen, id, record } from './fields.ts';

const common = { orderId: id, memberId: id, brandId: id, amountFen, couponId: z.optional(id) };

const farOrder = record({
  ...common,
  channel: z.literal('far'),
  storeId: z.optional(z.never({ error: 'no storeId on a far order' })),
});

const nearOrder = record({ ...common, channel: z.literal('near'), storeId: id });

/** Far is e-commerce, shipped from anywhere; near is instant retail, from a store that the order must name. */
export const orderData = z.discriminatedUnion('channel', [farOrder, nearOrder], { error: 'an object' });

export type OrderData = z.output<typeof orderData>;

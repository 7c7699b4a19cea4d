/** The data of an order event, paid or refunded. */
import * as z from 'zod/mini';
import { amountFen, id, paidFen, record } from './fields.ts';

const common = { orderId: id, memberId: id, brandId: id, couponId: z.optional(id) };

/** The data of an order with these amounts, far or near. */
const orderOf = <const Amounts extends z.core.$ZodLooseShape>(amounts: Amounts) =>
  z.discriminatedUnion(
    'channel',
    [
      record({
        ...common,
        ...amounts,
        channel: z.literal('far'),
        storeId: z.optional(z.never({ error: 'no storeId on a far order' })),
      }),
      record({ ...common, ...amounts, channel: z.literal('near'), storeId: id }),
    ],
    { error: 'an object' },
  );

/**
 * Far is e-commerce, shipped from anywhere; near is instant retail, from a store that the order must name. The amount paid may
 * be 0, if a discount took off the whole price.
 */
export const paidData = orderOf({ amountFen: paidFen, discountFen: z.optional(paidFen) });

/** The amount of a refund is always above 0, and a refund has no discount. */
export const refundedData = orderOf({ amountFen });

export type OrderData = z.output<typeof paidData>;

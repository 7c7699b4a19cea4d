import type { Shape } from './shape.ts';

/** The data that Amazon gives its customers about their own orders. */
export const AMAZON_HISTORY: readonly Shape[] = [
  {
    name: 'amazon-order-history',
    title: "a customer's history of orders at Amazon (Retail.OrderHistory)",
    signature: [
      ['website'],
      ['orderid'],
      ['orderdate'],
      ['totalowed', 'totalamount'],
      ['orderstatus'],
      ['asin'],
    ],
    columns: {
      order: ['orderid'],
      brand: ['website'],
      amount: ['totalowed', 'totalamount'],
      time: ['orderdate'],
      status: ['orderstatus'],
      currency: ['currency'],
    },
    settings: { statuses: { closed: 'paid' } },
    because: ['what was owed for the items of an order is added up', 'a closed order was delivered'],
  },
];

import type { Shape } from './shape.ts';

/** Public data sets of orders. The more specific come first. */
export const DATA_SETS: readonly Shape[] = [
  {
    name: 'thelook-order-items',
    title: 'the table order_items of the data set theLook',
    signature: [['orderid'], ['userid'], ['inventoryitemid'], ['saleprice'], ['createdat']],
    columns: {
      order: ['orderid'],
      member: ['userid'],
      brand: ['brand', 'productbrand'],
      amount: ['saleprice'],
      time: ['createdat'],
      'refund-time': ['returnedat'],
      status: ['status'],
    },
    settings: { brand: 'thelook', currency: 'USD', rounding: 'half-even' },
    because: ['its prices are USD as binary fractions, so what comes to an order is rounded to cents'],
  },
  {
    name: 'uci-online-retail',
    title: 'the data set Online Retail of UCI',
    signature: [
      ['invoiceno', 'invoice'],
      ['stockcode'],
      ['quantity'],
      ['unitprice', 'price'],
      ['invoicedate'],
    ],
    columns: {
      order: ['invoiceno', 'invoice'],
      member: ['customerid'],
      price: ['unitprice', 'price'],
      quantity: ['quantity'],
      time: ['invoicedate'],
    },
    settings: {
      guests: true,
      brand: 'online-retail',
      negative: 'refund',
      currency: 'GBP',
      timeFormat: 'month-first',
      timeZone: 'Europe/London',
      rounding: 'half-even',
    },
    because: [
      "the data set's description says pounds, and its shop is in the United Kingdom",
      'an invoice whose number begins with C gives back, as a negative quantity does',
      'its dates have the month first',
    ],
  },
  {
    name: 'superstore',
    title: 'the data set Superstore of Tableau',
    signature: [['orderid'], ['orderdate'], ['shipmode', 'shipdate'], ['customerid'], ['sales']],
    columns: {
      order: ['orderid'],
      member: ['customerid'],
      brand: ['subcategory', 'category'],
      amount: ['sales'],
      time: ['orderdate'],
    },
    settings: { currency: 'USD', rounding: 'half-even' },
    because: [
      'its sales are USD with up to four decimals; what a sub-category sells in an order is added up, then rounded',
    ],
  },
  {
    name: 'olist-orders',
    title: 'tables of the data set Olist that are joined in one',
    signature: [['orderid'], ['orderpurchasetimestamp'], ['price', 'paymentvalue'], ['orderstatus']],
    columns: {
      order: ['orderid'],
      member: ['customeruniqueid', 'customerid'],
      brand: ['sellerid', 'productcategoryname'],
      amount: ['price', 'paymentvalue'],
      time: ['orderpurchasetimestamp'],
      status: ['orderstatus'],
    },
    settings: {
      guests: true,
      brand: 'olist',
      currency: 'BRL',
      timeZone: 'America/Sao_Paulo',
      statuses: { canceled: 'both' },
    },
    because: [
      'its amounts are BRL and its times those of São Paulo',
      'a canceled order was paid and given back',
    ],
  },
];

import type { Shape } from './shape.ts';

/** Superstore as Tableau installs it in a language, with the currency of its shop. */
const superstoreIn = (
  language: string,
  currency: string,
  [order, date, ship, customer, category, sales]: readonly [string, string, string, string, string, string],
): Shape => ({
  name: `superstore-${language}`,
  title: 'the data set Superstore of Tableau',
  signature: [[order], [date], [ship], [customer], [sales]],
  columns: { order: [order], member: [customer], brand: [category], amount: [sales], time: [date] },
  settings: { currency, rounding: 'half-even' },
  because: [`its sales are ${currency}; what a sub-category sells in an order is added up, then rounded`],
});

/** Public data sets of orders. The more specific shapes come first. */
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
      'an invoice with a negative quantity, whose number begins with C, is a refund',
      'its dates have the month first',
    ],
  },
  {
    name: 'superstore',
    title: 'the data set Superstore of Tableau',
    signature: [['orderid'], ['orderdate'], ['shipmode', 'shipdate'], ['customerid'], ['sales']],
    // A table that was joined with the table of returns does not have this shape, and the user is asked about its columns.
    lacks: ['returned', 'returns'],
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
  superstoreIn('chinese', 'CNY', ['订单id', '订单日期', '装运日期', '客户id', '子类别', '销售额']),
  superstoreIn('german', 'EUR', [
    ...(['bestellid', 'bestelldatum', 'versanddatum', 'kundenid', 'unterkategorie', 'umsatz'] as const),
  ]),
  superstoreIn('french', 'EUR', [
    ...(['idcommande', 'datedecommande', 'datedexpédition', 'idclient', 'souscatégorie', 'ventes'] as const),
  ]),
  {
    name: 'olist-orders',
    title: 'tables of the data set Olist that are joined into one',
    signature: [['orderid'], ['orderpurchasetimestamp'], ['price', 'paymentvalue'], ['orderstatus']],
    columns: {
      order: ['orderid'],
      line: ['orderitemid'],
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
      'a canceled order was paid and refunded',
      'an item that is repeated, once for each payment or review of its order, counts once',
    ],
  },
];

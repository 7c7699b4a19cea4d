/** Amazon's reports of orders and of settlements. */
import type { Shape } from './shape.ts';

const ITEMS = [
  'the price of an item is that of all its pieces; an order is the sum of its items that were not canceled, each less its promotion',
];

/** What Amazon reports. The more specific shapes come first. */
export const AMAZON: readonly Shape[] = [
  {
    name: 'amazon-settlement',
    title: 'a settlement report of Amazon',
    signature: [['settlementid'], ['orderid'], ['amounttype'], ['amount']],
    columns: {
      order: ['orderid', 'merchantorderid'],
      member: ['buyeremail', 'buyername'],
      amount: ['amount'],
      time: ['posteddatetime', 'posteddate'],
      status: ['amounttype'],
      currency: ['currency'],
    },
    settings: {
      guests: true,
      brand: 'amazon',
      negative: 'net',
      timeFormat: 'day-first',
      statuses: {
        itemprice: 'paid',
        promotion: 'paid',
        itemfees: 'ignored',
        itemwithheldtax: 'ignored',
        shipmentfees: 'ignored',
        orderfees: 'ignored',
        'other-transaction': 'ignored',
        'cost of advertising': 'ignored',
        'fba inventory reimbursement': 'ignored',
        directpayment: 'ignored',
      },
    },
    leaveOut: { amounttype: [''] },
    because: [
      'the sum that buyers paid, less promotions, counts, and fees do not; a negative sum is a refund',
      'Amazon writes a date with points as day.month.year',
    ],
  },
  {
    name: 'amazon-orders',
    title: 'a report of orders by Amazon',
    signature: [['amazonorderid', 'orderid'], ['purchasedate', 'date'], ['orderstatus', 'status'], ['asin']],
    columns: {
      order: ['amazonorderid', 'orderid'],
      member: ['buyeremail', 'buyername'],
      brand: ['brand', 'category', 'saleschannel'],
      amount: ['itemprice', 'amount'],
      discount: ['itempromotiondiscount', 'itempromodiscount'],
      time: ['purchasedate', 'date'],
      status: ['orderstatus', 'status'],
      currency: ['currency'],
    },
    settings: { guests: true, brand: 'amazon' },
    leaveOut: { itemstatus: ['cancelled', 'canceled'] },
    because: ITEMS,
  },
  {
    name: 'amazon-order-lines',
    title: 'a report of orders by Amazon',
    signature: [['amazonorderid'], ['purchasedate'], ['itemprice']],
    columns: {
      order: ['amazonorderid'],
      member: ['buyeremail', 'buyername'],
      brand: ['brand', 'category'],
      amount: ['itemprice'],
      discount: ['itempromotiondiscount', 'itempromodiscount'],
      time: ['purchasedate'],
      status: ['orderstatus'],
      currency: ['currency'],
    },
    settings: { guests: true, brand: 'amazon' },
    leaveOut: { itemstatus: ['cancelled', 'canceled'] },
    because: ITEMS,
  },
  {
    name: 'amazon-open-orders',
    title: 'Amazon’s report of orders that are still to be sent',
    signature: [
      ['orderid'],
      ['orderitemid'],
      ['purchasedate'],
      ['itemprice'],
      ['quantitypurchased', 'quantitytoship', 'shipservicelevel'],
    ],
    columns: {
      order: ['orderid'],
      member: ['buyeremail', 'buyername'],
      amount: ['itemprice'],
      discount: ['itempromotiondiscount'],
      time: ['purchasedate'],
      currency: ['currency'],
    },
    settings: { guests: true, brand: 'amazon' },
    because: ITEMS,
  },
];

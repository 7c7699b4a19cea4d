import type { Shape } from './shape.ts';

const ITEMS = [
  'the price of an item is that of all its pieces; less its promotion, and without those canceled, the items of an order are added up',
];

/** What Amazon reports. The more specific come first. */
export const AMAZON: readonly Shape[] = [
  {
    name: 'amazon-date-range',
    title: 'a date range report of transactions by Amazon',
    signature: [['datetime'], ['settlementid'], ['orderid'], ['productsales'], ['sellingfees']],
    columns: {
      order: ['orderid'],
      amount: ['productsales'],
      discount: ['promotionalrebates'],
      time: ['datetime'],
      status: ['type'],
    },
    settings: {
      guests: true,
      brand: 'amazon',
      negative: 'refund',
      statuses: { order: 'paid', refund: 'paid' },
    },
    leaveOut: {
      type: [
        ...[
          '',
          'transfer',
          'service fee',
          'adjustment',
          'fba inventory fee',
          'fba customer return fee',
          'debt',
        ],
        ...[
          'deal fee',
          'shipping services',
          'amazon fees',
          'order_retrocharge',
          'refund_retrocharge',
          'others',
        ],
        ...[
          'fba transaction fee',
          'liquidations',
          'tax adjustment',
          'cost of advertising',
          'amazon shipping charges',
        ],
      ],
    },
    because: [
      'product sales less promotional rebates count, and fees do not; those of a refund are negative',
    ],
  },
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
      'what buyers paid counts, less promotions, and fees do not; where that is negative it is a refund',
      'Amazon writes day.month.year where it writes points',
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
      discount: ['itempromotiondiscount'],
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
      discount: ['itempromotiondiscount'],
      time: ['purchasedate'],
      status: ['orderstatus'],
      currency: ['currency'],
    },
    settings: { guests: true, brand: 'amazon' },
    leaveOut: { itemstatus: ['cancelled', 'canceled'] },
    because: ITEMS,
  },
];

/** Exports and tables of shop systems. */
import type { Shape } from './shape.ts';

/** Magento closes an order when all of it was refunded. */
const CLOSED = { closed: 'both' } as const;
const CLOSED_BECAUSE = 'a closed order was refunded';
const OWN_ROWS = "a refund has a row of its own, with a negative total and the number of its order's row";
const WOO_REFUNDS = { guests: true, negative: 'refund' } as const;
const FIRST_ROW = 'the totals of an order stand on its rows once or repeated, and count once';

/** The shapes of what shop systems export. The more specific shapes come first. */
export const SHOP_SYSTEMS: readonly Shape[] = [
  {
    name: 'shopify-orders',
    title: 'an export of orders by Shopify',
    signature: [
      ['name'],
      ['financialstatus'],
      ['total'],
      ['lineitemquantity', 'lineitemname', 'lineitemprice'],
    ],
    columns: {
      order: ['name'],
      member: ['email', 'customerid', 'phone'],
      brand: ['vendor'],
      total: ['total'],
      refund: ['refundedamount'],
      time: ['paidat', 'createdat'],
      status: ['financialstatus'],
      currency: ['currency'],
    },
    settings: { guests: true },
    because: [FIRST_ROW],
  },
  {
    name: 'shopify-transactions',
    title: 'an export of transactions by Shopify',
    signature: [['order'], ['name'], ['kind'], ['gateway'], ['createdat'], ['status'], ['amount']],
    columns: {
      order: ['name'],
      amount: ['amount'],
      time: ['createdat'],
      kind: ['kind'],
      status: ['status'],
      currency: ['currency'],
    },
    settings: {
      guests: true,
      statuses: {
        ...{ capture: 'paid', authorization: 'ignored', void: 'ignored', change: 'ignored' },
        ...{ failure: 'ignored', error: 'ignored', awaiting_response: 'ignored' },
      },
    },
    because: ['sales and captures that succeeded count, and refunds; an authorization is no payment'],
  },
  {
    name: 'magento-1-grid',
    title: 'the grid of orders of Magento 1',
    signature: [['order'], ['purchasedon'], ['gtpurchased', 'gtbase'], ['status']],
    columns: {
      order: ['order'],
      member: ['billtoname'],
      brand: ['purchasedfromstore', 'purchasedfrom'],
      total: ['gtpurchased', 'gtbase'],
      time: ['purchasedon'],
      status: ['status'],
    },
    settings: { guests: true, statuses: CLOSED },
    sameIn: [['gtbase'], ['gtpurchased']],
    because: [CLOSED_BECAUSE],
  },
  {
    name: 'magento-invoices',
    title: "Magento's grid of invoices",
    signature: [
      ['invoice'],
      ['invoicedate'],
      ['order'],
      ['grandtotalpurchased', 'grandtotalbase'],
      ['status'],
    ],
    columns: {
      order: ['order'],
      member: ['email', 'customeremail', 'customername', 'billtoname'],
      brand: ['purchasedfrom', 'purchasepoint'],
      amount: ['grandtotalpurchased', 'grandtotalbase'],
      time: ['invoicedate'],
      status: ['status'],
    },
    settings: { guests: true, statuses: { open: 'ignored' } },
    sameIn: [['grandtotalbase'], ['grandtotalpurchased']],
    because: ['the invoices of an order are added up'],
  },
  {
    name: 'magento-sales-order',
    title: "Magento's table sales_order or its grid of orders",
    signature: [
      ['incrementid', 'id'],
      ['grandtotal', 'basegrandtotal', 'grandtotalpurchased', 'grandtotalbase'],
      ['status', 'state'],
    ],
    columns: {
      order: ['incrementid', 'id', 'entityid'],
      member: ['customerid', 'customeremail', 'customername', 'billtoname'],
      brand: ['storeid', 'storename', 'purchasepoint'],
      total: ['grandtotal', 'grandtotalpurchased', 'basegrandtotal', 'grandtotalbase'],
      refund: ['totalrefunded', 'basetotalrefunded'],
      time: ['createdat', 'purchasedate'],
      status: ['status', 'state'],
      currency: ['ordercurrencycode', 'basecurrencycode'],
    },
    settings: { guests: true, statuses: CLOSED },
    sameIn: [['grandtotalbase'], ['grandtotalpurchased']],
    because: [
      'grand_total and total_refunded are in the currency of the order',
      'Magento keeps its times in UTC',
      CLOSED_BECAUSE,
    ],
  },
  {
    name: 'woocommerce-table',
    title: 'the table wp_wc_orders of WooCommerce',
    signature: [['id'], ['status'], ['currency'], ['totalamount'], ['parentorderid'], ['datecreatedgmt']],
    columns: {
      order: ['id'],
      parent: ['parentorderid'],
      member: ['customerid', 'billingemail'],
      total: ['totalamount'],
      time: ['datecreatedgmt'],
      status: ['status'],
      currency: ['currency'],
    },
    settings: WOO_REFUNDS,
    because: [OWN_ROWS, 'its times are in UTC'],
  },
  {
    name: 'woocommerce-stats',
    title: 'the table wp_wc_order_stats of WooCommerce',
    signature: [['orderid'], ['parentid'], ['totalsales', 'nettotal'], ['datecreatedgmt'], ['status']],
    columns: {
      order: ['orderid'],
      parent: ['parentid'],
      member: ['customerid'],
      total: ['totalsales'],
      time: ['datecreatedgmt'],
      status: ['status'],
    },
    settings: WOO_REFUNDS,
    because: [OWN_ROWS, 'its times are in UTC'],
  },
  {
    name: 'woocommerce-orders',
    title: 'an export of orders by WooCommerce',
    signature: [
      ['ordernumber', 'orderid', 'order'],
      ['orderstatus', 'status'],
      ['ordertotalamount', 'ordertotal', 'nrevenue', 'nrevenueformatted', 'netsales', 'total'],
      [
        ...['emailbilling', 'billingemail', 'customeruserid', 'paymentmethodtitle', 'ordertotaltaxamount'],
        ...['customertype', 'itemssold', 'billingfirstname', 'firstnamebilling', 'customeruser'],
      ],
    ],
    columns: {
      order: ['ordernumber', 'orderid', 'order'],
      member: [
        ...['customeruserid', 'customeruser', 'customerid', 'emailbilling', 'billingemail', 'customeremail'],
        ...['customer', 'email'],
      ],
      brand: ['brand', 'vendor'],
      total: ['ordertotalamount', 'ordertotal', 'nrevenueformatted', 'nrevenue', 'netsales', 'total'],
      refund: [
        ...['orderrefundamount', 'refundamount', 'refundedamount', 'totalrefunded', 'refundedtotal'],
        // These hold lists of refunds. Only an empty list can be read; a row with any other is refused, not passed over.
        ...['refunditems', 'refunds'],
      ],
      time: ['paiddate', 'datepaid', 'orderdate', 'date', 'datecreated'],
      status: ['orderstatus', 'status'],
      currency: ['ordercurrency', 'currency'],
    },
    settings: {
      guests: true,
      negative: 'refund',
      statuses: { completed: 'paid', processing: 'paid', refunded: 'both' },
    },
    because: [FIRST_ROW, 'a row with a negative total refunds some of its order'],
  },
];

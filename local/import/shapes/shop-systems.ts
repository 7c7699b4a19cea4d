import type { Shape } from './shape.ts';

const FIRST_ROW = 'the totals of an order stand on its rows once or repeated, and count once';

/** What shop systems export. The more specific come first. */
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
    settings: { guests: true },
    sameIn: ['grandtotalbase', 'grandtotalpurchased'],
    because: [
      'grand_total and total_refunded are in the currency of the order',
      'Magento keeps its times in UTC',
      'a closed order was given back',
    ],
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
        ...[
          'customertype',
          'itemssold',
          'billingfirstname',
          'firstnamebilling',
          'customeruser',
          'customerid',
        ],
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
        // Of these only nothing can be read: a list of refunds is refused with its row, and not passed over.
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
    because: [FIRST_ROW, 'a row with a negative total gives back some of its order'],
  },
];

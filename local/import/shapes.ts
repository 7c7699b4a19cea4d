import { findHeader } from './headers.ts';
import type { Columns, Mapping, Role } from './mapping.ts';

/** What a well-known program or data set writes. Names are written as headers are compared: in lower case, letters only. */
export type Shape = {
  name: string;
  title: string;
  /** A file has the shape when it has one name of each of these lists. */
  signature: readonly (readonly string[])[];
  columns: Partial<Record<Role, readonly string[]>>;
  settings?: Partial<Omit<Mapping, 'columns' | 'version' | 'encoding' | 'delimiter'>>;
  /** Why the settings are what they are, a sentence each. */
  because: readonly string[];
};

const CHINA = { timeZone: 'Asia/Shanghai', currency: 'CNY' } as const;
const CHINA_BECAUSE = 'its times are those of China and its amounts are CNY';
const FIRST_ROW = 'the totals of an order stand on its rows once or repeated, and count once';

/** The more particular come first. */
export const SHAPES: readonly Shape[] = [
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
      brand: ['storename', 'purchasepoint', 'storeid'],
      total: ['grandtotal', 'grandtotalpurchased', 'basegrandtotal', 'grandtotalbase'],
      refund: ['totalrefunded', 'basetotalrefunded'],
      time: ['createdat', 'purchasedate'],
      status: ['status', 'state'],
      currency: ['ordercurrencycode', 'basecurrencycode'],
    },
    settings: { guests: true },
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
      total: ['ordertotalamount', 'ordertotal', 'nrevenue', 'nrevenueformatted', 'netsales', 'total'],
      refund: ['orderrefundamount', 'refundamount', 'refundedamount', 'totalrefunded', 'refundedtotal'],
      time: ['paiddate', 'datepaid', 'orderdate', 'date', 'datecreated'],
      status: ['orderstatus', 'status'],
      currency: ['ordercurrency', 'currency'],
    },
    settings: { guests: true, statuses: { completed: 'paid', processing: 'paid', refunded: 'both' } },
    because: [FIRST_ROW],
  },
  {
    name: 'taobao-orders',
    title: 'an export of orders by Taobao or Tmall',
    signature: [['订单编号'], ['买家实际支付金额', '买家应付货款'], ['订单付款时间', '订单创建时间']],
    columns: {
      order: ['订单编号'],
      member: ['买家会员名', '买家昵称', '买家支付宝账号'],
      brand: ['店铺名称', '店铺id'],
      total: ['买家实际支付金额', '总金额'],
      refund: ['退款金额'],
      time: ['订单付款时间', '订单创建时间'],
      status: ['订单状态'],
    },
    settings: CHINA,
    because: [CHINA_BECAUSE, FIRST_ROW],
  },
  {
    name: 'jd-orders',
    title: 'an export of orders by JD (京东)',
    signature: [
      ['订单号', '订单编号'],
      ['京东价', '下单帐号', '下单账号', '结算金额', '应付金额', '用户应付金额', '商品id'],
      ['下单时间', '付款确认时间', '付款时间', '订单创建时间'],
    ],
    columns: {
      order: ['订单号', '订单编号'],
      member: ['下单帐号', '下单账号', '用户名', '客户姓名'],
      brand: ['品牌', '店铺名称', '商家名称', '商家id', '店铺id'],
      total: ['应付金额', '用户应付金额', '实付金额', '结算金额', '订单金额'],
      refund: ['退款金额'],
      time: ['付款确认时间', '付款时间', '下单时间', '订单创建时间'],
      status: ['订单状态'],
    },
    settings: CHINA,
    because: [CHINA_BECAUSE, FIRST_ROW],
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
      time: ['purchasedate', 'date'],
      status: ['orderstatus', 'status'],
      currency: ['currency'],
    },
    settings: { guests: true, brand: 'amazon' },
    because: ['the price of an item is that of all its pieces, and those of an order are added up'],
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
      time: ['purchasedate'],
      status: ['orderstatus'],
      currency: ['currency'],
    },
    settings: { guests: true, brand: 'amazon' },
    because: ['the price of an item is that of all its pieces, and those of an order are added up'],
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

/** The shape that a file with these headers has. */
export const shapeOf = (headers: readonly string[]): Shape | undefined =>
  SHAPES.find(({ signature }) => signature.every((names) => findHeader(headers, names) !== undefined));

/** The columns of a shape that are there. */
export const shapeColumns = ({ columns }: Shape, headers: readonly string[]): Columns =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([role, names]) => {
      const found = findHeader(headers, names);
      return found === undefined ? [] : [[role, found]];
    }),
  );

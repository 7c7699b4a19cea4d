import type { Role } from './mapping.ts';

/** A header as it is compared: case, width, spaces and punctuation do not matter. */
export const headerKey = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** The names that columns of a role go by, the likeliest first. */
export const NAMES: Readonly<Record<Role, readonly string[]>> = {
  order: [
    ...[
      'order',
      'orderid',
      'orderno',
      'ordernumber',
      'ordernum',
      'amazonorderid',
      'incrementid',
      'invoiceno',
    ],
    ...['invoice', 'invoiceid', 'transactionid', 'salesorder', 'receiptid'],
    ...['订单编号', '订单号', '主订单编号', '订单id', '交易号', '单号'],
  ],
  member: [
    ...[
      'member',
      'memberid',
      'customerid',
      'customeruniqueid',
      'customer',
      'userid',
      'user',
      'buyer',
      'buyerid',
    ],
    ...[
      'buyeremail',
      'buyername',
      'email',
      'customeremail',
      'billingemail',
      'emailbilling',
      'client',
      'clientid',
      'who',
    ],
    ...[
      '买家会员名',
      '买家昵称',
      '会员名',
      '会员id',
      '会员编号',
      '用户名',
      '下单帐号',
      '下单账号',
      '用户id',
      '客户id',
      '买家',
    ],
  ],
  brand: [
    ...[
      'brand',
      'brandid',
      'brandname',
      'vendor',
      'seller',
      'sellerid',
      'shop',
      'shopname',
      'merchant',
      'storename',
    ],
    ...[
      'manufacturer',
      'subcategory',
      'category',
      '品牌',
      '品牌名称',
      '店铺名称',
      '店铺',
      '商家',
      '商家名称',
    ],
  ],
  amount: [
    ...[
      'amount',
      'paid',
      'amountpaid',
      'sales',
      'revenue',
      'value',
      'linetotal',
      'itemtotal',
      'subtotal',
      'payment',
    ],
    ...['paymentvalue', 'netsales', 'price', '金额', '实付金额', '支付金额', '销售额', '成交金额'],
  ],
  price: ['unitprice', 'itemprice', 'lineitemprice', 'priceeach', 'itemcost', '单价', '商品单价'],
  quantity: [
    'quantity',
    'qty',
    'lineitemquantity',
    'quantityordered',
    'units',
    '数量',
    '商品数量',
    '购买数量',
  ],
  total: [
    ...['ordertotal', 'grandtotal', 'totalamount', 'orderamount', 'totalprice', 'ordertotalamount', 'total'],
    ...['订单金额', '订单总额', '总金额', '订单总金额'],
  ],
  refund: [
    ...[
      'refundedamount',
      'refundamount',
      'totalrefunded',
      'amountrefunded',
      'orderrefundamount',
      'refundtotal',
    ],
    ...['退款金额', '已退款金额'],
  ],
  time: [
    ...[
      'paidat',
      'paiddate',
      'datepaid',
      'paymentdate',
      'paymenttime',
      'orderpaidat',
      'time',
      'datetime',
      'timestamp',
    ],
    ...[
      'orderdate',
      'eventtime',
      'ordertime',
      'purchasedate',
      'orderpurchasetimestamp',
      'invoicedate',
      'createdat',
      'createdtime',
    ],
    ...['date', 'datecreated', 'created', 'at', 'posteddatetime', 'transactiondate'],
    ...[
      '订单付款时间',
      '付款时间',
      '支付时间',
      '付款确认时间',
      '订单创建时间',
      '下单时间',
      '创建时间',
      '成交时间',
      '时间',
      '日期',
    ],
  ],
  'refund-time': ['refundedat', 'refunddate', 'refundtime', '退款时间', '退款完成时间'],
  kind: ['kind', 'type', 'eventtype', 'transactiontype', '类型', '交易类型'],
  status: [
    ...['status', 'orderstatus', 'financialstatus', 'paymentstatus', 'state', 'orderstate'],
    ...['订单状态', '交易状态', '状态', '支付状态'],
  ],
  currency: ['currency', 'currencycode', 'ordercurrency', 'ordercurrencycode', '币种', '货币'],
  channel: ['channel'],
  store: ['storeid'],
  coupon: ['couponid'],
  event: ['event', 'eventid'],
};

/** Times at which an order was paid: an order without one was not. */
const PAYMENT_TIMES = new Set([
  ...['paidat', 'paiddate', 'datepaid', 'paymentdate', 'paymenttime', 'orderpaidat'],
  ...['订单付款时间', '付款时间', '支付时间', '付款确认时间'],
]);

export const isPaymentTime = (header: string): boolean => PAYMENT_TIMES.has(headerKey(header));

const TOTALS = new Set(NAMES.total);

export const isTotal = (header: string): boolean => TOTALS.has(headerKey(header));

const ALL_NAMES = new Set(Object.values(NAMES).flat());

/** How many of a row's cells are names of columns that are known. */
export const knownNames = (cells: readonly string[]): number =>
  cells.filter((cell) => ALL_NAMES.has(headerKey(cell))).length;

/** The first of these names that is among the headers, as the file writes it; not one that stands there twice. */
export const findHeader = (headers: readonly string[], names: readonly string[]): string | undefined => {
  const keys = headers.map(headerKey);
  for (const name of names) {
    const at = keys.indexOf(name);
    if (at !== -1 && keys.lastIndexOf(name) === at) return headers[at];
  }
  return undefined;
};

/** How headers begin that say more than what a column is worth: `Total (incl. tax)`. */
const WORTH_BEGINNINGS = ['ordertotal', 'grandtotal', 'total', 'amount', '实付', '金额'];

/** The one header that begins like a column of amounts, where none has a known name. */
export const likeWorth = (headers: readonly string[]): string | undefined => {
  const found = headers.filter((header) =>
    WORTH_BEGINNINGS.some((beginning) => headerKey(header).startsWith(beginning)),
  );
  return found.length === 1 ? found[0] : undefined;
};

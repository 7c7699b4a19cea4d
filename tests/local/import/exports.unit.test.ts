/**
 * Files as shop systems and data sets write them, with all of their columns, and the events that are read from each of them
 * without an option.
 */
import iconv from 'iconv-lite';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../replay/files.ts';
import { brief, readOrders } from './read.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** The text of a table. Each row is given by the names of its columns; a column that is not named is empty. */
const table = (header: string, delimiter: string, rows: readonly Record<string, string>[]): string => {
  const columns = header.split(delimiter);
  const cells = rows.map((row) => columns.map((column) => row[column] ?? '').join(delimiter));
  return `${[header, ...cells].join('\r\n')}\r\n`;
};

const SHOPIFY =
  'Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Zip,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Phone,Receipt Number,Duties';
const TAOBAO =
  '订单编号,买家会员名,买家支付宝账号,支付单号,支付详情,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址,运送方式,联系电话,联系手机,订单创建时间,订单付款时间,宝贝标题,宝贝种类,物流单号,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,退款金额,确认收货时间,打款商家金额';
const JD =
  '订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号,客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,商家备注,商家备注等级（等级1-5为由高到低）,运费金额,付款确认时间,增值税发票,货号,订单完成时间,订单来源';
const AMAZON =
  'amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\torder-channel\turl\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tis-business-order\tpurchase-order-number\tprice-designation';
const SETTLEMENT =
  'settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\tamount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time\torder-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\tpromotion-id';
const WOO =
  'order_id,order_number,order_number_formatted,date,status,shipping_total,shipping_tax_total,fee_total,tax_total,discount_total,order_total,refunded_total,order_currency,payment_method,shipping_method,customer_id,billing_first_name,billing_email,line_items,refunds,order_notes';
const MAGENTO_GRID =
  'ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,Action,Customer Email,Subtotal,Total Refunded,Allocated sources';

const shopify = (name: string, rest: Record<string, string>): Record<string, string> => ({
  Name: name,
  Email: 'a@x.com',
  Currency: 'USD',
  'Paid at': '2025-11-11 00:05:12 -0500',
  'Created at': '2025-11-11 00:05:10 -0500',
  'Billing Zip': "'90210",
  Notes: '"a note\nof two lines, with a comma"',
  Vendor: 'Acme',
  ...rest,
});
const taobao = (id: string, rest: Record<string, string>): Record<string, string> => ({
  订单编号: `="${id}"`,
  买家会员名: '甲𠮷',
  订单创建时间: '2025-11-11 00:00:01',
  店铺名称: '某某旗舰店',
  联系手机: "'13800000000",
  买家留言: '"想要红色,尽快"',
  打款商家金额: '199.00元',
  ...rest,
});
const jd = (id: string, rest: Record<string, string>): Record<string, string> => ({
  订单号: id,
  下单帐号: 'jd_a',
  下单时间: '2025-11-11 00:00:01',
  付款确认时间: '2025-11-11 00:00:09',
  订单状态: '完成',
  ...rest,
});
const amazon = (id: string, rest: Record<string, string>): Record<string, string> => ({
  'amazon-order-id': id,
  'purchase-date': '2025-11-11T08:05:12+00:00',
  'order-status': 'Shipped',
  'item-status': 'Shipped',
  'sales-channel': 'Amazon.com',
  'product-name': 'A "large" 6" mug',
  asin: 'B001',
  currency: 'USD',
  ...rest,
});
const settled = (order: string, type: string, amount: string): Record<string, string> => ({
  'settlement-id': '123',
  'transaction-type': 'Order',
  'order-id': order,
  'amount-type': type,
  'amount-description': 'Principal',
  amount,
  'posted-date': '11.11.2025',
  'posted-date-time': '11.11.2025 00:00:05 UTC',
});
const woo = (id: string, rest: Record<string, string>): Record<string, string> => ({
  order_id: id,
  order_number: id,
  date: '2025-11-11 00:05:12',
  status: 'completed',
  order_currency: 'EUR',
  customer_id: '0',
  billing_email: 'ann@x.com',
  line_items: '"id:1|name:Mug|total:40"',
  ...rest,
});
const magento = (id: string, rest: Record<string, string>): Record<string, string> => ({
  ID: id,
  'Purchase Point': '"Main Website\n    Main Website Store\n        Default Store View"',
  'Purchase Date': '"Nov 11, 2025 12:05:12 AM"',
  'Customer Email': 'ann@x.com',
  'Grand Total (Base)': '59.9000',
  'Grand Total (Purchased)': '59.9000',
  Status: 'Complete',
  ...rest,
});

type Expected = {
  shape: string;
  events: string[];
  currency: string;
  refused?: RegExp[];
  members?: string[];
  ignored?: Record<string, number>;
};

const FILES: [name: string, content: string | Buffer, expected: Expected][] = [
  [
    'is read: Shopify, with rows of items, a partial refund, an order without an email address, and one paid in part',
    table(SHOPIFY, ',', [
      shopify('#1', { 'Financial Status': 'paid', Total: '52.50', 'Refunded Amount': '0.00' }),
      shopify('#1', { 'Paid at': '', Currency: '', Vendor: 'Bolt', 'Lineitem price': '15.00' }),
      shopify('#2', { 'Financial Status': 'partially_refunded', Total: '40.00', 'Refunded Amount': '15.00' }),
      shopify('#3', { 'Financial Status': 'voided', 'Paid at': '', Total: '9.00' }),
      shopify('#4', {
        'Financial Status': 'partially_paid',
        Total: '100.00',
        'Outstanding Balance': '60.00',
      }),
      shopify('#5', { 'Financial Status': 'paid', Email: '', Total: '10.00' }),
    ]),
    {
      shape: 'shopify-orders',
      events: ['#1 Acme paid 5250', '#2 Acme paid 4000', '#2 Acme refunded 1500', '#5 Acme paid 1000'],
      currency: 'USD',
      refused: [/^line \d+: status: .*got "partially_paid"$/],
      members: ['a@x.com', 'a@x.com', 'a@x.com', 'guest:#5'],
      ignored: { voided: 1 },
    },
  ],
  [
    'is read: Taobao 订单报表 in GB18030, four-byte characters included',
    iconv.encode(
      table(TAOBAO, ',', [
        taobao('2512345678901234567', {
          订单状态: '交易成功',
          买家实际支付金额: '199.00',
          订单付款时间: '2025-11-11 00:01:02',
          退款金额: '0.00',
        }),
        taobao('2512345678901234568', { 订单状态: '交易关闭', 买家实际支付金额: '0.00', 退款金额: '0.00' }),
        taobao('2512345678901234569', {
          订单状态: '交易关闭',
          买家实际支付金额: '35.50',
          订单付款时间: '2025-11-11 00:03:04',
          退款金额: '35.50',
        }),
        taobao('2512345678901234570', {
          订单状态: '卖家已发货，等待买家确认',
          买家实际支付金额: '88.00',
          订单付款时间: '2025-11-11 00:04:04',
          退款金额: '8.00',
        }),
      ]),
      'gb18030',
    ),
    {
      shape: 'taobao-orders',
      events: [
        '2512345678901234567 某某旗舰店 paid 19900',
        '2512345678901234569 某某旗舰店 paid 3550',
        '2512345678901234569 某某旗舰店 refunded 3550',
        '2512345678901234570 某某旗舰店 paid 8800',
        '2512345678901234570 某某旗舰店 refunded 800',
      ],
      currency: 'CNY',
      members: Array.from({ length: 5 }, () => '甲𠮷'),
    },
  ],
  [
    'is read: JD 订单导出 in GBK, with an order of two goods, an order deleted before it was paid, and a locked order',
    iconv.encode(
      table(JD, ',', [
        jd('201', { 商品名称: '杯', 京东价: '50.00', 应付金额: '75.00' }),
        jd('201', { 商品名称: '碗', 京东价: '30.00', 应付金额: '75.00' }),
        jd('202', { 京东价: '30.00', 应付金额: '30.00', 订单状态: '(删除)等待付款', 付款确认时间: '' }),
        jd('203', { 京东价: '30.00', 应付金额: '30.00', 订单状态: '(锁定)等待出库' }),
      ]),
      'gbk',
    ),
    { shape: 'jd-orders', events: ['201 shop paid 7500', '203 shop paid 3000'], currency: 'CNY' },
  ],
  [
    'is read: Amazon’s report of all orders, with inch marks, a promotion and an item cancelled within an order',
    table(AMAZON, '\t', [
      amazon('111-1', { quantity: '2', 'item-price': '20.00', 'item-promotion-discount': '2.00' }),
      amazon('111-1', { quantity: '0', 'item-price': '5.00', 'item-status': 'Cancelled' }),
      amazon('111-2', { 'order-status': 'Cancelled', 'item-status': 'Cancelled', currency: '' }),
      amazon('111-3', { 'order-status': 'Pending', 'item-status': 'Unshipped', 'item-price': '10.00' }),
      amazon('111-4', { 'order-status': 'Unshipped', 'item-status': 'Unshipped', 'item-price': '10.00' }),
    ]),
    {
      shape: 'amazon-orders',
      events: ['111-1 Amazon.com paid 1800', '111-4 Amazon.com paid 1000'],
      currency: 'USD',
      ignored: { 'item-status Cancelled': 2, Pending: 1 },
    },
  ],
  [
    'is read: an Amazon settlement from Germany, whose currency stands on its first row alone',
    table(SETTLEMENT, '\t', [
      { 'settlement-id': '123', 'total-amount': '104,01', currency: 'EUR' },
      settled('305-1', 'ItemPrice', '129,90'),
      settled('305-1', 'ItemPrice', '4,99'),
      settled('305-1', 'Promotion', '-4,99'),
      settled('305-1', 'ItemFees', '-19,49'),
      { ...settled('305-2', 'ItemPrice', '-30,00'), 'transaction-type': 'Refund' },
      settled('', 'other-transaction', '-39,00'),
    ]),
    {
      shape: 'amazon-settlement',
      events: ['305-1 amazon paid 12990', '305-2 amazon refunded 3000'],
      currency: 'EUR',
    },
  ],
  [
    'is read: WooCommerce, whose guests are customer 0, with a refund in part and one in full',
    table(WOO, ',', [
      woo('71', { order_total: '45.00', refunded_total: '0' }),
      woo('72', { order_total: '20.00', refunded_total: '5.00', status: 'processing' }),
      woo('73', { order_total: '20.00', refunded_total: '20.00', status: 'refunded', customer_id: '17' }),
      woo('74', { order_total: '20.00', refunded_total: '0', status: 'failed' }),
    ]),
    {
      shape: 'woocommerce-orders',
      events: [
        '71 shop paid 4500',
        '72 shop paid 2000',
        '72 shop refunded 500',
        '73 shop paid 2000',
        '73 shop refunded 2000',
      ],
      currency: 'EUR',
      members: ['guest:71', 'guest:72', 'guest:72', '17', '17'],
    },
  ],
  [
    'is read: a report from WooCommerce, where refunds are negative rows of their order',
    [
      'Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue,Attribution',
      '"2025-11-11 00:05:12",1001,$45.00,completed,Ann Lee,new,"1× Mug, 2× Cup",3,,45,Direct',
      '"2025-11-11 00:06:12",1002,"$1,045.50",processing,Bob,returning,1× Desk,1,,1045.5,Direct',
      '"2025-11-11 00:07:12",1002,-$45.50,completed,Bob,returning,1× Desk,-1,,-45.5,Direct',
    ].join('\n'),
    {
      shape: 'woocommerce-orders',
      events: ['1001 shop paid 4500', '1002 shop paid 104550', '1002 shop refunded 4550'],
      currency: 'USD',
    },
  ],
  [
    'is read: the grid of orders of Magento 2',
    table(MAGENTO_GRID, ',', [
      magento('000000001', { 'Grand Total (Base)': '1299.0000', 'Grand Total (Purchased)': '1299.0000' }),
      magento('000000002', { 'Purchase Date': '"Nov 11, 2025 1:05:12 PM"', Status: 'Closed' }),
      magento('000000003', { Status: 'Suspected Fraud' }),
    ]),
    {
      shape: 'magento-sales-order',
      events: ['000000001 shop paid 129900', '000000002 shop paid 5990', '000000002 shop refunded 5990'],
      currency: 'CNY',
      ignored: { 'Suspected Fraud': 1 },
    },
  ],
  [
    'is read: Global Superstore in windows-1252, whose dates have the day first',
    iconv.encode(
      [
        'Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,City,State,Country,Postal Code,Market,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit,Shipping Cost,Order Priority',
        '1,CA-2012-1,31-07-2012,31-07-2012,Same Day,RH-1,Rick,Consumer,São Paulo,NY,US,10024,US,East,T,Technology,Accessories,"Bush® 6"" wide",2309.65,7,0,762.1845,933.57,Critical',
        '2,IN-2013-7,05-02-2013,07-02-2013,Second Class,JR-1,Justin,Corporate,Wollongong,NSW,AU,,APAC,Oceania,F,Furniture,Chairs,"Chair, Black",3709.395,9,0.1,-288.765,923.63,Critical',
      ].join('\n'),
      'win1252',
    ),
    {
      shape: 'superstore',
      events: ['CA-2012-1 Accessories paid 230965', 'IN-2013-7 Chairs paid 370940'],
      currency: 'USD',
    },
  ],
  [
    "is read: Kaggle's report of Amazon in India, with a parcel that came back",
    [
      'index,Order ID,Date,Status,Fulfilment,Sales Channel ,ship-service-level,Style,SKU,Category,Size,ASIN,Courier Status,Qty,currency,Amount,ship-city,ship-state,ship-postal-code,ship-country,promotion-ids,B2B,fulfilled-by,Unnamed: 22',
      '0,405-1,04-30-22,Cancelled,Merchant,Amazon.in,Standard,S,S-KR,Set,S,B09,,0,INR,647.62,MUMBAI,MAHARASHTRA,400081.0,IN,,False,Easy Ship,',
      '1,171-1,04-30-22,Shipped - Delivered to Buyer,Merchant,Amazon.in,Standard,J,J-1,kurta,3XL,B09K,Shipped,1,INR,406.0,BENGALURU,KARNATAKA,560085.0,IN,"PLCC, x",False,Easy Ship,',
      '2,404-1,04-02-22,Shipped - Returned to Seller,Amazon,Amazon.in,Expedited,J,J-2,kurta,XL,B07W,Shipped,1,INR,329.0,NAVI MUMBAI,MAHARASHTRA,410210.0,IN,,True,,False',
    ].join('\n'),
    {
      shape: 'amazon-orders',
      events: ['171-1 kurta paid 40600', '404-1 kurta paid 32900', '404-1 kurta refunded 32900'],
      currency: 'INR',
    },
  ],
];

describe('a file as its system exports it', () => {
  it.each(FILES)('%s', async (_name, content, { shape, events, currency, refused = [], ...rest }) => {
    const found = await readOrders(directory.write('export.csv', content));
    expect(found.mapping.shape).toBe(shape);
    expect(brief(found.events)).toEqual(events);
    expect(found.totals.currency).toBe(currency);
    expect(found.refused).toHaveLength(refused.length);
    for (const [i, pattern] of refused.entries()) expect(found.refused[i]).toMatch(pattern);
    if (rest.members !== undefined) expect(found.events.map(({ member }) => member)).toEqual(rest.members);
    if (rest.ignored !== undefined) expect(found.totals.ignored).toEqual(rest.ignored);
  });

  it('is refused as a whole if Magento’s totals are in several currencies and no column says so', async () => {
    const content = table(MAGENTO_GRID, ',', [
      magento('1', {}),
      magento('2', { 'Grand Total (Purchased)': '55.0000' }),
    ]);
    await expect(readOrders(directory.write('grid.csv', content))).rejects.toThrow(
      'expected orders in one currency, got 1 row on which "Grand Total (Base)" and "Grand Total (Purchased)" differ',
    );
  });

  it('has those rows refused in which WooCommerce writes refunds as a list, because such a list cannot be read', async () => {
    const content = [
      'order_id,order_number,order_date,paid_date,status,order_total,order_currency,payment_method_title,customer_id,billing_email,refund_items',
      '1,1,2025-11-11 00:05:12,2025-11-11 00:05:20,completed,45.00,USD,PayPal,3,ann@x.com,',
      '2,2,2025-11-11 00:05:12,2025-11-11 00:05:20,completed,40.00,USD,PayPal,3,ann@x.com,amount:10.00|reason:x',
    ].join('\n');
    const found = await readOrders(directory.write('woo.csv', content));
    expect(brief(found.events)).toEqual(['1 shop paid 4500']);
    expect(found.refused).toEqual([
      'line 3: refund: expected an amount such as 1.23, got "amount:10.00|reason:x"',
    ]);
  });
});

describe('a data set without what an order needs', () => {
  it.each([
    [
      'Instacart',
      'order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order',
      'no column found for time, amount',
    ],
    [
      'theLook, orders',
      'order_id,user_id,status,gender,created_at,returned_at,num_of_item',
      'no column found for amount',
    ],
    [
      'an old 宝贝报表',
      '订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码',
      'no column found for time',
    ],
    [
      'REES46',
      'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session',
      'no column found for order',
    ],
    [
      'a bank',
      'Buchungstag;Valutadatum;Auftraggeber;Verwendungszweck;Betrag;Währung',
      'no column found for order',
    ],
  ])('is refused, and the error names the missing columns: %s', async (_name, header, message) => {
    const row = header.replaceAll(/[^,;]+/g, '1');
    await expect(readOrders(directory.write('lacking.csv', `${header}\n${row}\n`))).rejects.toThrow(message);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { afterAll, describe, expect, it } from 'vitest';
import type { Values } from '#local/cli/options.ts';
import { SHAPES } from '#local/import/shapes.ts';
import { temporaryDirectory } from '../replay/files.ts';
import { brief, type Read, readOrders } from './read.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

let files = 0;
const read = (content: string | Buffer, options: Values = {}): Promise<Read> =>
  readOrders(directory.write(`orders-${files++}.csv`, content), options);

const lines = (...rows: string[]): string => `${rows.join('\n')}\n`;

const TAOBAO = [
  '订单编号,买家会员名,店铺名称,买家实际支付金额,订单付款时间,订单状态,',
  '="2512345678901234567",甲,旗舰店,199.00,2026-11-11 00:01:02,交易成功,',
  '="2512345678901234568",乙,旗舰店,0.00,,交易关闭,',
  '="2512345678901234569",丙,旗舰店,35.5,2026-11-11 00:03:04,交易关闭,',
].join('\r\n');

/** A small file of each shape, and the events that it gives. */
const FILES: Record<string, { content: string; events: string[]; currency: string; firstTime: string }> = {
  'shopify-orders': {
    content: lines(
      'Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Lineitem quantity,Lineitem name,Lineitem price,Vendor,Refunded Amount',
      '#1,a@x.com,paid,2026-11-11 00:01:00 -0500,USD,30.00,32.50,1,Mug,10.00,A,0.00',
      '#1,a@x.com,,,,,,2,Cup,10.00,B,',
      '#2,b@x.com,partially_refunded,2026-11-11 00:02:00 -0500,USD,20.00,20.00,1,Hat,20.00,A,5.00',
      '#3,c@x.com,refunded,2026-11-11 00:02:00 -0500,USD,20.00,20.00,1,Hat,20.00,A,20.00',
      '#4,,pending,,USD,9.00,9.00,1,Pin,9.00,A,0.00',
      '#4,,,,,,,1,Pin,9.00,A,',
    ),
    events: ['#1 A paid 3250', '#2 A paid 2000', '#2 A refunded 500', '#3 A paid 2000', '#3 A refunded 2000'],
    currency: 'USD',
    firstTime: '2026-11-11T05:01:00.000Z',
  },
  'magento-sales-order': {
    content: lines(
      'entity_id,increment_id,customer_id,store_id,created_at,grand_total,base_currency_code,order_currency_code,status,total_refunded',
      '1,000000001,17,1,2025-11-10 16:00:05,1299.0000,CNY,CNY,complete,',
      '2,000000002,NULL,1,2025-11-10 16:01:05,59.9000,CNY,CNY,processing,NULL',
      '3,000000003,18,2,2025-11-10 16:02:05,100.1200,CNY,CNY,closed,100.1200',
      '4,000000004,18,2,2025-11-10 16:02:05,10.0000,CNY,CNY,canceled,',
    ),
    events: [
      '000000001 1 paid 129900',
      '000000002 1 paid 5990',
      '000000003 2 paid 10012',
      '000000003 2 refunded 10012',
    ],
    currency: 'CNY',
    firstTime: '2025-11-10T16:00:05.000Z',
  },
  'woocommerce-orders': {
    content: lines(
      'Order Number,Order Status,Order Date,Email (Billing),Order Currency,Order Total Amount,Order Refund Amount,Item Name,Quantity,Item Cost',
      '11,Completed,2025-11-11 00:00:05,a@x.com,EUR,30.00,0,Mug,1,10',
      '11,Completed,2025-11-11 00:00:05,a@x.com,EUR,30.00,0,Cup,2,10',
      '12,wc-refunded,2025-11-11 00:00:06,,EUR,8.00,8.00,Cup,1,8',
      '13,On hold,2025-11-11 00:00:07,c@x.com,EUR,9.00,0,Cup,1,9',
    ),
    events: ['11 shop paid 3000', '12 shop paid 800', '12 shop refunded 800'],
    currency: 'EUR',
    firstTime: '2025-11-11T00:00:05.000Z',
  },
  'taobao-orders': {
    content: TAOBAO,
    events: [
      '2512345678901234567 旗舰店 paid 19900',
      '2512345678901234569 旗舰店 paid 3550',
      '2512345678901234569 旗舰店 refunded 3550',
    ],
    currency: 'CNY',
    firstTime: '2026-11-10T16:01:02.000Z',
  },
  'taobao-items': {
    content: lines(
      '子订单编号,主订单编号,标题,价格,购买数量,订单状态,买家应付货款,买家实际支付金额,退款状态,退款金额,订单创建时间,订单付款时间',
      '="21","=""20""",杯,50.00,2,交易成功,100.00,100.00,没有申请退款,0.00,2026-11-11 00:00:01,2026-11-11 00:01:02',
      '="22","=""20""",碗,30.00,1,交易成功,30.00,28.00,退款成功,28.00,2026-11-11 00:00:01,2026-11-11 00:01:02',
      '="31","=""30""",碗,30.00,1,等待买家付款,30.00,0.00,没有申请退款,0.00,2026-11-11 00:00:01,',
    ),
    events: ['20 shop paid 12800', '20 shop refunded 2800'],
    currency: 'CNY',
    firstTime: '2026-11-10T16:01:02.000Z',
  },
  'jd-orders': {
    content: lines(
      '订单号,商品ID,商品名称,订购数量,下单时间,京东价,订单金额,应付金额,订单状态,下单帐号,付款确认时间,商家ID',
      '201,9,杯,1,2026-11-11 00:00:00,50.00,80.00,75.00,完成,jd_a,2026-11-11 00:00:09,m1',
      '201,8,碗,1,2026-11-11 00:00:00,30.00,80.00,75.00,完成,jd_a,2026-11-11 00:00:09,m1',
      '202,8,碗,1,2026-11-11 00:00:00,30.00,30.00,30.00,(删除)等待付款,jd_b,,m1',
    ),
    events: ['201 m1 paid 7500'],
    currency: 'CNY',
    firstTime: '2026-11-10T16:00:09.000Z',
  },
  'shopify-transactions': {
    content: lines(
      'Order,Name,Kind,Gateway,Created At,Status,Amount,Currency,Card Type',
      '5512,#1,authorization,shopify_payments,2025-11-11 00:05:12 -0500,success,45.00,USD,visa',
      '5512,#1,capture,shopify_payments,2025-11-11 00:06:12 -0500,success,45.00,USD,visa',
      '5513,#2,sale,paypal,2025-11-11 00:07:12 -0500,success,20.00,USD,',
      '5513,#2,refund,paypal,2025-11-12 00:07:12 -0500,success,5.00,USD,',
      '5514,#3,sale,paypal,2025-11-11 00:08:12 -0500,failure,20.00,USD,',
      '5515,#4,void,shopify_payments,2025-11-11 00:08:12 -0500,success,0.00,USD,visa',
    ),
    events: ['#1 shop paid 4500', '#2 shop paid 2000', '#2 shop refunded 500'],
    currency: 'USD',
    firstTime: '2025-11-11T05:06:12.000Z',
  },
  'magento-1-grid': {
    content: lines(
      '"Order #","Purchased From (Store)","Purchased On","Bill to Name","Ship to Name","G.T. (Base)","G.T. (Purchased)","Status"',
      '1,"Main\n   Store","Nov 11, 2025 12:05:12 AM",Ann,Ann,"$1,299.00","$1,299.00",Complete',
      '2,"Main\n   Store","Nov 11, 2025 1:05:12 PM",Bo,Bo,$5.00,$5.00,Closed',
    ),
    events: ['1 shop paid 129900', '2 shop paid 500', '2 shop refunded 500'],
    currency: 'USD',
    firstTime: '2025-11-11T00:05:12.000Z',
  },
  'magento-invoices': {
    content: lines(
      'Invoice,Invoice Date,Order #,Order Date,Bill-to Name,Status,Grand Total (Base),Grand Total (Purchased),Purchased From',
      '7,"Nov 11, 2025 12:05:12 AM",1,"Nov 11, 2025 12:05:10 AM",Ann,Paid,45.0000,45.0000,Main',
      '8,"Nov 12, 2025 12:05:12 AM",1,"Nov 11, 2025 12:05:10 AM",Ann,Paid,5.0000,5.0000,Main',
      '9,"Nov 12, 2025 12:05:12 AM",2,"Nov 11, 2025 12:05:10 AM",Bo,Canceled,5.0000,5.0000,Main',
    ),
    events: ['1 Main paid 5000'],
    currency: 'CNY',
    firstTime: '2025-11-11T00:05:12.000Z',
  },
  'woocommerce-table': {
    content: lines(
      'id,status,currency,type,tax_amount,total_amount,customer_id,billing_email,date_created_gmt,date_updated_gmt,parent_order_id,payment_method',
      '71,wc-completed,EUR,shop_order,0.00000000,45.00000000,3,ann@x.com,2025-11-11 00:05:12,2025-11-11 00:06:12,0,paypal',
      '72,wc-completed,EUR,shop_order_refund,0.00000000,-5.00000000,0,,2025-11-12 00:05:12,2025-11-12 00:06:12,71,',
    ),
    events: ['71 shop paid 4500', '71 shop refunded 500'],
    currency: 'EUR',
    firstTime: '2025-11-11T00:05:12.000Z',
  },
  'woocommerce-stats': {
    content: lines(
      'order_id,parent_id,date_created,date_created_gmt,num_items_sold,total_sales,tax_total,shipping_total,net_total,status,customer_id',
      '71,0,2025-11-11 01:05:12,2025-11-11 00:05:12,2,45,0,5,40,wc-refunded,3',
      '72,71,2025-11-12 01:05:12,2025-11-12 00:05:12,-2,-45,0,-5,-40,wc-completed,3',
    ),
    events: ['71 shop paid 4500', '71 shop refunded 4500'],
    currency: 'CNY',
    firstTime: '2025-11-11T00:05:12.000Z',
  },
  'tmall-order-report': {
    content: lines(
      '订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额',
      '1,178.80,0.00,上海,2020/2/21 0:00,,0.00',
      '2,21.00,21.00,内蒙古自治区,2020/2/20 23:59,2020/2/21 0:00,0.00',
      '3,37.00,0.00,安徽省,2020/2/20 23:59,2020/2/21 0:01,37.00',
      '4,157.00,127.00,湖南省,2020/2/20 23:57,2020/2/20 23:58,30.00',
    ),
    events: [
      ...['2 tmall paid 2100', '3 tmall paid 3700', '3 tmall refunded 3700'],
      ...['4 tmall paid 15700', '4 tmall refunded 3000'],
    ],
    currency: 'CNY',
    firstTime: '2020-02-20T16:00:00.000Z',
  },
  'jd-order-data': {
    content: lines(
      'order_ID,user_ID,sku_ID,order_date,order_time,quantity,type,promise,original_unit_price,final_unit_price,direct_discount_per_unit,gift_item',
      'd0,0a,58,2018-03-01,2018-03-01 17:14:25.0,1,2,-,89.0,79.0,0.0,0',
      'd0,0a,06,2018-03-01,2018-03-01 17:14:25.0,2,2,-,99.9,53.9,5.0,0',
      'd0,0a,07,2018-03-01,2018-03-01 17:14:25.0,1,1,2,78.0,0.0,78.0,1',
    ),
    events: ['d0 jd paid 18680'],
    currency: 'CNY',
    firstTime: '2018-03-01T09:14:25.000Z',
  },
  'amazon-order-history': {
    content: lines(
      'Website,Order ID,Order Date,Purchase Order Number,Currency,Unit Price,Total Owed,Shipment Item Subtotal,ASIN,Quantity,Order Status,Ship Date,Product Name',
      'Amazon.com,113-1,2023-11-24T15:04:05Z,Not Applicable,USD,12.99,27.58,25.98,B1,2,Closed,2023-11-25T20:11:00Z,Mug',
      'Amazon.com,113-1,2023-11-24T15:04:05Z,Not Applicable,USD,"1,099.00","\'1,069.00\'",25.98,B2,1,Closed,2023-11-25T20:11:00Z,TV',
      'Amazon.com,113-2,2023-11-25T15:04:05Z,Not Applicable,USD,5.00,0,Not Available,B3,0,Cancelled,Not Available,Cup',
    ),
    events: ['113-1 Amazon.com paid 109658'],
    currency: 'USD',
    firstTime: '2023-11-24T15:04:05.000Z',
  },
  'amazon-date-range-japan': {
    content: lines(
      '日付/時間,決済番号,トランザクションの種類,注文番号,SKU,数量,商品売上,プロモーション割引額,手数料,合計',
      '2025/11/11 0:05:12JST,1,注文,250-1,L,1,"1,980",-80,-200,"1,700"',
      '2025/11/12 0:05:12JST,1,返金,250-1,L,1,-500,0,50,-450',
      '2025/11/12 0:06:12JST,1,振込み,,,,0,0,0,"-1,100"',
    ),
    events: ['250-1 amazon paid 1900', '250-1 amazon refunded 500'],
    currency: 'JPY',
    firstTime: '2025-11-10T15:05:12.000Z',
  },
  'amazon-settlement': {
    content: lines(
      'settlement-id\tposted-date-time\torder-id\tamount-type\tamount-description\tamount\tsku\tcurrency',
      '1\t05.11.2025 00:00:05 UTC\t111-1\tItemPrice\tPrincipal\t129.90\tL-1\tEUR',
      '1\t05.11.2025 00:00:05 UTC\t111-1\tPromotion\tPrincipal\t-9.90\tL-1\tEUR',
      '1\t05.11.2025 00:00:05 UTC\t111-1\tItemFees\tCommission\t-19.49\tL-1\tEUR',
      '1\t06.11.2025 00:00:05 UTC\t111-1\tItemPrice\tPrincipal\t-129.90\tL-1\tEUR',
      '1\t2025-11-11T00:09:05+00:00\t111-2\tItemPrice\tPrincipal\t1,299.00\tJ-1\tEUR',
    ),
    events: ['111-1 amazon paid 12000', '111-1 amazon refunded 12990', '111-2 amazon paid 129900'],
    currency: 'EUR',
    firstTime: '2025-11-05T00:00:05.000Z',
  },
  'amazon-date-range': {
    content: lines(
      'Includes Amazon Marketplace and Fulfillment by Amazon (FBA) transactions',
      'All amounts in USD, unless specified',
      '"date/time","settlement id","type","order id","sku","quantity","product sales","promotional rebates","selling fees","total"',
      '"Nov 11, 2025 12:05:12 AM PST",1,Order,111-1,L,1,20.00,-2.00,-3.00,15.00',
      '"Nov 12, 2025 12:05:12 PM PST",1,Refund,111-1,L,1,-20.00,2.00,3.00,-15.00',
      '"Nov 12, 2025 12:06:12 PM PST",1,Transfer,,,,0,0,0,"-1,100.00"',
    ),
    events: ['111-1 amazon paid 1800', '111-1 amazon refunded 1800'],
    currency: 'USD',
    firstTime: '2025-11-11T08:05:12.000Z',
  },
  'amazon-orders': {
    content: lines(
      'amazon-order-id\tpurchase-date\torder-status\tsku\tasin\tquantity\tcurrency\titem-price\tbuyer-email',
      '111-1\t2025-11-11T00:00:05+00:00\tShipped\tL\tB0\t2\tUSD\t20.00\ta@x.com',
      '111-1\t2025-11-11T00:00:05+00:00\tShipped\tJ\tB1\t1\tUSD\t5.00\ta@x.com',
      '111-2\t2025-11-11T00:00:06+00:00\tCancelled\tJ\tB1\t0\t\t\tb@x.com',
    ),
    events: ['111-1 amazon paid 2500'],
    currency: 'USD',
    firstTime: '2025-11-11T00:00:05.000Z',
  },
  'amazon-order-lines': {
    content: lines(
      'amazon-order-id\tpurchase-date\torder-status\tsku\tquantity\tcurrency\titem-price\tbuyer-email',
      '111-1\t2025-11-11T00:00:05+00:00\tShipped\tL\t2\tUSD\t20.00\ta@x.com',
      '111-2\t2025-11-11T00:00:06+00:00\tCancelled\tJ\t0\t\t\tb@x.com',
    ),
    events: ['111-1 amazon paid 2000'],
    currency: 'USD',
    firstTime: '2025-11-11T00:00:05.000Z',
  },
  'amazon-open-orders': {
    content: lines(
      'order-id\torder-item-id\tpurchase-date\tpayments-date\tbuyer-email\tsku\tproduct-name\tquantity-purchased\tcurrency\titem-price',
      '305-1\t1\t2025-11-11T08:05:12+00:00\t2025-11-11T08:06:12+00:00\ta@x.com\tM\tMug 6" blue\t2\tEUR\t40.00',
      '305-1\t2\t2025-11-11T08:05:12+00:00\t2025-11-11T08:06:12+00:00\ta@x.com\tC\tCup\t1\tEUR\t5.00',
    ),
    events: ['305-1 amazon paid 4500'],
    currency: 'EUR',
    firstTime: '2025-11-11T08:05:12.000Z',
  },
  'uci-online-retail': {
    content: lines(
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '536365,85123A,"HOLDER, WHITE",6,12/1/2010 8:26,2.55,17850,United Kingdom',
      '536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom',
      '536366,71053,LANTERN,1,12/2/2010 8:26,3.39,,United Kingdom',
      'C536383,35004C,SET,-1,12/1/2010 9:49,4.65,15311,United Kingdom',
    ),
    events: [
      '536365 online-retail paid 3564',
      '536366 online-retail paid 339',
      'C536383 online-retail refunded 465',
    ],
    currency: 'GBP',
    firstTime: '2010-12-01T08:26:00.000Z',
  },
  'thelook-order-items': {
    content: lines(
      'id,order_id,user_id,product_id,inventory_item_id,status,created_at,shipped_at,delivered_at,returned_at,sale_price',
      '1,10,100,1,1,Complete,2023-05-01 10:32:00+00:00,,,,0.019999999552965164',
      '2,10,100,2,2,Complete,2023-05-01 10:32:00+00:00,,,,14.779999732971191',
      '3,11,101,2,3,Returned,2023-05-01 10:33:00.123456+00:00,,,2023-05-09 11:00:00+00:00,30.5',
      '4,12,101,2,4,Cancelled,2023-05-01 10:33:00 UTC,,,,30.5',
    ),
    events: ['10 thelook paid 1480', '11 thelook paid 3050', '11 thelook refunded 3050'],
    currency: 'USD',
    firstTime: '2023-05-01T10:32:00.000Z',
  },
  superstore: {
    content: lines(
      'Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Category,Sub-Category,Sales,Quantity,Discount,Profit',
      '1,CA-1,11/8/2016,11/11/2016,Second Class,CG-1,Claire,Furniture,Chairs,261.965,2,0,41.9136',
      '2,CA-1,11/8/2016,11/11/2016,Second Class,CG-1,Claire,Furniture,Chairs,0.035,3,0,219.582',
      '3,CA-2,6/16/2016,6/17/2016,Second Class,DV-1,Darrin,Office,Labels,14.62,2,0,6.8714',
    ),
    events: ['CA-1 Chairs paid 26200', 'CA-2 Labels paid 1462'],
    currency: 'USD',
    firstTime: '2016-11-08T00:00:00.000Z',
  },
  'superstore-chinese': {
    content: lines(
      '行 ID,订单 ID,订单日期,装运日期,装运模式,客户 ID,客户名称,类别,子类别,产品名称,销售额,数量,折扣,利润',
      '1,US-1,2018/4/27,2018/4/29,二级,曾惠-14485,曾惠,办公用品,用品,"剪刀, 蓝色",129.696,2,0.4,-60.704',
      '2,CN-2,2018/6/15,2018/6/19,标准级,许安-10165,许安,办公用品,信封,"信封, 红色",125.44,2,0,42.56',
    ),
    events: ['US-1 用品 paid 12970', 'CN-2 信封 paid 12544'],
    currency: 'CNY',
    firstTime: '2018-04-27T00:00:00.000Z',
  },
  'superstore-german': {
    content: lines(
      'Zeilen-ID;Bestell-ID;Bestelldatum;Versanddatum;Versandart;Kunden-ID;Kategorie;Unterkategorie;Umsatz;Anzahl;Rabatt',
      '1;ES-1;13.11.2019;15.11.2019;Standard;K1;Möbel;Stühle;1.261,965;2;0',
      '2;ES-1;13.11.2019;15.11.2019;Standard;K1;Möbel;Stühle;0,035;2;0,1',
    ),
    events: ['ES-1 Stühle paid 126200'],
    currency: 'EUR',
    firstTime: '2019-11-13T00:00:00.000Z',
  },
  'superstore-french': {
    content: lines(
      "ID ligne;ID commande;Date de commande;Date d'expédition;ID client;Catégorie;Sous-catégorie;Ventes;Quantité;Remise",
      '1;ES-1;13/11/2019;15/11/2019;K1;Mobilier;Chaises;61,965;2;0',
      '2;ES-2;13/11/2019;15/11/2019;K1;Mobilier;Chaises;1,5;2;0',
    ),
    events: ['ES-1 Chaises paid 6196', 'ES-2 Chaises paid 150'],
    currency: 'EUR',
    firstTime: '2019-11-13T00:00:00.000Z',
  },
  'olist-orders': {
    content: lines(
      'order_id,customer_unique_id,order_status,order_purchase_timestamp,seller_id,price,freight_value',
      'a,c1,delivered,2017-10-02 10:56:33,s1,29.99,8.72',
      'b,c2,canceled,2017-10-02 10:56:33,s1,10.00,1.00',
    ),
    events: ['a s1 paid 2999', 'b s1 paid 1000', 'b s1 refunded 1000'],
    currency: 'BRL',
    firstTime: '2017-10-02T13:56:33.000Z',
  },
};

describe('a known shape', () => {
  it('has a file here by which it is tested', () => {
    expect(Object.keys(FILES).sort()).toEqual(SHAPES.map(({ name }) => name).sort());
  });

  it.each(Object.entries(FILES))(
    'is recognised and read without options: %s',
    async (name, { content, ...expected }) => {
      const { mapping, events, totals, refused } = await read(content);
      expect(mapping.shape).toBe(name);
      expect(refused).toEqual([]);
      expect(brief(events)).toEqual(expected.events);
      expect(totals.currency).toBe(expected.currency);
      expect(events[0]?.time).toBe(expected.firstTime);
    },
  );

  it('is read in the same way again when its mapping is given', async () => {
    for (const { content } of Object.values(FILES)) {
      const first = await read(content);
      const mapping = directory.write('mapping.json', JSON.stringify(first.mapping));
      const again = await read(content, { mapping });
      expect({ events: brief(again.events), totals: again.totals }).toEqual({
        events: brief(first.events),
        totals: first.totals,
      });
    }
  });
});

describe('a table of Olist on its own', () => {
  it.each([
    'order_id,customer_id,order_status,order_purchase_timestamp',
    'order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value',
  ])('with %s is refused, and the message says how to join it', async (header) => {
    await expect(read(lines(header, header.replaceAll(/[^,]+/g, 'x')))).rejects.toThrow(
      'npm run olist -- DIR',
    );
  });
});

describe('a file of orders', () => {
  const PLAIN = ['order,member,shop,amount,time', '1,u1,店,1.50,2026-11-11 00:01:00'];
  const plain = lines(...PLAIN);
  const bom = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

  it.each<[string, string | Buffer, string]>([
    ['with a byte order mark', `\ufeff${plain}`, 'utf-8'],
    ['in UTF-16 with a mark', bom(plain), 'utf-16le'],
    ['in UTF-16 without a mark', Buffer.from(plain, 'utf16le'), 'utf-16le'],
    ['in big-endian UTF-16', iconv.encode(plain, 'utf-16be', { addBOM: true }), 'utf-16be'],
    ['compressed', gzipSync(plain), 'utf-8'],
    ['with CRLF', plain.replaceAll('\n', '\r\n'), 'utf-8'],
    ['with CR alone', plain.replaceAll('\n', '\r'), 'utf-8'],
    ['with tabs', plain.replaceAll(',', '\t'), 'utf-8'],
    ['with pipes', plain.replaceAll(',', '|'), 'utf-8'],
    ['with semicolons and decimal commas', plain.replaceAll(',', ';').replace('1.50', '1,50'), 'utf-8'],
    ['with a line that names the delimiter', `sep=;\r\n${plain.replaceAll(',', ';')}`, 'utf-8'],
    ['with a delimiter at the end of rows', plain.replace('00\n', '00,\n'), 'utf-8'],
    ['with a delimiter at the end of all lines', plain.replaceAll('\n', ',\n'), 'utf-8'],
    ['with formulas', plain.replace('\n1,', '\n="1",'), 'utf-8'],
    ['with quoted formulas', plain.replace('\n1,', '\n"=""1""",'), 'utf-8'],
    ['with text above the header', `Report of orders\n\nfrom,2026\n${plain}`, 'utf-8'],
  ])('gives the same events %s', async (_what, content, encoding) => {
    const found = await read(content);
    expect(found.encoding).toBe(encoding);
    expect(brief(found.events)).toEqual(['1 店 paid 150']);
    expect(found.refused).toEqual([]);
  });

  it('in GB18030 is recognised by its words, and one in Latin 1 by its letters', async () => {
    expect((await read(iconv.encode(TAOBAO, 'gb18030'))).events[0]?.member).toBe('甲');
    const latin = await read(iconv.encode(plain.replace('店', 'Café Müller'), 'latin1'));
    expect(latin.events[0]?.brand).toBe('Café Müller');
    const named = await read(iconv.encode(plain, 'gbk'), { encoding: 'gbk' });
    expect(named.events[0]?.brand).toBe('店');
  });

  it.each<[string, Buffer, string]>([
    [
      'xlsx',
      Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.from('....[Content_Types].xml')]),
      'an Excel workbook (xlsx)',
    ],
    ['zip', Buffer.from('PK\u0003\u0004....orders.csv'), 'a zip archive'],
    ['xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'an old Excel workbook'],
    ['HTML', Buffer.from('<html><table>'), 'HTML or XML'],
  ])('as %s is refused, and the message names the format', async (_what, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it('may have a column with a comma in its name', async () => {
    const content = lines(
      'order,member,shop,"Total (incl. tax, shipping)",time',
      '1,u1,s,1.00,2026-11-11 00:01:00',
    );
    expect(brief((await read(content)).events)).toEqual(['1 s paid 100']);
    const columns = 'order=order,member=member,brand=shop,amount="Total (incl. tax, shipping)",time=time';
    expect(brief((await read(content, { columns })).events)).toEqual(['1 s paid 100']);
  });
});

describe('a mapping file', () => {
  it.each([
    ['{', /--mapping .*: /],
    ['{"version":2}', /--mapping .*: version: /],
  ])('that holds %s is refused', async (content, message) => {
    const mapping = directory.write('bad.json', content);
    await expect(read(TAOBAO, { mapping })).rejects.toThrow(message);
  });

  it('that is not there is named in the error, and so is a column that a mapping names and the file lacks', async () => {
    await expect(read(TAOBAO, { mapping: '/nowhere/m.json' })).rejects.toThrow(
      '/nowhere/m.json: no such file',
    );
    const { mapping } = await read(TAOBAO);
    const file = directory.write('taobao.json', JSON.stringify(mapping));
    await expect(read('a,b\n1,2\n', { mapping: file })).rejects.toThrow('no column "订单编号"');
  });

  it('is plain JSON', async () => {
    const { mapping } = await read(TAOBAO);
    const file = directory.write('plain.json', JSON.stringify(mapping));
    expect(JSON.parse(readFileSync(join(file), 'utf8'))).toEqual(mapping);
  });
});

/** Tables of orders in forms of no particular system: each is read correctly, or refused with a reason. */
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../replay/files.ts';
import { contentOf, expectKind, type Kind } from './kind.ts';
import { readOrders } from './read.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const HEAD = 'order,member,brand,amount,time';
const plain = (amount: string): string[] => [HEAD, `1,a,s,"${amount}",2025-11-11 00:00:01`];
const timed = (time: string): string[] => [HEAD, `1,a,s,1.00,"${time}"`];

const AMOUNTS: Kind[] = [
  ['thousands by apostrophe', plain("1'234.50"), { events: ['1 s paid 123450'] }],
  ['thousands as in India', plain('₹1,23,456.00'), { events: ['1 s paid 12345600'], currency: 'INR' }],
  ['thousands by a narrow space', plain('1\u202f234,50 €'), { events: ['1 s paid 123450'], currency: 'EUR' }],
  ['an amount kept as text by an apostrophe', plain("'12.50"), { events: ['1 s paid 1250'] }],
  ...['(12.50)', '12.50-', '-$12.50', '($12.50)', '−12.50', "'-12.50"].flatMap<Kind>((amount) => [
    [`a negative written as ${amount}`, plain(amount), { events: [], refused: [/--negative refund/] }],
    [
      `a negative written as ${amount}, which the options call a refund`,
      plain(amount),
      { events: ['1 s refunded 1250'] },
      { negative: 'refund' },
    ],
  ]),
  ['an HTML entity', plain('&#36;45.00'), { events: [], refused: [/amount: expected an amount/] }],
  [
    'yen without decimals, and some with',
    [`${HEAD},currency`, '1,a,s,"1,299",2025-11-11,JPY', '2,a,s,12.50,2025-11-11,JPY'],
    { events: ['1 s paid 1299'], currency: 'JPY', refused: [/no decimals .*got "12.50"/] },
  ],
  [
    'dinars with three decimals, and some with four',
    [`${HEAD},currency`, '1,a,s,1.250,2025-11-11,KWD', '2,a,s,0.1255,2025-11-11,KWD'],
    { events: ['1 s paid 1250'], currency: 'KWD', refused: [/at most three decimals/] },
  ],
  [
    'a currency in the header',
    ['order,member,brand,Amount (USD),time', '1,a,s,1.5,2025-11-11'],
    { events: ['1 s paid 150'], currency: 'USD', reason: /"Amount \(USD\)" names USD/ },
  ],
  [
    'a currency at the end of a name',
    ['order_id,customer_id,brand,amount_eur,order_date', '1,a,s,1.5,2025-11-11'],
    { events: ['1 s paid 150'], currency: 'EUR' },
  ],
  [
    'cents, as the header says',
    ['order_id,customer_id,brand,amount_cents,order_date', '1,a,s,150,2025-11-11'],
    { events: ['1 s paid 150'], reason: /"amount_cents" is in minor units/ },
  ],
  [
    'fen, as the header says',
    ['订单号,客户id,品牌,金额（分）,下单时间', '1,a,s,150,2025-11-11'],
    { events: ['1 s paid 150'] },
  ],
  [
    'the text above the header names the currency',
    ['Report of orders', 'All amounts in EUR, unless specified', HEAD, '1,a,s,1.50,2025-11-11'],
    { events: ['1 s paid 150'], currency: 'EUR' },
  ],
];

const DOUBTS: Kind[] = [
  [
    'a point that may stand before decimals or thousands',
    [HEAD, '1,a,s,1.299,2025-11-11', '2,a,s,2.500,2025-11-11'],
    { events: [], refused: [/one way of writing decimals/, /one way of writing decimals.*"2.500"/] },
  ],
  [
    'a point before decimals or thousands, where another amount proves which they are',
    [HEAD, '1,a,s,2.500,2025-11-11', '2,a,s,2.5,2025-11-11'],
    { events: ['1 s paid 250', '2 s paid 250'] },
  ],
  [
    'flags of orders that were cancelled, none of which is set',
    ['order_id,customer_id,brand,amount,order_date,is_cancelled', '1,a,s,1.00,2025-11-11,false'],
    { events: ['1 s paid 100'] },
  ],
  [
    'flags of cancelled orders, one of which is set, where the options name them as the state',
    [
      'order_id,customer_id,brand,amount,order_date,cancelled',
      '1,a,s,1.00,2025-11-11,no',
      '2,a,s,1.00,2025-11-11,yes',
    ],
    { events: ['1 s paid 100'] },
    {
      columns: 'order=order_id,member=customer_id,brand=brand,amount=amount,time=order_date,status=cancelled',
      status: 'no=paid,yes=ignored',
    },
  ],
];

const WORTHS: Kind[] = [
  [
    'a price beside a quantity is that of one piece',
    ['order_id,customer_id,product,quantity,price,order_date', '1,a,Mug,3,10.00,2025-11-11'],
    { events: ['1 shop paid 3000'] },
  ],
  [
    'a total is preferred to its subtotal where an order has one row',
    ['order_id,customer_id,subtotal,shipping,tax,total,order_date', '1,a,10.00,5.00,1.00,16.00,2025-11-11'],
    { events: ['1 shop paid 1600'], reason: /"total" is its total/ },
  ],
  [
    'the worth of each row is preferred to a total that is repeated on the rows',
    [
      'order_id,customer_id,brand,item_total,order_total,order_date',
      '1,a,A,10.00,35.00,2025-11-11',
      '1,a,B,20.00,35.00,2025-11-11',
    ],
    { events: ['1 A paid 1000', '1 B paid 2000'], reason: /"order_total" is not read/ },
  ],
  [
    'an amount that may be the total of its order is added up, and said to be doubtful',
    [
      'order,member,sku,amount,time',
      ...['1,a,x,30', '1,a,y,30', '2,b,x,50', '2,b,y,50'].map((row) => `${row},2025-11-11`),
    ],
    { events: ['1 shop paid 6000', '2 shop paid 10000'], reason: /the same on all rows of each of 2 orders/ },
  ],
  [
    'a refund written as a negative, and one of more than was paid',
    [
      'order,member,brand,total,refund amount,time',
      '1,a,s,10.00,-4.00,2025-11-11',
      '2,a,s,10.00,-14.00,2025-11-11',
    ],
    {
      events: ['1 s paid 1000', '1 s refunded 400'],
      refused: [/refund: expected at most the 10 that was paid/],
    },
  ],
  [
    'a partial refund without its amount',
    [`${HEAD},status`, '1,a,s,10.00,2025-11-11,partially_refunded', '2,a,s,10.00,2025-11-11,paid'],
    { events: ['2 s paid 1000'], refused: [/refund: expected how much was refunded/] },
  ],
  [
    'a row of type refund counts as a refund, whatever the state of its order',
    [
      `${HEAD},type,status`,
      '1,a,s,10.00,2025-11-11,sale,completed',
      '1,a,s,4.00,2025-11-11,refund,completed',
      '2,a,s,4.00,2025-11-11,sale,canceled',
    ],
    { events: ['1 s paid 1000', '1 s refunded 400'] },
  ],
  [
    'a state of the United States is no state of an order',
    ['order_id,customer_id,city,state,total,order_date', '1,a,Seattle,WA,10.00,2025-11-11'],
    { events: ['1 shop paid 1000'], reason: /"state" is no state of an order/ },
  ],
];

const TIMES: Kind[] = [
  [
    'a twelve-hour clock',
    timed('2025-11-11 12:05:12 AM'),
    { events: ['1 s paid 100'], time: '2025-11-11T00:05:12.000Z' },
  ],
  [
    'a twelve-hour clock with points',
    timed('2025-11-11 1:05 p.m.'),
    { events: ['1 s paid 100'], time: '2025-11-11T13:05:00.000Z' },
  ],
  ['an hour that does not exist', timed('2025-11-11 13:05 PM'), { events: [], refused: [/time: expected/] }],
  [
    'a number without a format',
    timed('45972.5'),
    { events: [], refused: [/--time-format excel, epoch or epoch-ms/] },
  ],
  [
    'a serial number of Excel',
    timed('45972.5'),
    { events: ['1 s paid 100'], time: '2025-11-11T12:00:00.000Z' },
    { 'time-format': 'excel' },
  ],
  [
    'seconds since 1970',
    timed('1762819512'),
    { events: ['1 s paid 100'], time: '2025-11-11T00:05:12.000Z' },
    { 'time-format': 'epoch' },
  ],
  [
    'milliseconds since 1970',
    timed('1762819512123'),
    { events: ['1 s paid 100'], time: '2025-11-11T00:05:12.123Z' },
    { 'time-format': 'epoch-ms' },
  ],
  [
    'a date with points where the options say that the month is first',
    timed('01.12.2010 08:26'),
    { events: [], refused: [/two meanings/] },
    { 'time-format': 'month-first' },
  ],
  [
    '上午 and 下午',
    timed('2025/11/11 下午 9:05:01'),
    { events: ['1 s paid 100'], time: '2025-11-11T21:05:01.000Z' },
  ],
  [
    'a date and a time of day',
    ['Order ID,Customer,Brand,Amount,Order Date,Order Time', '1,a,s,1.00,2025-11-11,14:05:12'],
    {
      events: ['1 s paid 100'],
      time: '2025-11-11T14:05:12.000Z',
      reason: /the time of day is in "Order Time"/,
    },
  ],
];

const ROWS: Kind[] = [
  [
    'rows with nothing in them, and the header once more',
    [HEAD, '1,a,s,1.00,2025-11-11', ',,,,', HEAD, '2,a,s,1.00,2025-11-11'],
    { events: ['1 s paid 100', '2 s paid 100'] },
  ],
  [
    'rows of sums, which are no orders',
    [
      'order,amount,time',
      ...['1,1.00,2025-11-11', 'Subtotal:,1.00,2025-11-11', '', '2,2.00,2025-11-11', '合计,3.00,2025-11-11'],
    ],
    { events: ['1 shop paid 100', '2 shop paid 200'] },
  ],
  [
    'a row with a sum that does not say so, and one that does',
    [HEAD, '1,a,s,1.00,2025-11-11', ',,,1.00,2025-11-11', 'Total,,,1.00,'],
    { events: ['1 s paid 100'], refused: [/order: expected a value/] },
  ],
  [
    'comments',
    ['# exported by a shop', '# on a day', HEAD, '1,a,s,1.00,2025-11-11', '# end'],
    { events: ['1 s paid 100'], refused: [/row: expected 5 values/] },
  ],
  [
    'empty columns at the end of some rows',
    [`${HEAD},,,`, '1,a,s,1.00,2025-11-11,,,', '2,a,s,1.00,2025-11-11'],
    { events: ['1 s paid 100', '2 s paid 100'] },
  ],
  [
    'UTF-16 with tabs, as Excel saves it, quotes included',
    Buffer.from(
      '\ufeffOrder ID\tCustomer\tBrand\tAmount\tDate\r\n00123\tann\t"Peony, ""Inc."""\t1.012,50\t2025-11-11\r\n',
      'utf16le',
    ),
    { events: ['00123 Peony, "Inc." paid 101250'] },
  ],
  [
    'German names, decimal commas and days first',
    [
      'Bestellnummer;Kundennummer;Marke;Betrag;Währung;Bestelldatum',
      '1;K1;Lotus;1.234,56;EUR;11.11.2025 00:05:12',
      '2;K2;Lotus;59,90;EUR;13.11.2025 00:05:12',
    ],
    { events: ['1 Lotus paid 123456', '2 Lotus paid 5990'], currency: 'EUR' },
  ],
  [
    'a pound sign in Latin-1, the only character beyond ASCII',
    Buffer.from(`${HEAD}\n1,a,s,£1.50,2025-11-11\n`, 'latin1'),
    { events: ['1 s paid 150'], currency: 'GBP' },
  ],
  [
    'French names',
    ['N° commande;Client;Marque;Montant TTC;Devise;Date', '1;a;s;1\u00a0234,50 €;EUR;25/11/2025 10:00'],
    { events: ['1 s paid 123450'], currency: 'EUR' },
  ],
];

describe.each([
  ['amounts', AMOUNTS],
  ['doubts', DOUBTS],
  ['what an order is worth', WORTHS],
  ['times', TIMES],
  ['rows', ROWS],
])('a table of no known system is read, or refused with a reason: %s', (_about, kinds) => {
  it.each(kinds)('%s', (_what, rows, expected, options) =>
    expectKind(directory.write('kind.csv', contentOf(rows)), expected, options),
  );
});

describe('a table', () => {
  it.each([
    [
      'with two columns of amounts',
      [`${HEAD.replace('amount', 'amount,amount')}`, '1,a,s,1,2,2025-11-11'],
      'no column found for amount',
    ],
    [
      'with amounts in tens of thousands',
      ['订单号,客户id,金额（万元）,下单时间', '1,a,1.25,2025-11-11'],
      'got a column in 万元',
    ],
    [
      'with a time of cancellation in a column that is not read',
      [
        'order_id,customer_id,amount,created_at,cancelled_at',
        '1,a,1.00,2025-11-11,',
        '2,a,1.00,2025-11-11,2025-11-12',
      ],
      'expected to know what "cancelled_at" means, which has a value in 1 row',
    ],
    [
      'with a discount that may be an amount or a share',
      ['order_id,customer_id,unit_price,quantity,discount,order_date', '1,a,10.00,2,0.1,2025-11-11'],
      'expected to know what "discount" means, which has a value in 1 row',
    ],
    ['in JSON', ['[{"order":"1","amount":1.5}]'], 'expected a table in text, got JSON'],
    [
      'with signs of several currencies',
      [HEAD, '1,a,s,$1.00,2025-11-11', '2,a,s,€1.00,2025-11-11', '3,a,s,1.00,2025-11-11'],
      'expected amounts in one currency, got $ (1 row), € (1 row)',
    ],
  ])('%s is refused as a whole', async (_what, rows, message) => {
    await expect(readOrders(directory.write('whole.csv', `${rows.join('\n')}\n`))).rejects.toThrow(message);
  });
});

/** Tables that could be read wrongly without notice: each is read correctly, or is refused with a question. */
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../replay/files.ts';
import { contentOf, expectKind, type Kind } from './kind.ts';
import { readOrders } from './read.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const HEAD = 'order,member,brand,amount,time';

const REFUNDS: Kind[] = [
  [
    'an order that is refunded both by its state and by a row of its own is refunded once',
    [
      'order_id,customer_id,status,amount,date',
      ...['1,a,refunded,45.00,2025-11-11', '1,a,refunded,-45.00,2025-11-12', '2,a,refunded,9.00,2025-11-12'],
    ],
    {
      events: [
        ...['1 shop paid 4500', '1 shop refunded 4500'],
        ...['2 shop paid 900', '2 shop refunded 900'],
      ],
    },
    { negative: 'refund' },
  ],
  [
    'an order that is refunded by its state, and in part by a row of its own, is refunded in full only once',
    [
      'order_id,customer_id,status,amount,date',
      ...['1,a,refunded,45.00,2025-11-11', '1,a,refunded,-5.00,2025-11-12'],
    ],
    { events: ['1 shop paid 4500', '1 shop refunded 4000', '1 shop refunded 500'] },
    { negative: 'refund' },
  ],
  [
    'a refund that names an order as its parent is a refund of that order',
    ['id,parent,customer_id,amount,date', '1,0,a,45.00,2025-11-11', '2,1,a,-5.00,2025-11-12'],
    { events: ['1 shop paid 4500', '1 shop refunded 500'] },
    {
      columns: 'order=id,parent=parent,member=customer_id,amount=amount,time=date',
      brand: 'shop',
      negative: 'refund',
    },
  ],
  [
    'a column of refunds that says in words that there was none adds no refund',
    ['order,member,brand,total,refund amount,time', '1,a,s,10.00,无退款申请,2025-11-11'],
    { events: ['1 s paid 1000'] },
  ],
  [
    'goods that are written off are no order',
    ['order_id,customer_id,price,quantity,date', '1,a,0.00,-5,2025-11-11', '2,a,0.00,5,2025-11-11'],
    { events: ['2 shop paid 0'] },
  ],
];

const ROWS: Kind[] = [
  [
    'a line that a join repeats counts once',
    [
      'order_id,line,customer_id,amount,date',
      ...['1,1', '1,1', '1,2', '2,1'].map((line) => `${line},a,9.00,2025-11-11`),
    ],
    { events: ['1 shop paid 1800', '2 shop paid 900'] },
    { columns: 'order=order_id,line=line,member=customer_id,amount=amount,time=date', brand: 'shop' },
  ],
  [
    'items of Olist that are repeated for each payment count once',
    [
      'order_id,order_status,order_purchase_timestamp,customer_unique_id,order_item_id,seller_id,price,payment_sequential,payment_value',
      'a,delivered,2017-10-02 10:56:33,u1,1,s1,29.99,1,18.12',
      'a,delivered,2017-10-02 10:56:33,u1,1,s1,29.99,2,18.59',
    ],
    { events: ['a s1 paid 2999'] },
  ],
  [
    'numbers whose digits a spreadsheet has cut off are refused',
    [HEAD, '2.51235E+18,a,s,1.50,2025-11-11', '2,1.38E+10,s,1.50,2025-11-11'],
    { events: [], refused: [/order: expected all of its digits/, /member: expected all of its digits/] },
  ],
  [
    'an order number with a line break is refused, and the message shows the break',
    `${HEAD}\n"1\n2",a,s,1.50,2025-11-11\n`,
    { events: [], refused: [/^line 2: order: expected .*got "1\\n2"$/] },
  ],
  [
    'white space before quotes, and characters without a width, are ignored',
    ['\u200border\u00a0id, member, brand, amount, time', '1\u200b, "a", "s, t", "1,234.50", "2025-11-11"'],
    { events: ['1 s, t paid 123450'] },
  ],
  [
    'three digits after a comma are refused if semicolons separate values: they may be decimals or thousands',
    ['order;member;brand;amount;time', '1;a;s;1,234;2025-11-11', '2;a;s;5,678;2025-11-11'],
    { events: [], refused: [/one way of writing decimals/, /one way of writing decimals/] },
  ],
  [
    'a number of pieces is read with the decimal mark of the amounts',
    ['order_id;customer_id;price;quantity;date', '1;a;0,50;1.200;2025-11-11', '2;a;0,50;1,5;2025-11-11'],
    { events: ['1 shop paid 60000', '2 shop paid 75'] },
  ],
];

const COLUMNS: Kind[] = [
  [
    'the price of an item is that of one piece if nothing says that the table is a report of Amazon',
    ['order_id,customer_id,purchase_date,sku,quantity,item_price', '1,a,2025-11-11,M,2,10.00'],
    { events: ['1 shop paid 2000'] },
  ],
  [
    'column names that many shops use are not taken for those of a shop system',
    [
      'order_id,customer_id,total,refunded_amount,status,paid_at',
      ...['1,a,10.00,10.00,completed,2025-11-11', '2,a,-10.00,,completed,2025-11-11'],
    ],
    {
      events: ['1 shop paid 1000', '1 shop refunded 1000'],
      refused: [/total: expected zero or more \(--negative refund/],
    },
  ],
  [
    'channels that are not those of the pipeline are not read',
    ['order_id,customer_id,amount,date,channel,store_id', '1,a,9.00,2025-11-11,online,7'],
    { events: ['1 shop paid 900'], reason: /"channel" is not read/ },
  ],
  [
    'a closed order is refused: it may have been delivered, or refunded',
    [`${HEAD},status`, '1,a,s,1.50,2025-11-11,Closed'],
    { events: [], refused: [/status: expected a state that is known .*got "Closed"/] },
  ],
];

describe.each([
  ['refunds', REFUNDS],
  ['rows', ROWS],
  ['columns', COLUMNS],
])('in a table with %s that are easily misread', (_about, kinds) => {
  it.each(kinds)('%s', (_what, rows, expected, options) =>
    expectKind(directory.write('doubt.csv', contentOf(rows)), expected, options),
  );
});

describe('a column of unclear meaning', () => {
  it.each([
    ['pieces that came back', 'returned_quantity', '0', '1'],
    ['refunds', 'refund', '', 'yes'],
    ['amounts of cancellations', 'cancelled amount', '0.0000', '4.00'],
    ['a second state', 'payment_status', 'paid', 'refunded'],
  ])('must be explained before its table is read: %s', async (_what, column, nothing, something) => {
    const head = `order_id,customer_id,price,quantity,order_status,date,${column}`;
    const row = (value: string): string => `1,a,1.50,2,completed,2025-11-11,${value}`;
    const without = directory.write('column.csv', `${head}\n${row(nothing)}\n`);
    expect((await readOrders(without)).refused).toEqual([]);
    const path = directory.write('column.csv', `${head}\n${row(something)}\n`);
    await expect(readOrders(path)).rejects.toThrow(
      `expected to know what "${column}" means, which has a value in 1 row`,
    );
  });
});

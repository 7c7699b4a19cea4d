import { afterAll, describe, expect, it } from 'vitest';
import { parseEvent } from '#events/contract.ts';
import type { Values } from '#local/cli/options.ts';
import { temporaryDirectory } from '../replay/files.ts';
import { brief, type Read, readOrders } from './read.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const HEADER = 'id,who,shop,paid,at,what,how,where,with';
const COLUMNS =
  'order=id,member=who,brand=shop,amount=paid,time=at,kind=what,channel=how,store=where,coupon=with';
const GOOD = 'o1,m1,b1,1.23,2017-11-24 13:05:42,,,,';

let files = 0;
const read = (content: string | Buffer, options: Values = { columns: COLUMNS }): Promise<Read> =>
  readOrders(directory.write(`orders-${files++}.csv`, content), options);

const eventsOf = async (content: string | Buffer, options?: Values) =>
  (await read(content, options)).events.map(({ text }) => JSON.parse(text));

const SIMPLE = { columns: 'order=o,member=m,brand=b,amount=a,time=t' };
const simple = (...rows: string[]) => ['o,m,b,a,t', ...rows].join('\n');

describe('an order table', () => {
  it('gives one event for each row, and each event fits the contract', async () => {
    const rows = [
      GOOD,
      'o2,m1,b2,20,2017-11-24T13:05:42.5+08:00,Refunded,far,,',
      'o3,m2,b1,3.50,2017-11-24,paid,near,s1,c9',
    ];
    const events = await eventsOf([HEADER, ...rows].join('\n'));
    expect(events).toEqual([
      {
        specversion: '1.0',
        id: '1:o1:paid',
        source: `urn:zhihui:orders:orders-${files - 1}.csv`,
        type: 'order.paid',
        time: '2017-11-24T13:05:42.000Z',
        data: { orderId: 'o1', memberId: 'm1', brandId: 'b1', channel: 'far', amountFen: 123 },
      },
      expect.objectContaining({
        id: '2:o2:refunded',
        type: 'order.refunded',
        time: '2017-11-24T05:05:42.500Z',
        data: { orderId: 'o2', memberId: 'm1', brandId: 'b2', channel: 'far', amountFen: 2000 },
      }),
      expect.objectContaining({
        id: '3:o3:paid',
        data: expect.objectContaining({ channel: 'near', storeId: 's1', amountFen: 350, couponId: 'c9' }),
      }),
    ]);
    for (const event of events) expect(parseEvent(event, Date.now())).toMatchObject({ ok: true });
  });

  it('takes event ids from a column of their own, and keeps rows with different event ids apart', async () => {
    const content =
      'o,m,b,a,t,ev\no1,m1,b1,1,2020-01-01,e-7\no1,m1,b1,1,2020-01-01,e-8\no2,m1,b1,1,2020-01-01,\n';
    const events = await eventsOf(content, { columns: `${SIMPLE.columns},event=ev` });
    expect(events.map(({ id }) => id)).toEqual(['e-7', 'e-8', '3:o2:paid']);
  });

  it('adds up the rows of one order and brand, unless each is to be an event', async () => {
    const content = simple(
      'A,x,p,1.10,2020-01-01',
      'A,x,p,2.20,2020-01-01',
      'A,x,q,5,2020-01-01',
      'B,y,p,1,2020-01-01',
    );
    expect(brief((await read(content, SIMPLE)).events)).toEqual([
      'A p paid 330',
      'A q paid 500',
      'B p paid 100',
    ]);
    expect((await read(content, SIMPLE)).totals).toMatchObject({ orders: 2, members: 2, brands: 2 });
    expect((await read(content, { ...SIMPLE, rows: 'each' })).events).toHaveLength(4);
  });

  it('gives an event an id that fits the contract, however long the order id is', async () => {
    const events = await eventsOf(simple(`${'o'.repeat(128)},m,b,1,2020-01-01`), SIMPLE);
    expect(parseEvent(events[0], Date.now())).toMatchObject({ ok: true });
  });

  it('counts a total once if it stands on every row of its order, or only on the first', async () => {
    const columns = { columns: 'order=o,member=m,brand=b,total=order_total,time=t' };
    const repeated =
      'o,m,b,order_total,t\nA,x,p,175,2020-01-01\nA,x,p,175,2020-01-01\nA,x,q,175,2020-01-01\n';
    const once = 'o,m,b,order_total,t\nA,x,p,175,2020-01-01\nA,,p,,\nA,,q,,\n';
    for (const content of [repeated, once]) {
      const { events, totals } = await read(content, columns);
      expect(brief(events)).toEqual(['A p paid 17500']);
      expect(totals.severalBrands).toBe(1);
    }
    const different = await read(
      'o,m,b,order_total,t\nA,x,p,175,2020-01-01\nA,x,p,170,2020-01-01\n',
      columns,
    );
    expect(different.refused).toEqual([
      'line 3: total: expected 175 as on the first row of its order, got "170"',
    ]);
  });

  it('treats an amount as a total if the name of its column says so and it is the same on all rows of an order', async () => {
    const columns = { columns: 'order=o,member=m,brand=b,amount=order_total,time=t' };
    const content = 'o,m,b,order_total,t\nA,x,p,175,2020-01-01\nA,x,p,175,2020-01-01\n';
    expect(brief((await read(content, columns)).events)).toEqual(['A p paid 17500']);
  });

  it('multiplies prices and quantities exactly, and rounds the product only on request', async () => {
    const columns = 'order=o,member=m,brand=b,price=p,quantity=q,time=t';
    const content = 'o,m,b,p,q,t\nA,x,b,0.125,8,2020-01-01\nB,x,b,0.125,1,2020-01-01\n';
    const strict = await read(content, { columns });
    expect(brief(strict.events)).toEqual(['A b paid 100']);
    expect(strict.refused).toEqual([
      'line 3: amount: expected an amount with at most two decimals (--rounding says how to round more), got "0.125"',
    ]);
    const rounded = await read(content, { columns, rounding: 'half-up' });
    expect(brief(rounded.events)).toEqual(['A b paid 100', 'B b paid 13']);
    expect(rounded.totals.rounded).toBe(1);
  });

  it("reads states as sales, refunds, both or nothing, in capitals or not, and also in the user's own words", async () => {
    const columns = `${SIMPLE.columns},status=s`;
    const states = ['PAID', 'Refunded', '已退款', 'Cancelled', '交易成功', 'wc-processing', '1', 'gift'];
    const content = ['o,m,b,a,t,s', ...states.map((state, i) => `${i},m,b,1,2020-01-01,${state}`)].join('\n');
    const { totals, refused } = await read(content, { columns, status: '1=paid' });
    expect(totals).toMatchObject({
      paid: { events: 6 },
      refunded: { events: 2, minor: 200 },
      ignored: { Cancelled: 1 },
    });
    expect(refused).toEqual([
      expect.stringMatching(/^line 9: status: expected a state that is known .*, got "gift"$/),
    ]);
  });

  it('refunds what a column of refunds says, at the time of the refund if a column says that too', async () => {
    const columns = `${SIMPLE.columns},refund=r,refund-time=rt`;
    const content =
      'o,m,b,a,t,r,rt\nA,x,b,5,2020-01-01,2,2020-01-03\nB,x,b,5,2020-01-01,0,\nC,x,b,5,2020-01-01,5,\n';
    const { events } = await read(content, { columns });
    expect(events.map(({ order, kind, amount, time }) => [order, kind, amount, time.slice(0, 19)])).toEqual([
      ['A', 'paid', 500, '2020-01-01T00:00:00'],
      ['A', 'refunded', 200, '2020-01-03T00:00:00'],
      ['B', 'paid', 500, '2020-01-01T00:00:00'],
      ['C', 'paid', 500, '2020-01-01T00:00:00'],
      ['C', 'refunded', 500, '2020-01-01T00:00:01'],
    ]);
  });

  it('refuses a row that refunds more than was paid', async () => {
    const content = 'o,m,b,a,t,r\nA,x,b,5,2020-01-01,5.01\nB,x,b,0,2020-01-01,37\n';
    const { events, refused } = await read(content, { columns: `${SIMPLE.columns},refund=r` });
    expect(events).toEqual([]);
    expect(refused).toEqual([
      'line 2: refund: expected at most the 5 that was paid, got "5.01"',
      'line 3: refund: expected at most the 0 that was paid, got "37"',
    ]);
  });

  it('refuses negative amounts, unless the user wants them as refunds or subtracted', async () => {
    const content = simple('A,x,b,10,2020-01-01', 'A,x,b,-4,2020-01-01', 'B,x,b,-1,2020-01-02');
    const strict = await read(content, SIMPLE);
    expect(strict.refused[0]).toBe(
      'line 3: amount: expected zero or more (--negative refund makes it a refund), got "-4"',
    );
    expect(brief((await read(content, { ...SIMPLE, negative: 'refund' })).events)).toEqual([
      'A b paid 1000',
      'A b refunded 400',
      'B b refunded 100',
    ]);
    expect(brief((await read(content, { ...SIMPLE, negative: 'net' })).events)).toEqual([
      'A b paid 600',
      'B b refunded 100',
    ]);
  });

  it('is in one currency with its own minor unit', async () => {
    const columns = `${SIMPLE.columns},currency=c`;
    const of = (...codes: string[]) =>
      ['o,m,b,a,t,c', ...codes.map((code, i) => `${i},m,b,1000,2020-01-01,${code}`)].join('\n');
    for (const [code, minor] of [
      ['JPY', 1_000],
      ['usd', 100_000],
      ['KWD', 1_000_000],
    ] as const)
      expect((await read(of(code), { columns })).totals).toMatchObject({
        currency: code.toUpperCase(),
        paid: { minor },
      });
    await expect(read(of('CNY', 'USD', 'USD'), { columns })).rejects.toThrow(
      'expected orders in one currency, got CNY (1 row), USD (2 rows); --currency CNY takes those',
    );
    expect((await read(of('人民币', 'RMB', 'cny'), { columns })).totals).toMatchObject({
      currency: 'CNY',
      paid: { events: 3 },
    });
    expect((await read(of('CNY', 'gold'), { columns })).refused).toEqual([
      'line 3: currency: expected the code of a currency such as CNY, got "gold"',
    ]);
    const chosen = await read(of('CNY', 'USD', 'USD'), { columns, currency: 'USD' });
    expect(chosen.totals).toMatchObject({ currency: 'USD', paid: { events: 2 }, ignored: { 'in CNY': 1 } });
  });

  it('is in another currency than CNY if the signs say so', async () => {
    expect((await read(simple('A,x,b,€1.50,2020-01-01'), SIMPLE)).totals.currency).toBe('EUR');
    expect((await read(simple('A,x,b,$1.50,2020-01-01'), SIMPLE)).totals.currency).toBe('USD');
    const mixed = await read(simple('A,x,b,¥1.50,2020-01-01', 'B,x,b,$1.50,2020-01-01'), SIMPLE);
    expect(mixed.totals.currency).toBe('CNY');
    expect(mixed.refused[0]).toContain('expected an amount in CNY');
  });

  it('has dates with the day or the month first only if the whole file proves it, or the user says so', async () => {
    const open = simple('A,x,b,1,1/2/2020', 'B,x,b,1,3/4/2020');
    expect((await read(open, SIMPLE)).refused).toHaveLength(2);
    expect((await read(open, { ...SIMPLE, 'time-format': 'month-first' })).events[0]?.time).toMatch(
      /^2020-01-02/,
    );
    const proven = await read(simple('A,x,b,1,1/2/2020', 'B,x,b,1,13/4/2020'), SIMPLE);
    expect(proven.mapping.timeFormat).toBe('day-first');
    expect(proven.events[0]?.time).toMatch(/^2020-02-01/);
    const torn = await read(simple('A,x,b,1,1/2/2020', 'B,x,b,1,13/4/2020', 'C,x,b,1,4/13/2020'), SIMPLE);
    expect(torn.refused).toHaveLength(3);
  });

  it('may lack members and brands if the user says what to use instead', async () => {
    const content = 'o,a,t\nA,1,2020-01-01\n';
    const options = { columns: 'order=o,amount=a,time=t', guests: true, brand: 'mine' } as const;
    expect((await read(content, options)).events).toMatchObject([{ member: 'guest:A', brand: 'mine' }]);
    await expect(read(content, { columns: 'order=o,amount=a,time=t' })).rejects.toThrow(
      'expected member, brand as well',
    );
  });

  it.each([
    ['o1,m1,b1,1.23', 'row: expected 9 values as in the header, got 4'],
    [`${GOOD},x`, 'row: expected 9 values as in the header, got 10'],
    [
      'o1,m1,b1,1.234,2020-01-01,,,,',
      'amount: expected an amount with at most two decimals (--rounding says how to round more), got "1.234"',
    ],
    ['o1,m1,b1,free,2020-01-01,,,,', 'amount: expected an amount such as 1.23, got "free"'],
    ['o1,m1,b1,1,tomorrow,,,,', 'time: expected a time such as 2017-11-24 13:05:42, got "tomorrow"'],
    [',m1,b1,1,2020-01-01,,,,', 'order: expected a value, got nothing'],
    ['o2,m1, ,1,2020-01-01,,,,', 'brand: expected a value, got nothing'],
    [
      'o2,m1,b1,1,2020-01-01,sold,,,',
      'kind: expected paid or refunded (--status WORD=paid|refunded|both|ignored says what it means), got "sold"',
    ],
    ['o2,m1,b1,1,2020-01-01,,web,,', 'channel: expected far or near, got "web"'],
    ['o2,m1,b1,1,2020-01-01,,near,,', 'store: expected a store for a near order, got nothing'],
    ['o2,m1,b1,1,2020-01-01,,far,s1,', 'store: expected none for a far order, got "s1"'],
    [
      'o2,m\u0000,b1,1,2020-01-01,,,,',
      'member: expected text without controls; it holds U+0000, which SQS does not carry, got "m\\u0000"',
    ],
    ['o1,m2,b1,1,2020-01-01,,,,', 'member: expected m1 as on the first row of its order, got "m2"'],
    [
      'o2,m1,"b\n1",1,2020-01-01,,,,',
      'brand: expected 1 to 128 characters, no control characters, no white space at either end, got "b\\n1"',
    ],
    [
      'o2,m1,b"1,1,2020-01-01,,,,',
      'row: expected a row as CSV has it, got "has a quote inside an unquoted value"',
    ],
  ])('refuses the row %j, says where and why, and accepts its neighbours', async (row, reason) => {
    const { refused, events } = await read([HEADER, GOOD, row, GOOD.replace('o1', 'o9')].join('\n'));
    expect(refused).toEqual([`line 3: ${reason}`]);
    expect(events.map(({ order }) => order)).toEqual(['o1', 'o9']);
  });

  it('loses one row to a quote that is never closed, however long the rest is', async () => {
    for (const rest of [3, 20_000]) {
      const rows = Array.from({ length: rest }, (_, i) => GOOD.replace('o1', `r${i}`));
      const { refused, totals } = await read(
        [HEADER, GOOD, '', 'x,"m1,b1,1,2020-01-01,,,,', ...rows].join('\n'),
      );
      expect(refused).toEqual([expect.stringMatching(/^line 4: row: .*never closed/)]);
      expect(totals.orders).toBe(rest + 1);
    }
  });

  it('counts lines correctly after rows of several lines', async () => {
    const several = 'o1,"m\r\n\r\n1",b1,1,2020-01-01,,,,';
    const { refused } = await read([HEADER, several, 'short', several, '', 'short'].join('\r\n'));
    expect(refused.map((line) => line.split(':')[0])).toEqual(['line 5', 'line 10', 'line 2']);
  });

  it('is refused if it is empty, if its header cannot be read, or if a column is missing or occurs twice', async () => {
    await expect(read('a,b\n1,2\n', SIMPLE)).rejects.toThrow(/--columns: no column "o" in .*; it has a, b/);
    await expect(read('o,o,m,b,a,t\n', SIMPLE)).rejects.toThrow(/has more than one column "o"/);
    await expect(read('', SIMPLE)).rejects.toThrow('expected a header line and rows, got an empty file');
    await expect(read('id,"who\n', SIMPLE)).rejects.toThrow(
      'its header, on line 1, has a quote that is never closed',
    );
    await expect(read('a,b\n1,2\n', {})).rejects.toThrow('no column found for order, time, amount');
  });
});

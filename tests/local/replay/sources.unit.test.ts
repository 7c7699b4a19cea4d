import { readFileSync, statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parseEvent } from '#events/contract.ts';
import { ndjsonSource } from '#local/replay/sources/ndjson.ts';
import type { Columns } from '#local/replay/sources/order-row.ts';
import { orderTableSource } from '#local/replay/sources/order-table.ts';
import type { Source, SourceRecord } from '#local/replay/sources/source.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const MIB = 1024 * 1024;

const all = async (source: Source): Promise<SourceRecord[]> =>
  (await Array.fromAsync(source.records())).flat();

/** Every record that can be sent, read again from its own bytes, as shuffling does. */
const again = async (source: Source) => {
  const records = await all(source);
  const file = readFileSync(source.path);
  return records.flatMap((record, i) => {
    if (record.kind === 'unreadable') return [];
    const bytes = file.subarray(record.start, records[i + 1]?.start ?? source.bytes);
    return [source.again(bytes, i)];
  });
};

const sendables = async (source: Source) =>
  (await all(source)).flatMap((record) => (record.kind === 'sendable' ? [record.sendable] : []));

const unreadables = async (source: Source) =>
  (await all(source)).flatMap((record) =>
    record.kind === 'unreadable' ? [[record.line, record.reason]] : [],
  );

describe('a file of events', () => {
  let files = 0;
  const events = (content: string | Buffer): Source => {
    const path = directory.write(`events-${files++}.ndjson`, content);
    return ndjsonSource(path, 'events.ndjson', statSync(path).size);
  };

  it('gives its lines as they are written, and those that are no JSON alone', async () => {
    const lines = ['{"a": 1e2}', 'not json', '123', '{"a":', '"text"', 'NaN', ' {"b":2} '];
    expect(await sendables(events(lines.join('\n')))).toEqual([
      { text: '{"a": 1e2}', alone: false },
      { text: 'not json', alone: true },
      { text: '123', alone: false },
      { text: '{"a":', alone: true },
      { text: '"text"', alone: false },
      { text: 'NaN', alone: true },
      { text: ' {"b":2} ', alone: false },
    ]);
  });

  it('gives a line that is a whole batch alone', async () => {
    expect(await sendables(events('[{"a":1},{"a":2}]\n'))).toEqual([
      { text: '[{"a":1},{"a":2}]', alone: true },
    ]);
  });

  it('may have blank lines, CRLF, a byte order mark and no newline at its end', async () => {
    const source = events('\ufeff{"a":1}\r\n\r\n  \n{"b":2}\r\nx\r\n\n{"c":3}');
    const expected = ['{"a":1}', '{"b":2}', 'x', '{"c":3}'];
    expect((await sendables(source)).map(({ text }) => text)).toEqual(expected);
    expect((await again(source)).map(({ text }) => text)).toEqual(expected);
  });

  it('may be empty', async () => {
    expect(await all(events(''))).toEqual([]);
    expect(await all(events('\n\n'))).toEqual([]);
  });

  it('keeps lines across the boundaries of what is read at a time', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => JSON.stringify({ i, pad: '增'.repeat(i % 300) }));
    const source = events(lines.join('\n'));
    expect((await sendables(source)).map(({ text }) => text)).toEqual(lines);
    expect((await again(source)).map(({ text }) => text)).toEqual(lines);
  });

  it('names the lines that no message can carry, and goes on', async () => {
    const long = `"${'x'.repeat(MIB)}"`;
    const source = events(
      Buffer.concat([
        Buffer.from(`{"a":1}\n${long}\n`),
        Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
        Buffer.from('bell \u0007\n{"b":2}\n'),
      ]),
    );
    expect(await unreadables(source)).toEqual([
      [2, `is longer than ${MIB - 2} bytes, which SQS does not carry`],
      [3, 'is not UTF-8, which SQS does not carry'],
      [4, 'holds U+0007, which SQS does not carry'],
    ]);
    expect(await again(source)).toEqual([
      { text: '{"a":1}', alone: false },
      { text: '{"b":2}', alone: false },
    ]);
  });
});

const HEADER = 'id,who,shop,paid,at,what,how,where,with';
const COLUMNS: Columns = {
  order: 'id',
  member: 'who',
  brand: 'shop',
  amount: 'paid',
  time: 'at',
  kind: 'what',
  channel: 'how',
  store: 'where',
  coupon: 'with',
};
const GOOD = 'o1,m1,b1,1.23,2017-11-24 13:05:42,,,,';

describe('an order table', () => {
  let files = 0;
  const table = (content: string | Buffer, columns = COLUMNS, timeZone = 'UTC'): Promise<Source> => {
    const path = directory.write(`orders-${files++}.csv`, content);
    return orderTableSource(path, 'some/orders.csv', statSync(path).size, columns, {
      amountUnit: 'major',
      timeZone,
    });
  };
  const eventsOf = async (content: string | Buffer) =>
    (await sendables(await table(content))).map(({ text }) => JSON.parse(text));

  it('gives an event a row, which keeps the contract', async () => {
    const rows = [
      GOOD,
      'o2,m1,b2,20,2017-11-24T13:05:42.5+08:00,refunded,far,,',
      'o3,m2,b1,3.50,2017-11-24,paid,near,s1,c9',
    ];
    const events = await eventsOf([HEADER, ...rows].join('\n'));
    expect(events).toEqual([
      {
        specversion: '1.0',
        id: '1:o1:paid',
        source: 'urn:zhihui:orders:orders.csv',
        type: 'order.paid',
        time: '2017-11-24T13:05:42.000Z',
        data: { orderId: 'o1', memberId: 'm1', brandId: 'b1', channel: 'far', amountFen: 123 },
      },
      {
        specversion: '1.0',
        id: '2:o2:refunded',
        source: 'urn:zhihui:orders:orders.csv',
        type: 'order.refunded',
        time: '2017-11-24T05:05:42.500Z',
        data: { orderId: 'o2', memberId: 'm1', brandId: 'b2', channel: 'far', amountFen: 2000 },
      },
      {
        specversion: '1.0',
        id: '3:o3:paid',
        source: 'urn:zhihui:orders:orders.csv',
        type: 'order.paid',
        time: '2017-11-24T00:00:00.000Z',
        data: {
          orderId: 'o3',
          memberId: 'm2',
          brandId: 'b1',
          channel: 'near',
          storeId: 's1',
          amountFen: 350,
          couponId: 'c9',
        },
      },
    ]);
    for (const event of events) expect(parseEvent(event, Date.now())).toMatchObject({ ok: true });
  });

  it('takes an event id from its own column', async () => {
    const source = await table(
      'id,who,shop,paid,at,ev\no1,m1,b1,1,2020-01-01,e-7\no2,m1,b1,1,2020-01-01,\n',
      {
        order: 'id',
        member: 'who',
        brand: 'shop',
        amount: 'paid',
        time: 'at',
        event: 'ev',
      },
    );
    expect((await sendables(source)).map(({ text }) => JSON.parse(text).id)).toEqual(['e-7', '2:o2:paid']);
  });

  it('gives two rows of one order two events, and an order id of any length an event id that fits', async () => {
    const long = 'o'.repeat(128);
    const row = `${long},m1,b1,1,2020-01-01,,,,`;
    const events = await eventsOf([HEADER, row, row].join('\n'));
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    for (const event of events) expect(parseEvent(event, Date.now())).toMatchObject({ ok: true });
  });

  it('may have quotes, commas and newlines in values, CRLF, a byte order mark and blank lines', async () => {
    const content = [
      `\ufeff"id", who ,shop,paid,at,what,how,where,with`,
      '"o ""1""",m1,"b,1","1.50",2020-01-01,,,,',
      '',
      'o2,"m\r\n2","b',
      '2",2,2020-01-01,,,,',
      'o3,m3,b3,3,2020-01-01,,,,',
    ].join('\r\n');
    const expected = [
      ['o "1"', 'm1', 'b,1', 150],
      ['o2', 'm\r\n2', 'b\r\n2', 200],
      ['o3', 'm3', 'b3', 300],
    ];
    const source = await table(content);
    const shown = (sent: { text: string }[]) =>
      sent.map(({ text }) => {
        const { orderId, memberId, brandId, amountFen } = JSON.parse(text).data;
        return [orderId, memberId, brandId, amountFen];
      });
    expect(shown(await sendables(source))).toEqual(expected);
    expect(await again(source)).toEqual(await sendables(source));
  });

  it.each([
    ['o1,m1,b1,1.23', 'expected 9 values as in the header, got 4'],
    [`${GOOD},`, 'expected 9 values as in the header, got 10'],
    [
      'o1,m1,b1,1.234,2020-01-01,,,,',
      'amount: expected a number with at most two decimals such as 1.23, got "1.234"',
    ],
    [
      'o1,m1,b1,-1.23,2020-01-01,,,,',
      'amount: expected a number with at most two decimals such as 1.23, got "-1.23"',
    ],
    ['o1,m1,b1,0.00,2020-01-01,,,,', 'amount: expected an amount above zero, got 0.00'],
    ['o1,m1,b1,1,24.11.2017,,,,', 'time: expected a time such as 2017-11-24 13:05:42, got "24.11.2017"'],
    [',m1,b1,1,2020-01-01,,,,', 'order: expected a value, got nothing'],
    ['o1,m1, ,1,2020-01-01,,,,', 'brand: expected a value, got nothing'],
    ['o1,m1,b1,1,2020-01-01,sold,,,', 'kind: expected paid or refunded, got "sold"'],
    ['o1,m1,b1,1,2020-01-01,,web,,', 'channel: expected far or near, got "web"'],
    ['o1,m1,b1,1,2020-01-01,,near,,', 'store: expected a store for a near order, got nothing'],
    ['o1,m1,b1,1,2020-01-01,,far,s1,', 'store: expected none for a far order, got "s1"'],
    ['o1,m\u0000,b1,1,2020-01-01,,,,', 'member: holds U+0000, which SQS does not carry'],
    ['o1,m1,b"1,1,2020-01-01,,,,', 'has a quote inside an unquoted value'],
    [
      'o1,"m1"x,b1,1,2020-01-01,,,,',
      'has text after the closing quote of a value, or a quote that is never closed',
    ],
  ])('names the line and the reason of %j, and its neighbours pass', async (row, reason) => {
    const source = await table([HEADER, GOOD, row, GOOD].join('\n'));
    expect(await unreadables(source)).toEqual([[3, reason]]);
    expect((await sendables(source)).map(({ text }) => JSON.parse(text).id)).toEqual([
      '1:o1:paid',
      '3:o1:paid',
    ]);
    expect(await again(source)).toEqual(await sendables(source));
  });

  it('that is not UTF-8 gives no event with a mangled name', async () => {
    const row = Buffer.concat([
      Buffer.from('o1,'),
      Buffer.from([0xd6, 0xc7]),
      Buffer.from(',b1,1,2020-01-01,,,,\n'),
    ]);
    const source = await table(Buffer.concat([Buffer.from(`${HEADER}\n`), row]));
    expect(await unreadables(source)).toEqual([[2, 'member: expected UTF-8, got "\ufffd\ufffd"']]);
  });

  it('loses one row to a quote that is never closed, however long the rest is', async () => {
    const bad = 'o1,"m1,b1,1,2020-01-01,,,,';
    for (const rest of [3, 20_000]) {
      const source = await table(
        [HEADER, GOOD, '', bad, ...Array.from({ length: rest }, () => GOOD)].join('\n'),
      );
      expect(await unreadables(source)).toEqual([[4, expect.stringContaining('never closed')]]);
      expect(await sendables(source)).toHaveLength(rest + 1);
      expect(await again(source)).toEqual(await sendables(source));
    }
  });

  it('counts lines right after rows of several lines', async () => {
    const several = 'o1,"m\r\n\r\n1",b1,1,2020-01-01,,,,';
    const source = await table([HEADER, several, 'short', several, '', 'short'].join('\r\n'));
    expect((await unreadables(source)).map(([line]) => line)).toEqual([5, 10]);
  });

  it('is refused when a column is not there, or twice, with what is there', async () => {
    await expect(table('a,b\n1,2\n', { order: 'id' })).rejects.toThrow(
      '--columns: no column "id" in some/orders.csv; it has a, b',
    );
    await expect(table('id,id\n1,2\n', { order: 'id' })).rejects.toThrow(
      '--columns: some/orders.csv has more than one column "id"',
    );
    await expect(table('')).rejects.toThrow(
      'some/orders.csv: expected a header line and rows, got an empty file',
    );
    await expect(table('id,"who\n')).rejects.toThrow(
      'its header, on line 1, has a quote that is never closed',
    );
  });

  it('may have no rows', async () => {
    expect(await all(await table(HEADER))).toEqual([]);
  });
});

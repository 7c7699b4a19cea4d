import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { REPOSITORY, runScript, startScript } from '../../support/run-start.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const START = 'local/start.ts';
const COLUMNS = 'order=order,member=who,brand=shop,amount=paid,time=at';

const ROWS = [
  'order,who,shop,paid,at',
  'o1,m1,tea,12.50,2024-11-11 00:00:01',
  'o2,m2,tea,7.5,2024-11-11 00:00:02',
  'o3,m1,"silk, fine",1000,2024-11-11 00:20:00',
];
const table = directory.write(
  'orders.csv',
  [...ROWS, 'o4,m1,tea,free,2024-11-11 00:20:01', 'o5,m1'].join('\n'),
);

const definition = (change: object = {}) => ({
  campaignId: 'c1',
  startsAt: '2024-11-11T00:00:00Z',
  endsAt: '2024-11-12T00:00:00Z',
  metrics: { horizonHours: 876_000 },
  ...change,
});

const isListening = (endpoint: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(endpoint);
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
};

describe('npm start', () => {
  it('replays an order table, names what it cannot read, and reports', async () => {
    const report = join(directory.path, 'report.json');
    const args = [
      '--orders',
      table,
      '--columns',
      COLUMNS,
      '--time-zone',
      'Asia/Shanghai',
      '--once',
      '--report',
      report,
    ];
    const { status, stdout, stderr } = await runScript(START, args);
    expect(stderr).toContain('line 5: amount: expected an amount such as 1.23, got "free"');
    expect(stderr).toContain('line 6: row: expected 5 values as in the header, got 2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/gross CNY +1,020\.00/);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      campaigns: {
        replay: {
          orders: 3,
          refunds: 0,
          grossFen: 102_000,
          netFen: 102_000,
          members: 2,
          brands: {
            tea: { orders: 2, refunds: 0, grossFen: 2_000, netFen: 2_000 },
            'silk, fine': { orders: 1, refunds: 0, grossFen: 100_000, netFen: 100_000 },
          },
        },
      },
      accepted: 3,
      rejected: {},
      unreadable: 2,
    });
  });

  it('replays events from standard input, and reports those that the pipeline rejects', async () => {
    const events = readFileSync(join(REPOSITORY, 'events/sample.ndjson'), 'utf8');
    const { status, stdout, stderr } = await runScript(
      START,
      ['--events', '-', '--once'],
      `${events}not json\n{"id":1}\n`,
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/\b2 rejected, 0 unreadable/);
    expect(stdout).toMatch(/not-json +1\n/);
    expect(stderr).toContain(
      'refused: line 48: body: expected an event or a batch of events in JSON, got "not json"',
    );
    expect(stderr).toContain('refused: line 49: specversion: expected "1.0", got nothing');
  });

  it('counts only what the given campaign covers', async () => {
    const narrow = definition({ endsAt: '2024-11-11T00:10:00Z' });
    const campaign = directory.write('campaign.json', JSON.stringify(narrow));
    const report = join(directory.path, 'narrow.json');
    const args = ['--orders', table, '--columns', COLUMNS, '--campaign', campaign, '--wait', '0'];
    const { status, stderr } = await runScript(START, [...args, '--once', '--report', report]);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      campaigns: { c1: { orders: 2, grossFen: 2_000 } },
      rejected: { 'no-open-campaign': 1 },
    });
  });

  it('recognises the columns of a table by their names if none are given, and reads the currency from the table', async () => {
    const shop = directory.write(
      'shop.csv',
      'order,who,shop,paid,at,currency\no1,m1,tea,12.5,2024-11-11 00:00:01,JPY\no2,m1,tea,1500,2024-11-11 00:00:01,JPY\n',
    );
    const { status, stdout, stderr } = await runScript(START, ['--orders', shop, '--once']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('its columns are recognised by their names');
    expect(stderr).toContain('line 2: amount: expected an amount with no decimals');
    expect(stdout).toMatch(/gross JPY +1,500\n/);
    expect(stdout).not.toContain('CNY');
  });

  it('reads a JSON array, names every refusal and conflict, and keeps them all in a file', async () => {
    const sample = readFileSync(join(REPOSITORY, 'events/sample.ndjson'), 'utf8');
    const good = sample
      .trim()
      .split('\n')
      .slice(0, 3)
      .map((line) => JSON.parse(line));
    const bad = { ...good[1], id: 'bad', data: { ...good[1].data, amountFen: '100' } };
    const other = { ...good[1], data: { ...good[1].data, amountFen: 1 } };
    const file = directory.write('array.json', JSON.stringify([...good, bad, other], null, 1));
    const rejects = join(directory.path, 'rejects.ndjson');
    const args = ['--events', file, '--once', '--rejects', rejects];
    const { status, stderr, stdout } = await runScript(START, [...args, '--strict']);
    expect(status, stderr).toBe(1);
    expect(stdout).toContain('1 event id sent with different contents');
    const lines = readFileSync(rejects, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      {
        field: 'data.amountFen',
        value: '100',
        expected: expect.stringContaining('an integer'),
        reason: 'wrong-type',
      },
      { field: 'id', value: good[1].id, reason: 'conflict' },
    ]);
    for (const { line } of lines) expect(line).toBeGreaterThan(10);
    expect(stderr).toContain(`refused: line ${lines[0].line}: data.amountFen: `);
  });

  it('counts, of two events with one id but different contents, the first in the file, even if they are sent shuffled and packed', async () => {
    const report = join(directory.path, 'places.json');
    const event = (n: number, amountFen: number) =>
      JSON.stringify({
        specversion: '1.0',
        type: 'order.paid',
        id: `e${n}`,
        source: 'urn:shop',
        time: '2024-11-11T00:00:01Z',
        data: { orderId: `o${n}`, memberId: 'm1', brandId: 'tea', channel: 'far', amountFen },
      });
    const numbers = Array.from({ length: 12 }, (_, n) => n);
    const lines = [...numbers.map((n) => event(n, 1_000 + n)), ...numbers.map((n) => event(n, 5 * n + 1))];
    const file = directory.write('contradictions.ndjson', lines.join('\n'));
    const args = ['--events', file, '--once', '--report', report, '--duplicate', '0.5', '--pack', '3'];
    const { status } = await runScript(START, [...args, '--shuffle', '--seed', '3']);
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(report, 'utf8')).campaigns.replay).toMatchObject({
      orders: 12,
      grossFen: 12_066,
      conflicts: 12,
    });
  });

  it('fails if nothing was accepted, even if only a campaign is given', async () => {
    const campaign = directory.write('alone.json', JSON.stringify(definition()));
    expect(await runScript(START, ['--campaign', campaign, '--once'])).toMatchObject({ status: 1 });
    const { status, stderr } = await runScript(START, ['--events', '-', '--once'], 'not json\n');
    expect(status).toBe(1);
    expect(stderr).toContain('error: nothing was accepted');
  });

  it('ends with status 2 when the pipeline refuses a campaign', async () => {
    const first = directory.write('first.json', JSON.stringify(definition()));
    const second = directory.write(
      'second.json',
      JSON.stringify(definition({ endsAt: '2024-11-13T00:00:00Z' })),
    );
    const args = [
      '--orders',
      table,
      '--columns',
      COLUMNS,
      '--campaign',
      first,
      '--campaign',
      second,
      '--once',
    ];
    const { status, stderr } = await runScript(START, args);
    expect(stderr).toContain('error: campaign c1: refused, ');
    expect(status).toBe(2);
  });

  it.each([
    [['--evnts', 'x'], 'error: unknown option --evnts; --help lists what there is\n'],
    [['--events', '/nowhere/e.ndjson'], 'error: --events /nowhere/e.ndjson: no such file\n'],
    [['--orders', table, '--columns', `${COLUMNS},kind=what`], 'it has order, who, shop, paid, at\n'],
    [
      ['--once', '--report', '/nowhere/r.json'],
      'error: --report: expected a file that can be written, got /nowhere/r.json',
    ],
  ])('ends with status 2 and says what is wrong: %j', async (args, message) => {
    const { status, stdout, stderr } = await runScript(START, args);
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('stays up, says where to send events, and after Ctrl-C reports again and leaves nothing behind', async () => {
    const { child, outcome, text } = startScript(START, ['--orders', table, '--columns', COLUMNS]);
    await until(() => text.stdout.includes('aws sqs send-message') || child.exitCode !== null);
    const endpoints = [...text.stdout.matchAll(/endpoint +(http\S+)/g)].map(([, url]) => url!);
    expect(endpoints).toHaveLength(2);
    expect(await Promise.all(endpoints.map(isListening))).toEqual([true, true]);
    child.kill('SIGINT');
    expect((await outcome).status, text.stderr).toBe(0);
    expect(text.stdout.match(/3 accepted, 0 rejected, 2 unreadable/g)).toHaveLength(2);
    expect(await Promise.all(endpoints.map(isListening))).toEqual([false, false]);
  });

  it('ends with status 1 when it is interrupted before everything is counted', async () => {
    const { child, outcome, text } = startScript(START, [
      '--events',
      'events/sample.ndjson',
      '--once',
      '--rate',
      '1',
    ]);
    await until(() => text.stderr.includes('starting the pipeline') || child.exitCode !== null);
    child.kill('SIGINT');
    const { status, stderr } = await outcome;
    expect(stderr).toContain('interrupted before everything was counted');
    expect(status).toBe(1);
  });
});

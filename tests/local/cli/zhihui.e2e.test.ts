import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScript } from '../../support/run-start.ts';
import { temporaryDirectory } from '../replay/files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const zhihui = (...args: string[]) => runScript('bin/zhihui.js', args);

const VERBS = [
  ...['start', 'import', 'plan', 'verify', 'campaign', 'rejects'],
  ...[
    'dead-letters',
    'member',
    'members',
    'grants',
    'decisions',
    'metrics',
    'send',
    'draw',
    'tail',
    'doctor',
  ],
];

const ORDERS = directory.write(
  'orders.csv',
  'order,member,shop,amount,time\n1,u1,tea,12.50,2026-11-11 00:01:00\n2,u2,tea\u009b31m,1,2026-11-11 00:01:00\n3,u3,tea,free,2026-11-11 00:01:00\n',
);
const BINARY = directory.write(
  'binary.csv',
  Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 7) % 256)),
);
const EMPTY = directory.write('empty.csv', '');
const PROSE = directory.write('prose.txt', 'Dear all,\nthis is no table.\n');
const DEFINITION = { campaignId: 'c1', startsAt: '2024-11-11T00:00:00Z', endsAt: '2024-11-12T00:00:00Z' };

describe('zhihui', () => {
  it('lists its verbs', async () => {
    const { status, stdout } = await zhihui('--help');
    expect(status).toBe(0);
    for (const verb of VERBS) expect(stdout).toContain(`  ${verb} `);
  });

  it.each([
    [[], `expected one of the verbs ${VERBS.join(', ')}, got nothing`],
    [['frob'], 'got "frob"'],
    [['import'], 'expected FILE, got nothing'],
    [['import', '/nowhere.csv'], '/nowhere.csv: no such file'],
    [['import', 'a', 'b'], 'expected FILE only, got "b"'],
    [
      ['campaign'],
      'expected init, validate, plan, open, list, show, pause, resume, ceiling, extend or close, got nothing',
    ],
    [['campaign', 'validate', '/nowhere.json'], '/nowhere.json: no such file'],
    [['rejects', 'frob', 'x'], 'expected list, show or redrive, got "frob"'],
    [['rejects', 'list', '/nowhere'], '/nowhere: no such file'],
    [['plan'], '--candidates: expected a file, got nothing'],
    [['verify'], '--draw: expected an export to check, got nothing'],
    [['draw', 'export', 'sale'], '--to: expected a file, got nothing'],
    [['grants', 'export', '--json'], '--json: expected only with --to'],
    [['decisions', 'export', 'sale', '--json'], '--json: expected only with --to'],
    [['metrics', 'export', 'sale', '--json'], '--json: expected only with --to'],
    [['grants', 'export', '--to', directory.path], '--to: expected a file that can be written, got'],
    [['decisions', 'export', 'sale', '--to', '/no/such'], '--to: expected a file that can be written, got'],
    [['metrics', 'export', 'sale', '--to', '/no/such'], '--to: expected a file that can be written, got'],
    [['start', '--evnts'], 'unknown option --evnts'],
    [['start', 'orders.csv'], 'got "orders.csv" (--orders FILE or --events FILE names an input)'],
    [['start', '--mapping', 'm.json'], '--mapping: expected only with --orders'],
    [['start', '--orders', directory.path], 'expected a file, got a directory'],
    [['start', '--campaign', directory.path], 'expected a file, got a directory'],
    [['import', directory.path], 'expected a file, got a directory'],
    [['import', BINARY], 'expected a table in text, got binary data'],
    [['import', EMPTY], 'expected a header line and rows, got an empty file'],
    [['import', PROSE], 'no column found for order, time, amount'],
    [['campaign', 'validate', directory.path], 'expected a file, got a directory'],
    [['rejects', 'show', directory.path], 'expected a file, got a directory'],
    [['plan', '--candidates', directory.path, '--budget', '1'], 'expected a file, got a directory'],
    [['plan', '--candidates', '/nowhere', '--budget', '1'], '--candidates /nowhere: no such file'],
    [['verify', '--draw', directory.path], 'EISDIR'],
    [['verify', '--draw', '/nowhere', '--published', EMPTY], 'ENOENT'],
  ])('%j ends with status 2, and says what is wrong', async (args, message) => {
    const { status, stderr, stdout } = await zhihui(...args);
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it.each(VERBS)('%s has help', async (verb) => {
    const { status, stdout } = await zhihui(verb, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--json');
  });

  it('imports a file: shows the file, names what is refused, and writes a mapping and all refusals', async () => {
    const [mapping, rejects, events] = ['m.json', 'r.ndjson', 'e.ndjson'].map((name) =>
      join(directory.path, name),
    );
    const args = ['--save', mapping!, '--rejects', rejects!, '--to', events!];
    const { status, stdout } = await zhihui('import', ORDERS, ...args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/brand +shop\n/);
    expect(stdout).toMatch(/paid +1 +12\.50\n/);
    expect(stdout).toContain('3 rows: 1 order of 1 member and 1 brand, 2 refused');
    expect(stdout).toContain('line 4: amount: expected an amount such as 1.23, got "free"');
    expect(stdout).toContain('"tea\\u009b31m"');
    expect(stdout).not.toContain('\u009b');
    expect(JSON.parse(readFileSync(mapping!, 'utf8'))).toMatchObject({
      version: 1,
      columns: { brand: 'shop' },
    });
    expect(readFileSync(events!, 'utf8').trim().split('\n')).toHaveLength(1);
    const list = await zhihui('rejects', 'list', rejects!);
    expect(list.stdout).toMatch(/^count +field +expected\n/);
    const show = await zhihui('rejects', 'show', rejects!, '--line', '4', '--json');
    expect(JSON.parse(show.stdout)).toEqual([
      { line: 4, field: 'amount', value: 'free', expected: 'an amount such as 1.23' },
    ]);
    const strict = await zhihui('import', ORDERS, '--save', mapping!, '--strict', '--json');
    expect(strict.status).toBe(1);
    expect(JSON.parse(strict.stdout)).toMatchObject({ totals: { refused: 2 }, mappingFile: mapping });
  });

  it('fails to import if nothing is accepted', async () => {
    const file = directory.write('none.csv', 'order,member,shop,amount,time\n1,u1,tea,free,2026-11-11\n');
    const saved = join(directory.path, 'none.json');
    expect((await zhihui('import', file, '--save', saved)).status).toBe(1);
    expect(existsSync(saved)).toBe(true);
  });

  it('validates a campaign', async () => {
    const good = directory.write('good.json', JSON.stringify(DEFINITION));
    const bad = directory.write('bad.json', JSON.stringify({ ...DEFINITION, endsAt: 'soon' }));
    expect(await zhihui('campaign', 'validate', good)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('well formed'),
    });
    const refused = await zhihui('campaign', 'validate', bad, '--json');
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      valid: false,
      faults: [expect.stringContaining('endsAt: expected')],
    });
  });
});

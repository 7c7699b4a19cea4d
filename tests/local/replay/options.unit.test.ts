import { describe, expect, it } from 'vitest';
import { HELP, type Options, parseOptions } from '#local/replay/options.ts';

const COLUMNS = 'order=o,member=m,brand=b,amount=a,time=t';

const parse = (...args: string[]): Options => {
  const parsed = parseOptions(args);
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed.options;
};

const mistake = (...args: string[]): string => {
  const parsed = parseOptions(args);
  return parsed.kind === 'mistake' ? parsed.message : `no mistake: ${parsed.kind}`;
};

describe('the options of npm start', () => {
  it('are optional, except that one must name the input or a campaign', () => {
    expect(parse('--events', 'a.ndjson')).toEqual({
      input: { kind: 'events', file: 'a.ndjson' },
      campaignFiles: [],
      pack: 100,
      duplicate: 0,
      shuffle: false,
      seed: 1,
      once: false,
      strict: false,
      json: false,
      chaosTicks: false,
      sqsPort: 0,
      dynamodbPort: 0,
      boardPort: 0,
      campaignWaitSeconds: 20,
    });
  });

  it('replay events', () => {
    expect(
      parse(
        '--events',
        'a.ndjson',
        '--duplicate',
        '0.3',
        '--shuffle',
        '--seed=7',
        '--once',
        '--report',
        'r.json',
      ),
    ).toMatchObject({
      input: { kind: 'events', file: 'a.ndjson' },
      duplicate: 0.3,
      shuffle: true,
      seed: 7,
      once: true,
      reportFile: 'r.json',
    });
    expect(parse('--events', '-', '--visibility-scale=2.5', '--chaos-ticks')).toMatchObject({
      visibilityScale: 2.5,
      chaosTicks: true,
    });
    expect(parse('--events', '-').input).toEqual({ kind: 'events', file: '-' });
  });

  it('replay an order table', () => {
    expect(
      parse(
        '--orders',
        'a.csv',
        '--columns',
        `${COLUMNS}, kind = k,channel=c,store=s`,
        '--amount-unit',
        'minor',
        '--time-zone',
        'Asia/Shanghai',
        '--campaign',
        'x.json',
        '--campaign',
        'y.json',
      ),
    ).toMatchObject({
      input: {
        kind: 'orders',
        reading: {
          given: {
            columns: {
              order: 'o',
              member: 'm',
              brand: 'b',
              amount: 'a',
              time: 't',
              kind: 'k',
              channel: 'c',
              store: 's',
            },
            amountUnit: 'minor',
            timeZone: 'Asia/Shanghai',
          },
        },
      },
      campaignFiles: ['x.json', 'y.json'],
    });
  });

  it.each([
    [['--evnts', 'a'], 'unknown option --evnts; --help lists what there is'],
    [['-x'], 'unknown option -x; --help lists what there is'],
    [['a.ndjson'], 'expected options only, got "a.ndjson" (--orders FILE or --events FILE names an input)'],
    [['--events'], '--events: expected a value, got nothing'],
    [['--events='], '--events: expected a value, got nothing'],
    [['--events', 'a', '--events', 'b'], '--events: expected once, got twice'],
    [['--shuffle=yes'], '--shuffle: expected no value, got "yes"'],
    [['--events', 'a', '--orders', 'b'], '--events and --orders: expected one of them, got both'],
    [['--events', 'a', '--columns', COLUMNS], '--columns: expected only with --orders'],
    [['--time-zone', 'UTC'], '--time-zone: expected only with --orders'],
    [['--once'], '--events, --orders or --campaign: expected one of them, got none'],
    [
      ['--orders', 'a', '--columns', `${COLUMNS},total=x`],
      '--columns: expected one of amount, total, got both',
    ],
    [
      ['--orders', 'a', '--columns', `${COLUMNS},kind=k,status=s`],
      '--columns: expected kind or status, got both',
    ],
    [
      ['--orders', 'a', '--columns', COLUMNS, '--mapping', 'm.json'],
      '--mapping and --columns: expected one of them, got both',
    ],
    [['--orders', 'a', '--currency', 'yuan'], '--currency: expected a code such as CNY, got "yuan"'],
    [
      ['--orders', 'a', '--status', 'done=sold'],
      '--status: expected WORD=paid|refunded|both|ignored, got "done=sold"',
    ],
    [['--orders', 'a', '--delimiter', '::'], '--delimiter: expected one character, or tab, got "::"'],
    [
      ['--orders', 'a', '--rounding', 'up'],
      '--rounding: expected one of refuse, half-even, half-up, down, got "up"',
    ],
    [
      ['--orders', 'a', '--columns', 'order=o,member=m'],
      '--columns: expected brand, amount, time as well, got order=o,member=m',
    ],
    [['--orders', 'a', '--columns', `${COLUMNS},order=x`], '--columns: expected order once, got it twice'],
    [
      ['--orders', 'a', '--columns', `${COLUMNS},store=s`],
      '--columns: expected channel as well, because only near orders have a store',
    ],
    [
      ['--orders', 'a', '--columns', COLUMNS, '--time-zone', 'Peking'],
      '--time-zone: expected an IANA name such as America/Sao_Paulo, got "Peking"',
    ],
    [
      ['--orders', 'a', '--columns', COLUMNS, '--amount-unit', 'cents'],
      '--amount-unit: expected major or minor, got "cents"',
    ],
    [['--duplicate', '1.5'], '--duplicate: expected a number from 0 to 1, got "1.5"'],
    [['--duplicate', '30%'], '--duplicate: expected a number from 0 to 1, got "30%"'],
    [['--report', '--once'], '--report: expected a value, got --once'],
    [['--seed', '-1'], '--seed: expected a whole number from 0 to 9007199254740991, got "-1"'],
    [['--seed=-1'], '--seed: expected a whole number from 0 to 9007199254740991, got "-1"'],
    [['--pack', '0'], '--pack: expected a whole number from 1 to 1000, got "0"'],
    [['--pack', '2.5'], '--pack: expected a whole number from 1 to 1000, got "2.5"'],
    [['--port', '70000'], '--port: expected a whole number from 0 to 65535, got "70000"'],
    [['--wait', '4000'], '--wait: expected a whole number from 0 to 3600, got "4000"'],
    [['--rate', 'fast'], '--rate: expected a whole number from 1 to 1000000, got "fast"'],
    [['--kill-every', '1'], '--kill-every: expected a whole number from 50 to 3600000, got "1"'],
  ])('refuse %j, naming the option, what was given and what was expected', (args, message) => {
    expect(mistake(...args)).toBe(message);
  });

  it.each(['order', 'order=', '=x', 'prize=x', ''])(
    'refuse %j in --columns, and name the roles there are',
    (pair) => {
      expect(mistake('--orders', 'a', `--columns=${COLUMNS},${pair}`)).toContain(
        'expected ROLE=COLUMN with a role of order, parent, line, member, brand, amount, price, quantity, total, discount, refund, time, clock, ',
      );
    },
  );

  it('need no input if they name a campaign, and take .3 for 0.3', () => {
    expect(parse('--campaign', 'c.json', '--duplicate', '.3')).toMatchObject({
      input: { kind: 'none' },
      duplicate: 0.3,
    });
  });

  it('take an order table without columns, which are proposed later, and a column’s name with a comma if it is in quotes', () => {
    expect(parse('--orders', 'a.csv').input).toEqual({
      kind: 'orders',
      file: 'a.csv',
      reading: { given: {} },
    });
    const columns = 'order=o,member=m,brand=b,amount="Total (incl. tax, ""all"")",time=t';
    expect(parse('--orders', 'a.csv', '--columns', columns).input).toMatchObject({
      reading: { given: { columns: { amount: 'Total (incl. tax, "all")', time: 't' } } },
    });
  });

  it('are in the help, whose lines have at most 120 characters', () => {
    expect(parseOptions(['--once', '--help'])).toEqual({ kind: 'help' });
    expect(parseOptions(['-h'])).toEqual({ kind: 'help' });
    for (const name of [
      'events',
      'orders',
      'columns',
      'amount-unit',
      'time-zone',
      'campaign',
      'wait',
      'pack',
      'rate',
    ]) {
      expect(HELP).toContain(`--${name} `);
    }
    for (const name of [
      'duplicate',
      'shuffle',
      'seed',
      'kill-every',
      'once',
      'report',
      'log',
      'port',
      'dynamodb-port',
    ]) {
      expect(HELP).toContain(`--${name} `);
    }
    expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

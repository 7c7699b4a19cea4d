/**
 * What counting an order costs, compared with other ways of counting, by rate, number of brands and duration of the sale so
 * far. Only order events are counted. `npm run node -- tests/bench/metrics.ts [orders, 100000]`: the last hour of each sale is
 * played, or only the end of that hour if it has more orders than this number. In a sale of a day or more, the whole cost of
 * extending the day's row is counted in the part that is played.
 *
 * The functions are those of production, with five collectors for each queue and two rollup workers. The earlier part of the
 * sale is given as rows that cover it. Units are counted by tables in memory, by DynamoDB's rules. CPU time is that of the
 * process without that of the tables; the SDK is left out, because it costs the same for each call in every way of counting. The
 * other ways, which the same run measures: Powertools Idempotency with two counters; one transaction for each order; and counters
 * that are summed over a batch, with a put for each order against duplicates.
 */
import { formatTable } from '#local/console/format.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import { measureWay, WAYS } from './metrics/others.ts';
import { type Case, type Measured, measure } from './metrics/sale.ts';
import type { Cost } from './metrics/world.ts';

const BRANDS = [35, 2_000, 37_000];
const RATES = [1, 10, 100, 500, 1_000, 10_000];
const SPANS = [
  { name: '1 h', ms: HOUR_MS },
  { name: '24 h', ms: DAY_MS },
  { name: '20 d', ms: 20 * DAY_MS },
];
const MANY_BRANDS = 150_000;
/** Day 20 with nearly half of the orders near, from as many stores as a large sale has. */
const NEAR = { share: 0.45, stores: 400_000 };

const cells = ({ write, read, calls, cpuMs }: Cost, digits: number, cpuFactor: number): string[] => [
  write.toFixed(digits),
  read.toFixed(digits),
  calls.toFixed(digits),
  (cpuMs * cpuFactor).toFixed(0),
];

/** In write units: a read unit costs a fifth of one. */
const priceOf = ({ write, read }: Cost): number => write + read / 5;

const HEADS = ['write', 'read', 'calls'];

const others: string[][] = [['way', 'brands', 'orders/s', ...HEADS, 'CPU µs']];
let mainstream = 0;
for (const [way, count] of Object.entries(WAYS)) {
  for (const brands of [2_000, 37_000]) {
    for (const rate of [1, 1_000]) {
      const cost = await measureWay(count, rate, brands).catch((error: Error & { code?: string }) => {
        if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
        console.log(`${way}: not measured: ${error.message}`);
      });
      if (cost === undefined) continue;
      if (way.startsWith('Powertools')) mainstream = Math.max(mainstream, priceOf(cost));
      others.push([way, String(brands), String(rate), ...cells(cost, 2, 1_000)]);
    }
  }
}
console.log('Other ways, an order:');
console.log(formatTable(others).join('\n'));

const lineOf = (
  name: string,
  { rate, brands }: Case,
  { order, refresh, look, ...rest }: Measured,
): string[] => {
  const [, lookRead, , lookMs] = cells(look, 0, 1);
  return [
    name,
    String(brands),
    String(rate),
    String(Math.round(rest.playedMs / MINUTE_MS)),
    ...cells(order, 3, 1_000),
    '|',
    ...cells(refresh, 0, 1),
    '|',
    lookRead!,
    lookMs!,
    '|',
    rest.keyUnits.toFixed(0),
  ];
};

const cases: { name: string; of: Case }[] = [
  ...SPANS.flatMap(({ name, ms }) =>
    BRANDS.flatMap((brands) => RATES.map((rate) => ({ name, of: { rate, brands, spanMs: ms } }))),
  ),
  ...[500, 10_000].map((rate) => ({ name: '20 d', of: { rate, brands: MANY_BRANDS, spanMs: 20 * DAY_MS } })),
  ...[500, 10_000].map((rate) => ({
    name: '20 d, near',
    of: { rate, brands: 37_000, spanMs: 20 * DAY_MS, near: NEAR },
  })),
];
const measured: { name: string; of: Case; got: Measured }[] = [];
for (const one of cases) {
  measured.push({ ...one, got: await measure(one.of) });
  if (process.stderr.isTTY) process.stderr.write(`\r${measured.length} of ${cases.length}`);
}
console.log(
  '\nBlocks and rows: an order | a refresh | a look at the total | the busiest key, write units a second over ten seconds:',
);
console.log(
  formatTable([
    [
      'sale on for',
      'brands',
      'orders/s',
      'min played',
      ...HEADS,
      'CPU µs',
      '|',
      ...HEADS,
      'CPU ms',
      '|',
      'read',
      'CPU ms',
      '|',
      'write/s',
    ],
    ...measured.map(({ name, of, got }) => lineOf(name, of, got)),
  ]).join('\n'),
);

const plain = measured.filter(({ name }) => !name.includes('near'));
const most = (list: typeof measured, value: (got: Measured) => number): number =>
  Math.max(...list.map(({ got }) => value(got)));
const at = (brands: number, rates: readonly number[], days?: string) =>
  plain.filter(({ name, of }) => of.brands === brands && rates.includes(of.rate) && (days ?? name) === name);
const goals: [string, number, number][] = [
  [
    'price of an order in write units, from 1/s up, beside Powertools',
    most(plain, ({ order }) => priceOf(order)),
    mainstream,
  ],
  [
    'write units an order, 37,000 brands, day 20, 1,000/s and more',
    most(at(37_000, [1_000, 10_000], '20 d'), ({ order }) => order.write),
    0.06,
  ],
  ['CPU ms of a refresh, 37,000 brands, 500/s', most(at(37_000, [500]), ({ refresh }) => refresh.cpuMs), 60],
  ['write units of the same', most(at(37_000, [500]), ({ refresh }) => refresh.write), 80],
  ['read units of the same', most(at(37_000, [500]), ({ refresh }) => refresh.read), 80],
  ['write units a second of any key', most(measured, ({ keyUnits }) => keyUnits), 800],
];
console.log('\nGoals:');
console.log(
  formatTable([
    ['', 'got', 'at most', ''],
    ...goals.map(([what, got, bound]) => [
      what,
      got.toFixed(3),
      String(bound),
      got <= bound ? 'met' : 'missed',
    ]),
  ]).join('\n'),
);

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printable } from './console/printable.ts';
import { parseDecimal, toMinor } from './import/amount.ts';
import { readCsv } from './import/csv.ts';
import { main } from './replay/main.ts';

/**
 * Replays the Olist data set of Brazilian marketplace orders: `npm run olist -- DIR [--years] [options of npm start]`.
 *
 * Its tables are joined into one order table with an event for each order and seller. The seller is the brand, the
 * amount is what the seller's items in the order cost with their freight, the member is the person
 * (`customer_unique_id`), and the time is that of the purchase, in São Paulo time. A cancelled order is refunded one
 * second after it is paid, because the data set does not say when it was refunded. An order without items gives no event.
 */

const USAGE = `usage: npm run olist -- DIR [--years] [options of npm start]

DIR holds olist_orders_dataset.csv, olist_order_items_dataset.csv and olist_customers_dataset.csv.

  --years   a campaign for each calendar year (UTC) in place of one over them all, compared with the year before;
            a brand's sales of BRL 10,000 in a year are a milestone
`;

const YEARS_OPTION = '--years';
/** The campaign definitions of the years in which the data set has orders. */
const YEAR_FILES = [2016, 2017, 2018].map((year) => join(import.meta.dirname, `olist-years/${year}.json`));

const TIME_ZONE = 'America/Sao_Paulo';
const COLUMNS = 'order=order,member=member,brand=seller,amount=cents,time=time,kind=kind';
const CANCELED = 'canceled';
const REFUND_AFTER_MS = 1_000;
const EXIT_MISTAKE = 2;

type Row = {
  order: string;
  member: string;
  seller: string;
  cents: number;
  time: string;
  kind: 'paid' | 'refunded';
};

/** Calls `visit` with the values of the named columns of each row. Throws if a column is missing or a row is broken. */
const eachRow = async (
  path: string,
  names: readonly string[],
  visit: (...values: string[]) => void,
): Promise<void> => {
  let indexes: number[] | undefined;
  for await (const rows of readCsv(path)) {
    for (const row of rows) {
      if (row.kind === 'broken') throw new Error(`${path}: line ${row.line}: ${row.reason}`);
      if (indexes !== undefined) {
        visit(...indexes.map((index) => row.fields[index] ?? ''));
        continue;
      }
      indexes = names.map((name) => row.fields.indexOf(name));
      const missing = names.filter((_, i) => indexes?.[i] === -1);
      if (missing.length > 0)
        throw new Error(`${path}: expected columns ${missing.join(', ')}, got ${row.fields.join(', ')}`);
    }
  }
};

const centsOf = (text: string): number => {
  const amount = parseDecimal(text, 'point');
  const cents = amount.ok ? toMinor(amount.value, 2, 'refuse') : amount;
  if (!cents.ok) throw new Error(`order items: expected ${cents.expected}, got ${JSON.stringify(text)}`);
  return cents.value.minor;
};

/** The wall-clock time `ms` later, in the form of the data set. */
const later = (time: string, ms: number): string =>
  new Date(Date.parse(`${time.replace(' ', 'T')}Z`) + ms).toISOString().slice(0, 19).replace('T', ' ');

/** Joins the tables into rows, in the order of the purchases. */
const joinTables = async (directory: string): Promise<Row[]> => {
  const people = new Map<string, string>();
  await eachRow(
    join(directory, 'olist_customers_dataset.csv'),
    ['customer_id', 'customer_unique_id'],
    (customer, person) => people.set(customer!, person!),
  );
  const centsBySeller = new Map<string, Map<string, number>>();
  await eachRow(
    join(directory, 'olist_order_items_dataset.csv'),
    ['order_id', 'seller_id', 'price', 'freight_value'],
    (order, seller, price, freight) => {
      const sellers = centsBySeller.get(order!) ?? new Map<string, number>();
      centsBySeller.set(order!, sellers);
      sellers.set(seller!, (sellers.get(seller!) ?? 0) + centsOf(price!) + centsOf(freight!));
    },
  );
  const rows: Row[] = [];
  await eachRow(
    join(directory, 'olist_orders_dataset.csv'),
    ['order_id', 'customer_id', 'order_status', 'order_purchase_timestamp'],
    (order, customer, status, time) => {
      const member = people.get(customer!);
      if (member === undefined) throw new Error(`order ${order}: no customer ${customer}`);
      for (const [seller, cents] of centsBySeller.get(order!) ?? []) {
        const paid: Row = { order: order!, member, seller, cents, time: time!, kind: 'paid' };
        rows.push(paid);
        if (status === CANCELED)
          rows.push({ ...paid, time: later(time!, REFUND_AFTER_MS), kind: 'refunded' });
      }
    },
  );
  return rows.sort(
    (a, b) => compare(a.time, b.time) || compare(a.order, b.order) || compare(a.seller, b.seller),
  );
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const toCsv = function* (rows: readonly Row[]): Generator<string> {
  yield 'order,member,seller,cents,time,kind\n';
  for (const { order, member, seller, cents, time, kind } of rows) {
    yield `${order},${member},${seller},${cents},${time},${kind}\n`;
  }
};

const replayOlist = async (directory: string, options: readonly string[]): Promise<number> => {
  const temporary = await mkdtemp(join(tmpdir(), 'zhihui-olist-'));
  try {
    // The events' source contains the file's name, so the name is the same in every run.
    const file = join(temporary, 'olist.csv');
    await pipeline(Readable.from(toCsv(await joinTables(directory))), createWriteStream(file));
    const table = [
      '--orders',
      file,
      '--columns',
      COLUMNS,
      '--amount-unit',
      'minor',
      '--time-zone',
      TIME_ZONE,
      '--currency',
      'BRL',
    ];
    const campaigns = options.includes(YEARS_OPTION)
      ? YEAR_FILES.flatMap((yearFile) => ['--campaign', yearFile])
      : [];
    return await main([...table, ...campaigns, ...options.filter((option) => option !== YEARS_OPTION)]);
  } catch (error) {
    process.stderr.write(`error: ${printable((error as Error).message)}\n`);
    return EXIT_MISTAKE;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
};

const [directory, ...options] = process.argv.slice(2);
if (directory === undefined || directory.startsWith('-')) {
  process.stderr.write(USAGE);
  process.exitCode = EXIT_MISTAKE;
} else {
  process.exitCode = await replayOlist(directory, options);
}

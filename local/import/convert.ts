/** Turns a table of orders into events. */
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type OrderEvent, type OrderOutcome, Orders } from './orders.ts';
import type { Looked } from './read-orders.ts';
import { type RowReader, rowReader } from './read-row.ts';
import type { Refusals } from './refusals.ts';
import { type Table, tableRows } from './table.ts';

export type Sum = { events: number; minor: number };

/** The totals of a converted file. Amounts are in minor units of its one currency. */
export type Totals = {
  rows: number;
  currency: string;
  /** Distinct orders that were paid. */
  orders: number;
  paid: Sum;
  refunded: Sum;
  members: number;
  brands: number;
  /** Rows that do not count, by reason. */
  ignored: Record<string, number>;
  refused: number;
  rounded: number;
  /** Rows without a member. Each of their orders counts as a member of its own. */
  guests: number;
  /** Orders with one total for several brands. The total counts for the first brand. */
  severalBrands: number;
};

export type Converted = {
  totals: Totals;
  /** The first events, to show. */
  first: OrderEvent[];
  /** For each line of the events, the line of the table that it comes from. */
  lines: number[];
};

const SHOWN_EVENTS = 10;
const WRITE_AT = 500;

const emptyTotals = (currency: string): Totals => ({
  rows: 0,
  currency,
  orders: 0,
  paid: { events: 0, minor: 0 },
  refunded: { events: 0, minor: 0 },
  members: 0,
  brands: 0,
  ignored: {},
  refused: 0,
  rounded: 0,
  guests: 0,
  severalBrands: 0,
});

/** Reads a table by its mapping. Yields each outcome of its rows as soon as it is known. */
const outcomesOf = async function* (
  table: Table,
  read: RowReader,
  orders: Orders,
  totals: Totals,
): AsyncGenerator<OrderOutcome> {
  for await (const rows of tableRows(table)) {
    for (const { row, found } of rows) {
      totals.rows += 1;
      const { line } = found;
      if (found.kind === 'broken') {
        const refusal = { line, field: 'row', value: found.reason, expected: 'a row as CSV has it' };
        yield { kind: 'refused', refusal };
        continue;
      }
      const reading = read(found.fields);
      switch (reading.kind) {
        case 'order':
          if (reading.isGuest) totals.guests += 1;
          yield* orders.add(reading.row, { row, line });
          break;
        case 'ignored':
          yield reading;
          break;
        case 'refused':
          yield { kind: 'refused', refusal: { line, ...reading.refusal } };
          break;
        default:
          reading satisfies never;
      }
    }
  }
  yield* orders.rest();
};

/**
 * Turns a table of orders into events, one in each line of `target`.
 *
 * @param refusals Gets every refusal. Rows that do not count are not refused.
 */
export const convert = async (
  { table, mapping, ordersRepeat }: Pick<Looked, 'table' | 'mapping' | 'ordersRepeat'>,
  { target, refusals, nowMs }: { target?: string; refusals: Refusals; nowMs: number },
): Promise<Converted> => {
  const totals = emptyTotals(mapping.currency);
  const orders = new Orders(mapping, { fileName: basename(table.name), nowMs, ordersRepeat });
  const sets = { orders: new Set<string>(), members: new Set<string>(), brands: new Set<string>() };
  const first: OrderEvent[] = [];
  const lines: number[] = [];

  const note = (event: OrderEvent): void => {
    const sum = totals[event.kind];
    sum.events += 1;
    sum.minor += event.amount;
    if (event.isRounded) totals.rounded += 1;
    if (event.kind === 'paid') {
      sets.orders.add(event.order);
      sets.members.add(event.member);
    }
    sets.brands.add(event.brand);
    if (first.length < SHOWN_EVENTS) first.push(event);
    lines.push(event.line);
  };

  const texts = async function* (): AsyncGenerator<string> {
    let waiting = '';
    let count = 0;
    for await (const outcome of outcomesOf(table, rowReader(table, mapping, ordersRepeat), orders, totals)) {
      if (outcome.kind === 'refused') refusals.add(outcome.refusal);
      else if (outcome.kind === 'ignored')
        totals.ignored[outcome.why] = (totals.ignored[outcome.why] ?? 0) + 1;
      else {
        note(outcome.event);
        waiting += `${outcome.event.text}\n`;
        if (++count % WRITE_AT === 0) {
          yield waiting;
          waiting = '';
        }
      }
    }
    yield waiting;
  };

  const before = refusals.count;
  if (target === undefined) for await (const _ of texts());
  else await pipeline(Readable.from(texts()), createWriteStream(target));
  refusals.flush();
  totals.orders = sets.orders.size;
  totals.members = sets.members.size;
  totals.brands = sets.brands.size;
  totals.refused = refusals.count - before;
  totals.severalBrands = orders.severalBrands.size;
  return { totals, first, lines };
};

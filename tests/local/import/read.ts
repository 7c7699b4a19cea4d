import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reader, type Values } from '#local/cli/options.ts';
import { convert, type Totals } from '#local/import/convert.ts';
import type { Mapping } from '#local/import/mapping.ts';
import { toReading } from '#local/import/options.ts';
import type { OrderEvent } from '#local/import/orders.ts';
import { lookAtOrders } from '#local/import/read-orders.ts';
import { Refusals, refusalText } from '#local/import/refusals.ts';

/** How a file was read, with its first events, at most ten. */
export type Read = {
  mapping: Mapping;
  reasons: string[];
  notes: string[];
  encoding: string;
  events: OrderEvent[];
  totals: Totals;
  refused: string[];
};

const NOW_MS = Date.UTC(2026, 11, 31);

/** Reads a file of orders as `zhihui import` does, with its options by their names. */
export const readOrders = async (path: string, options: Values = {}): Promise<Read> => {
  const scratch = mkdtempSync(join(tmpdir(), 'zhihui-test-'));
  try {
    const looked = await lookAtOrders(path, toReading(reader(options)), scratch);
    const { table, mapping, reasons } = looked;
    const refusals = new Refusals();
    const { totals, first } = await convert(looked, { refusals, nowMs: NOW_MS });
    const refused = refusals.lines();
    return { mapping, reasons, notes: table.notes, encoding: table.encoding, events: first, totals, refused };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** A refusal as it is shown. */
export { refusalText };

/** What matters of events: the order, the brand, what happened, and for how much. */
export const brief = (events: readonly OrderEvent[]): string[] =>
  events.map(({ order, brand, kind, amount }) => `${order} ${brand} ${kind} ${amount}`);

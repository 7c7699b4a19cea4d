import { provenMark } from './amount.ts';
import { currencyCode } from './currency.ts';
import type { Columns, Role } from './mapping.ts';
import { cellValue, type Table, tableRows } from './table.ts';
import { provenOrder } from './times.ts';

/** What a whole file says of how its values are to be read. */
export type Evidence = {
  rows: number;
  decimals: { point: number; comma: number };
  dates: { 'day-first': number; 'month-first': number; unproven: number };
  /** Rows by what stands in the column of currencies, in capitals. */
  currencies: Map<string, number>;
  /** Amounts by the sign or code beside them. */
  signs: Map<string, number>;
  /** Whether an order has several rows, and whether what they say it is worth is the same on all of them. */
  ordersRepeat: boolean;
  amountsRepeat: boolean;
  /** Rows without a member. */
  withoutMember: number;
};

const MONEY: readonly Role[] = ['amount', 'price', 'total', 'refund'];
const SIGN = /^[(\s+-]*([A-Za-z]{0,3}\p{Sc}|[A-Z]{3})|(\p{Sc}|[A-Z]{3}|RMB|元|円)[)\s-]*$/u;

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Where the columns of roles stand. A role whose column is not there has none. */
export const indexesOf = (columns: Columns, headers: readonly string[]): Partial<Record<Role, number>> =>
  Object.fromEntries(
    Object.entries(columns)
      .map(([role, column]) => [role, headers.indexOf(column)] as const)
      .filter(([, index]) => index !== -1),
  );

/** Reads all of a table once and keeps what proves how it is written. */
export const gatherEvidence = async (table: Table, columns: Columns): Promise<Evidence> => {
  const indexes = indexesOf(columns, table.headers);
  const evidence: Evidence = {
    rows: 0,
    decimals: { point: 0, comma: 0 },
    dates: { 'day-first': 0, 'month-first': 0, unproven: 0 },
    currencies: new Map(),
    signs: new Map(),
    ordersRepeat: false,
    amountsRepeat: true,
    withoutMember: 0,
  };
  const worthOf = new Map<string, string>();
  const at = (fields: readonly string[], role: Role): string => {
    const index = indexes[role];
    return index === undefined ? '' : cellValue(fields[index]);
  };
  const look = (fields: readonly string[]): void => {
    evidence.rows += 1;
    for (const role of MONEY) {
      const text = at(fields, role);
      const mark = provenMark(text);
      if (mark !== undefined) evidence.decimals[mark] += 1;
      const sign = SIGN.exec(text.normalize('NFKC'));
      if (sign !== null) count(evidence.signs, (sign[1] ?? sign[2])!);
    }
    for (const role of ['time', 'refund-time'] as const) {
      const order = provenOrder(at(fields, role));
      if (order !== undefined) evidence.dates[order] += 1;
    }
    const currency = at(fields, 'currency');
    if (currency !== '') count(evidence.currencies, currencyCode(currency));
    if (at(fields, 'member') === '') evidence.withoutMember += 1;
    const order = at(fields, 'order');
    const worth = at(fields, 'total') || at(fields, 'amount');
    const known = worthOf.get(order);
    if (known === undefined) worthOf.set(order, worth);
    else {
      evidence.ordersRepeat = true;
      if (worth !== '' && worth !== known) evidence.amountsRepeat = false;
    }
  };
  for await (const rows of tableRows(table)) {
    for (const { found } of rows) if (found.kind === 'fields') look(found.fields);
  }
  return evidence;
};

import { basename } from 'node:path';
import { parseRow, readCsv } from './csv.ts';
import { type Columns, orderRowReader, type Role, type RowReader, type RowSettings } from './order-row.ts';
import { InputError, type Source } from './source.ts';

/**
 * Any table of orders in CSV (RFC 4180, UTF-8), each row an order event. Throws an InputError where the header does not
 * have the columns that `columns` names.
 */
export const orderTableSource = async (
  path: string,
  name: string,
  bytes: number,
  columns: Columns,
  settings: RowSettings,
): Promise<Source> => {
  const header = await readHeader(path, name);
  const readRow = orderRowReader(indexesOf(columns, header, name), header.length, settings, basename(name));
  return {
    name,
    path,
    bytes,
    records: () => readRecords(path, readRow),
    again: (row, record) => readAgain(readRow, row, record),
  };
};

const readHeader = async (path: string, name: string): Promise<string[]> => {
  for await (const [row] of readCsv(path)) {
    if (row?.kind === 'fields') return row.fields.map((field) => field.trim());
    if (row?.kind === 'broken')
      throw new InputError(`${name}: its header, on line ${row.line}, ${row.reason}`);
  }
  throw new InputError(`${name}: expected a header line and rows, got an empty file`);
};

const indexesOf = (
  columns: Columns,
  header: readonly string[],
  name: string,
): Partial<Record<Role, number>> => {
  const indexes: Partial<Record<Role, number>> = {};
  for (const [role, column] of Object.entries(columns) as [Role, string][]) {
    const index = header.indexOf(column);
    if (index === -1) {
      throw new InputError(
        `--columns: no column ${JSON.stringify(column)} in ${name}; it has ${header.join(', ')}`,
      );
    }
    if (header.lastIndexOf(column) !== index) {
      throw new InputError(`--columns: ${name} has more than one column ${JSON.stringify(column)}`);
    }
    indexes[role] = index;
  }
  return indexes;
};

/** The records are the rows below the header, so record n is row n + 1. */
async function* readRecords(
  path: string,
  readRow: RowReader,
): ReturnType<Source['records']> & AsyncGenerator {
  let row = -1;
  for await (const rows of readCsv(path)) {
    const records = [];
    for (const csvRow of rows) {
      row += 1;
      if (row === 0) continue;
      const { start, line } = csvRow;
      const reading =
        csvRow.kind === 'fields'
          ? readRow(csvRow.fields, row)
          : { ok: false as const, reason: csvRow.reason };
      records.push(
        reading.ok
          ? { start, kind: 'sendable' as const, sendable: { text: reading.event, alone: false } }
          : { start, kind: 'unreadable' as const, line, reason: reading.reason },
      );
    }
    yield records;
  }
}

const readAgain = (readRow: RowReader, bytes: Buffer, record: number) => {
  const reading = readRow(parseRow(bytes), record + 1);
  if (!reading.ok)
    throw new Error(`the input changed while it was read: row ${record + 1} ${reading.reason}`);
  return { text: reading.event, alone: false };
};

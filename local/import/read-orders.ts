import { InputError } from '#local/console/input-error.ts';
import { gatherEvidence } from './evidence.ts';
import { type Mapping, readMapping } from './mapping.ts';
import type { Reading } from './options.ts';
import { propose } from './propose.ts';
import { openTable, type Table } from './table.ts';

/** A table, how it is read, and why. */
export type Looked = {
  table: Table;
  mapping: Mapping;
  reasons: string[];
  /** Whether any order has several rows. If none has, rows need not be kept after they are read. */
  ordersRepeat: boolean;
};

const namesOf = ({ columns }: Mapping): string[] => Object.values(columns);

/**
 * Looks at an order file and decides how to read it. Throws an InputError if it cannot be read.
 *
 * @param scratch A directory for a copy of the text, if the file cannot be read as it is.
 */
export const lookAtOrders = async (path: string, reading: Reading, scratch: string): Promise<Looked> => {
  const { mappingFile, given, encoding, delimiter } = reading;
  if (mappingFile === undefined) {
    const table = await openTable(path, scratch, reading);
    const { mapping, reasons, evidence } = await propose(table, given);
    return { table, mapping, reasons, ordersRepeat: evidence.ordersRepeat };
  }
  const written = readMapping(mappingFile);
  const table = await openTable(path, scratch, {
    encoding: encoding ?? written.encoding,
    delimiter: delimiter ?? written.delimiter,
  });
  const missing = namesOf(written).filter((column) => !table.headers.includes(column));
  if (missing.length > 0) {
    throw new InputError(
      `--mapping ${mappingFile}: no column ${missing.map((name) => JSON.stringify(name)).join(', ')} in ${path}; it has ${table.headers.join(', ')}`,
    );
  }
  return {
    table,
    mapping: { ...written, ...given, columns: written.columns },
    reasons: [`as ${mappingFile} says`],
    ordersRepeat: (await gatherEvidence(table, written.columns)).ordersRepeat,
  };
};

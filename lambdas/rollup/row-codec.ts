import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter } from '#lambdas/shared/bytes.ts';
import { compareText } from '#lambdas/shared/collections.ts';
import { digestOf } from '#lambdas/shared/hash.ts';
import { HyperLogLog } from '#lambdas/shared/hyperloglog.ts';
import type { BrandTally, Row, Tally } from './row.ts';
import { emptyRow } from './row.ts';

/** DynamoDB's limit of an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_PART_BYTES = 390_000;
/** The parts of a row are written in one transaction, whose limit is 4 MB. */
const MAX_PARTS = 8;
const FORMAT_VERSION = 1;

const sorted = <Value>(map: Map<string, Value>): [string, Value][] =>
  [...map].sort(([a], [b]) => compareText(a, b));

const BRAND_COLUMNS = [
  'orders',
  'grossFen',
  'refunds',
  'refundedFen',
] as const satisfies (keyof BrandTally)[];
const TALLY_COLUMNS = ['count', 'fen'] as const satisfies (keyof Tally)[];

const writeTable = <Column extends string>(
  writer: ByteWriter,
  table: Map<string, Record<Column, number>>,
  columns: readonly Column[],
): void => {
  const entries = sorted(table);
  writer.uint(entries.length);
  for (const [key] of entries) writer.text(key);
  for (const column of columns) for (const [, record] of entries) writer.uint(record[column]);
};

const readTable = <Column extends string>(
  reader: ByteReader,
  columns: readonly Column[],
): Map<string, Record<Column, number>> => {
  const entries = Array.from({ length: reader.uint() }, (): [string, Record<Column, number>] => [
    reader.text(),
    Object.fromEntries(columns.map((column) => [column, 0])) as Record<Column, number>,
  ]);
  for (const column of columns) for (const [, record] of entries) record[column] = reader.uint();
  return new Map(entries);
};

/** A sketch as the differences between its contributions: 2 to 3 bytes a member, and never over 33 KB before deflation. */
const writeSketch = (writer: ByteWriter, sketch: HyperLogLog): void => {
  const contributions = [...sketch.contributions()];
  writer.uint(contributions.length);
  let previous = 0;
  for (const contribution of contributions) {
    writer.uint(contribution - previous);
    previous = contribution;
  }
};

const readSketch = (reader: ByteReader): HyperLogLog => {
  const sketch = new HyperLogLog();
  let contribution = 0;
  for (let left = reader.uint(); left > 0; left--) {
    contribution += reader.uint();
    sketch.add(contribution);
  }
  return sketch;
};

/** Packs a row. Equal rows give equal bytes, whatever order their parts were merged in. */
export const packRow = (row: Row): Uint8Array => {
  const writer = new ByteWriter();
  writer.uint(FORMAT_VERSION);
  writer.uint(row.newestMs);
  writer.uint(row.conflicts);
  writeTable(writer, row.tallies, TALLY_COLUMNS);
  writeTable(writer, row.brands, BRAND_COLUMNS);
  const sketches = sorted(row.sketches);
  writer.uint(sketches.length);
  for (const [name, sketch] of sketches) {
    writer.text(name);
    writeSketch(writer, sketch);
  }
  return deflateRawSync(writer.bytes(), { level: 9 });
};

/** Reads a row back. Throws RangeError for bytes that are no row. */
export const unpackRow = (body: Uint8Array): Row => {
  const reader = new ByteReader(inflateRawSync(body));
  const version = reader.uint();
  if (version !== FORMAT_VERSION)
    throw new RangeError(`row version: expected ${FORMAT_VERSION}, got ${version}`);
  const row = emptyRow();
  row.newestMs = reader.uint();
  row.conflicts = reader.uint();
  row.tallies = readTable(reader, TALLY_COLUMNS);
  row.brands = readTable(reader, BRAND_COLUMNS);
  for (let left = reader.uint(); left > 0; left--) {
    const name = reader.text();
    row.sketches.set(name, readSketch(reader));
  }
  return row;
};

/** Splits a row's brands over `count` rows by a hash of their names; merging them gives the row again. */
const splitByBrand = (row: Row, count: number): Row[] => {
  const parts = Array.from({ length: count }, (_, i) =>
    i === 0 ? { ...row, brands: new Map() } : emptyRow(),
  );
  for (const [name, brand] of row.brands) {
    parts[digestOf(name).readUInt32LE(0) % count]!.brands.set(name, brand);
  }
  return parts;
};

/**
 * Packs a row into as few parts of at most `maxBytes` as a power of two allows: one, unless it has tens of thousands of
 * brands. Merging the unpacked parts gives the row again. Throws RangeError past {@link MAX_PARTS} parts.
 */
export const packRowParts = (row: Row, maxBytes = MAX_PART_BYTES): Uint8Array[] => {
  for (let count = 1; count <= MAX_PARTS; count *= 2) {
    const parts = count === 1 ? [packRow(row)] : splitByBrand(row, count).map(packRow);
    if (parts.every((part) => part.length <= maxBytes)) return parts;
  }
  throw new RangeError(
    `row: expected at most ${MAX_PARTS} parts of ${maxBytes} bytes, got more with ${row.brands.size} brands`,
  );
};

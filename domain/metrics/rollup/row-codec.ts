import { HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { compareText } from '#platform/collections.ts';
import { ascending, type Columns, readColumns, writeColumns } from '#platform/columns.ts';
import { compress, decompress } from '#platform/compression.ts';
import { readerOf } from '#platform/format.ts';
import { digestOf } from '#platform/hash.ts';
import { readBrands, writeBrands } from './brand-codec.ts';
import { MemberSample } from './member-sample.ts';
import { emptyRow, netFenOf, type Row, unnamedOf } from './row.ts';
import {
  BRAND_COLUMNS,
  LABEL_COLUMNS,
  MEMBER_COLUMNS,
  noBrandTally,
  noLabelTally,
  noSampledMember,
  noSeriesPoint,
  SERIES_COLUMNS,
} from './row-columns.ts';
import { readStores, writeStores } from './store-codec.ts';
import { noStores, STORE_FIELDS } from './store-sums.ts';

/** DynamoDB's limit for an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_PART_BYTES = 390_000;
/** Far more than any number of brands needs. If a part is still too large, more parts would not help. */
const MAX_PARTS = 256;
const FORMAT_VERSION = 4;

const sorted = <Value>(map: ReadonlyMap<string, Value>): [string, Value][] =>
  [...map].sort(([a], [b]) => compareText(a, b));

const writeTable = <Tally>(
  writer: ByteWriter,
  table: ReadonlyMap<string, Tally>,
  columns: Columns<Tally>,
): void => {
  const entries = sorted(table);
  writer.uint(entries.length);
  for (const [key] of entries) writer.text(key);
  writeColumns(
    writer,
    columns,
    entries.map(([, tally]) => tally),
  );
};

const readTable = <Tally>(
  reader: ByteReader,
  columns: Columns<Tally>,
  create: () => Tally,
): Map<string, Tally> => {
  const table = new Map<string, Tally>();
  for (let left = reader.count(); left > 0; left--) table.set(reader.text(), create());
  readColumns(reader, columns, [...table.values()]);
  return table;
};

/** Reads the brands of format version 3, which stores each brand's peak less its net amount. */
const readBrandTable = (reader: ByteReader): Row['brands'] => {
  const brands = readTable(reader, BRAND_COLUMNS, noBrandTally);
  for (const brand of brands.values()) brand.peakFen += netFenOf(brand);
  return brands;
};

/** A sketch as the differences between its contributions: 2 to 3 bytes for each member, and never over 66 KB before deflation. */
const writeSketch = (writer: ByteWriter, sketch: HyperLogLog): void => {
  const contributions = [...sketch.contributions()];
  writer.uint(contributions.length);
  ascending.write(writer, contributions);
};

const readSketch = (reader: ByteReader): HyperLogLog => {
  const sketch = new HyperLogLog();
  for (const contribution of ascending.read(reader, reader.count())) sketch.add(contribution);
  return sketch;
};

/** Writes a sample: the differences between its members' hashes, then what they ordered, in one column for each figure. */
const writeSample = (writer: ByteWriter, sample: MemberSample): void => {
  const entries = sample.entries();
  writer.uint(sample.bound);
  writer.uint(entries.length);
  ascending.write(
    writer,
    entries.map(([hash]) => hash),
  );
  writeColumns(
    writer,
    MEMBER_COLUMNS,
    entries.map(([, member]) => member),
  );
};

const readSample = (reader: ByteReader): MemberSample => {
  const sample = new MemberSample();
  sample.lowerBound(reader.uint());
  const hashes = ascending.read(reader, reader.count());
  const members = hashes.map(noSampledMember);
  readColumns(reader, MEMBER_COLUMNS, members);
  for (const [i, hash] of hashes.entries()) sample.add(hash, members[i]!);
  return sample;
};

/**
 * Without refunds a row peaks at its end. So each point is written with its peak less its net amount: without refunds, that is a
 * column of zeros.
 */
const writeSeries = (writer: ByteWriter, series: Row['series']): void => {
  writer.uint(series.length);
  const points = series.map((point) => ({ ...point, peakFen: point.peakFen - Math.max(0, point.netFen) }));
  writeColumns(writer, SERIES_COLUMNS, points);
};

const readSeries = (reader: ByteReader): Row['series'] => {
  const series = Array.from({ length: reader.count() }, noSeriesPoint);
  readColumns(reader, SERIES_COLUMNS, series);
  for (const point of series) point.peakFen += Math.max(0, point.netFen);
  return series;
};

const writeNamed = <Value>(
  writer: ByteWriter,
  map: Map<string, Value>,
  write: (writer: ByteWriter, value: Value) => void,
): void => {
  const entries = sorted(map);
  writer.uint(entries.length);
  for (const [name, value] of entries) {
    writer.text(name);
    write(writer, value);
  }
};

const readNamed = <Value>(reader: ByteReader, read: (reader: ByteReader) => Value): Map<string, Value> =>
  new Map(
    Array.from({ length: reader.count() }, (): [string, Value] => {
      const name = reader.text();
      return [name, read(reader)];
    }),
  );

/**
 * Stores come last. They are left out if none is known and what may be missing follows from the tallies. A row from before there
 * were stores looks the same: each of its near orders may be of any store.
 */
const writeStoresOf = (writer: ByteWriter, row: Row): void => {
  const { stores, leftOut } = row.stores;
  const followFromTallies = (): boolean => {
    const unnamed = unnamedOf(row);
    return STORE_FIELDS.every((field) => leftOut[field] === unnamed[field]);
  };
  if (stores.size > 0 || !followFromTallies()) writeStores(writer, row.stores);
};

/** Packs a row. Equal rows give equal bytes, whatever order their parts were merged in. */
const packRow = (row: Row): Uint8Array => {
  const writer = new ByteWriter();
  writer.uint(FORMAT_VERSION);
  writer.uint(row.newestMs);
  writer.uint(row.conflicts);
  writeTable(writer, row.tallies, LABEL_COLUMNS);
  writeBrands(writer, row.brands);
  writeNamed(writer, row.sketches, writeSketch);
  writeNamed(writer, row.samples, writeSample);
  writer.uint(row.peakFen);
  writeSeries(writer, row.series);
  writeStoresOf(writer, row);
  return compress(writer.bytes());
};

const unpackWith =
  (readBrandsOf: (reader: ByteReader) => Row['brands']) =>
  (reader: ByteReader): Row => {
    const row = emptyRow();
    row.newestMs = reader.uint();
    row.conflicts = reader.uint();
    row.tallies = readTable(reader, LABEL_COLUMNS, noLabelTally);
    row.brands = readBrandsOf(reader);
    row.sketches = readNamed(reader, readSketch);
    row.samples = readNamed(reader, readSample);
    row.peakFen = reader.uint();
    row.series = readSeries(reader);
    row.stores = reader.isAtEnd() ? { ...noStores(), leftOut: unnamedOf(row) } : readStores(reader);
    return row;
  };

const READERS = { 3: unpackWith(readBrandTable), [FORMAT_VERSION]: unpackWith(readBrands) };

/** Reads a row back. Throws RangeError for bytes that are not a row. */
const unpackRow = (body: Uint8Array): Row => {
  const reader = new ByteReader(decompress(body));
  return readerOf('row', READERS, reader.uint())(reader);
};

/** Splits a row's brands and stores over `count` rows by a hash of their names; the first has everything else. */
const splitByName = (row: Row, count: number): Row[] => {
  const parts = Array.from({ length: count }, (_, i) =>
    i === 0 ? { ...row, brands: new Map(), stores: { ...row.stores, stores: new Map() } } : emptyRow(),
  );
  const partOf = (name: string): Row => parts[digestOf(name).readUInt32LE(0) % count]!;
  for (const [name, brand] of row.brands) partOf(name).brands.set(name, brand);
  for (const [name, store] of row.stores.stores) partOf(name).stores.stores.set(name, store);
  return parts;
};

/**
 * Packs a row into parts of at most `maxBytes`. Their number is the smallest power of two that is enough:
 * one, unless the row has tens of thousands of brands or stores. {@link unpackRowParts} gives the row again. Throws
 * RangeError past {@link MAX_PARTS} parts.
 */
export const packRowParts = (row: Row, maxBytes = MAX_PART_BYTES): Uint8Array[] => {
  for (let count = 1; count <= MAX_PARTS; count *= 2) {
    const parts = count === 1 ? [packRow(row)] : splitByName(row, count).map(packRow);
    if (parts.every((part) => part.length <= maxBytes)) return parts;
  }
  throw new RangeError(
    `row: expected at most ${MAX_PARTS} parts of ${maxBytes} bytes, got more with ${row.brands.size} brands`,
  );
};

/** Reads a row back from its parts, in their order; an empty row if there are none. */
export const unpackRowParts = (parts: readonly Uint8Array[]): Row => {
  const [row = emptyRow(), ...others] = parts.map(unpackRow);
  for (const { brands, stores } of others) {
    for (const [name, brand] of brands) row.brands.set(name, brand);
    for (const [name, store] of stores.stores) row.stores.stores.set(name, store);
  }
  return row;
};

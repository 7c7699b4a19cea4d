import type { ByteReader, ByteWriter } from './bytes.ts';

/**
 * How a field of many entries is written, with all of its values together. Neighbours in a column are similar, so deflate
 * compresses them well.
 */
export type Column<Value> = {
  write(writer: ByteWriter, values: readonly Value[]): void;
  read(reader: ByteReader, count: number): Value[];
};

/** The fields of an entry in the order in which they are written. */
export type Columns<Entry> = { readonly [Field in keyof Entry]: Column<Entry[Field]> };

/**
 * Calls a function `count` times and returns the results. It is a loop, because rows and blocks are read this way and
 * `Array.from` is twice as slow.
 */
const repeat = <Value>(count: number, next: () => Value): Value[] => {
  const values: Value[] = [];
  for (let i = 0; i < count; i++) values.push(next());
  return values;
};

/** Integers from 0 to 2^53 - 1. */
export const unsigned: Column<number> = {
  write: (writer, values) => {
    for (const value of values) writer.uint(value);
  },
  read: (reader, count) => repeat(count, () => reader.uint()),
};

/** Integers of either sign. */
export const signed: Column<number> = {
  write: (writer, values) => {
    for (const value of values) writer.int(value);
  },
  read: (reader, count) => repeat(count, () => reader.int()),
};

/** Ascending integers from 0 on, as differences, which are small. */
export const ascending: Column<number> = {
  write: (writer, values) => {
    let previous = 0;
    for (const value of values) {
      writer.uint(value - previous);
      previous = value;
    }
  },
  read: (reader, count) => {
    let value = 0;
    return repeat(count, () => {
      value += reader.uint();
      return value;
    });
  },
};

export const text: Column<string> = {
  write: (writer, values) => {
    for (const value of values) writer.text(value);
  },
  read: (reader, count) => repeat(count, () => reader.text()),
};

/** Lists of integers from 0 on: first all lengths, then all integers. */
export const unsignedLists: Column<readonly number[]> = {
  write: (writer, lists) => {
    for (const list of lists) writer.uint(list.length);
    for (const list of lists) unsigned.write(writer, list);
  },
  read: (reader, count) => unsigned.read(reader, count).map((length) => unsigned.read(reader, length)),
};

const fieldsOf = <Entry>(columns: Columns<Entry>): (keyof Entry)[] => Object.keys(columns) as (keyof Entry)[];

/** Writes entries, one column after the other, without their count. */
export const writeColumns = <Entry>(
  writer: ByteWriter,
  columns: Columns<Entry>,
  entries: readonly Entry[],
): void => {
  for (const field of fieldsOf(columns)) {
    columns[field].write(
      writer,
      entries.map((entry) => entry[field]),
    );
  }
};

/**
 * Reads what {@link writeColumns} wrote, and fills the given entries with it. The caller makes as many entries as were written, as
 * literals of one shape. That is fast: a row may have tens of thousands of entries and is read again and again.
 */
export const readColumns = <Entry>(
  reader: ByteReader,
  columns: Columns<Entry>,
  entries: readonly Entry[],
): void => {
  for (const field of fieldsOf(columns)) {
    const values = columns[field].read(reader, entries.length);
    let i = 0;
    for (const entry of entries) entry[field] = values[i++]!;
  }
};

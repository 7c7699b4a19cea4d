import type { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { readNames, sortedNames, writeNames } from './name-codec.ts';
import { noFigures, STORE_FIELDS, type StoreFigures, type StoreSums } from './store-sums.ts';

/**
 * How a row's stores are written: `leftOut`, then the names of the stores, then each known figure of all stores, then in the same
 * way how much of each figure may be missing.
 */
const PARTS = ['known', 'missing'] as const;

const writeFigures = (writer: ByteWriter, figures: Readonly<StoreFigures>): void => {
  for (const field of STORE_FIELDS) writer.uint(figures[field]);
};

const readFigures = (reader: ByteReader): StoreFigures => {
  const figures = noFigures();
  for (const field of STORE_FIELDS) figures[field] = reader.uint();
  return figures;
};

export const writeStores = (writer: ByteWriter, { stores, leftOut }: StoreSums): void => {
  writeFigures(writer, leftOut);
  const names = sortedNames(stores);
  writeNames(writer, names);
  const figures = new Float64Array(PARTS.length * STORE_FIELDS.length * names.length);
  let at = 0;
  for (const part of PARTS)
    for (const field of STORE_FIELDS)
      for (const name of names) figures[at++] = stores.get(name)![part][field];
  writer.uints(figures);
};

/** Reads back what {@link writeStores} wrote. */
export const readStores = (reader: ByteReader): StoreSums => {
  const leftOut = readFigures(reader);
  const names = readNames(reader);
  const figures = reader.uints(PARTS.length * STORE_FIELDS.length * names.length);
  const tallies = names.map(() => ({ known: noFigures(), missing: noFigures() }));
  let at = 0;
  for (const part of PARTS)
    for (const field of STORE_FIELDS) for (const tally of tallies) tally[part][field] = figures[at++]!;
  return { stores: new Map(names.map((name, i) => [name, tallies[i]!])), leftOut };
};

import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { ascending, type Columns, readColumns, text, writeColumns } from '#platform/columns.ts';
import { deflate, inflate } from '#platform/compression.ts';
import { readerOf } from '#platform/format.ts';

/** When a brand reached the line. */
export type BrandMilestone = {
  brand: string;
  /** The end of the base window in which the brand reached the line, in ms since the epoch. */
  atMs: number;
  /** A hash of what that time depends on; see `proofOf`. Empty if no search was needed. */
  proof: string;
};

const FORMAT_VERSION = 1;

const COLUMNS: Columns<BrandMilestone> = { atMs: ascending, brand: text, proof: text };

/** Packs milestones, which must be in the order of their times, in about 20 bytes each. Equal lists give equal bytes. */
export const packMilestones = (milestones: readonly BrandMilestone[]): Uint8Array => {
  const writer = new ByteWriter();
  writer.uint(FORMAT_VERSION);
  writer.uint(milestones.length);
  writeColumns(writer, COLUMNS, milestones);
  return deflate(writer.bytes(), 9);
};

const unpackVersion1 = (reader: ByteReader): BrandMilestone[] => {
  const milestones = Array.from({ length: reader.count() }, () => ({ brand: '', atMs: 0, proof: '' }));
  readColumns(reader, COLUMNS, milestones);
  return milestones;
};

const READERS = { [FORMAT_VERSION]: unpackVersion1 };

/** Reads milestones back. Throws RangeError for bytes that are not milestones. */
export const unpackMilestones = (body: Uint8Array): BrandMilestone[] => {
  const reader = new ByteReader(inflate(body));
  return readerOf('milestones', READERS, reader.uint())(reader);
};

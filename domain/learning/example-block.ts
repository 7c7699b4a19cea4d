/** Packs examples into blocks, and reads them back. */
import { ByteReader, ByteWriter, viewOf } from '#platform/bytes.ts';
import { readColumns, signed, unsigned, writeColumns } from '#platform/columns.ts';
import { deflate, inflate } from '#platform/compression.ts';
import { entryAt, readerOf } from '#platform/format.ts';
import { EVENT_ID_BYTES, fingerprintOf } from '#platform/hash.ts';
import { compareExamples, EXAMPLE_KINDS, type Example, OCCASIONS } from './example.ts';

const FORMAT_VERSION = 1;
/** At about 40 bytes for each example, a block is far below what an item holds. */
const EXAMPLES_PER_BLOCK = 4_000;

/**
 * Far more features than any example has. The time to read a block grows with the number of its examples times the number of
 * features of the widest one.
 */
const FEATURES_MAX = 256;

export type ExampleBlock = { id: string; body: Uint8Array };

type Head = { timeMs: number; kind: number; occasion: number; fold: number; size: number };

const HEAD_COLUMNS = {
  timeMs: signed,
  kind: unsigned,
  occasion: unsigned,
  fold: unsigned,
  size: unsigned,
};

const packBody = (examples: readonly Example[]): Uint8Array => {
  const contents = new ByteWriter();
  let previousMs = 0;
  const heads = examples.map(({ timeMs, kind, occasion, fold, features }): Head => {
    const sinceMs = timeMs - previousMs;
    previousMs = timeMs;
    return {
      timeMs: sinceMs,
      kind: EXAMPLE_KINDS.indexOf(kind),
      occasion: OCCASIONS.indexOf(occasion),
      fold,
      size: features.length,
    };
  });
  writeColumns<Head>(contents, HEAD_COLUMNS, heads);
  // One feature after the other, which compresses better: the values of one feature are more alike than the features of one
  // example.
  const sizeMax = Math.max(0, ...heads.map(({ size }) => size));
  for (let i = 0; i < sizeMax; i++) {
    for (const { features } of examples) if (i < features.length) contents.int(features[i]!);
  }
  const body = new ByteWriter();
  body.uint(FORMAT_VERSION);
  body.uint(examples.length);
  for (const { id } of examples) body.raw(Buffer.from(id, 'base64url'));
  body.raw(deflate(contents.bytes(), 9));
  return body.bytes();
};

/**
 * Packs examples of one campaign, window and shard into blocks: a pure function of the set of examples. Two
 * different examples under one id both stay: `useStatisticsOf` decides between them.
 */
export const packExamples = (examples: readonly Example[]): ExampleBlock[] => {
  const canonical = [...examples]
    .sort(compareExamples)
    .filter((example, i, all) => i === 0 || compareExamples(all[i - 1]!, example) !== 0);
  const blocks: ExampleBlock[] = [];
  for (let at = 0; at < canonical.length; at += EXAMPLES_PER_BLOCK) {
    const body = packBody(canonical.slice(at, at + EXAMPLES_PER_BLOCK));
    blocks.push({ id: fingerprintOf(body), body });
  }
  return blocks;
};

const unpackVersion1 = (reader: ByteReader): Example[] => {
  const count = reader.uint();
  const ids = reader.raw(count * EVENT_ID_BYTES);
  const contents = new ByteReader(inflate(reader.rest()));
  const heads = Array.from(
    { length: count },
    (): Head => ({ timeMs: 0, kind: 0, occasion: 0, fold: 0, size: 0 }),
  );
  readColumns<Head>(contents, HEAD_COLUMNS, heads);
  const widest = heads.find(({ size }) => size > FEATURES_MAX);
  if (widest)
    throw new RangeError(`features of an example: expected at most ${FEATURES_MAX}, got ${widest.size}`);
  const features = heads.map(() => [] as number[]);
  const sizeMax = Math.max(0, ...heads.map(({ size }) => size));
  for (let i = 0; i < sizeMax; i++) {
    for (const [at, { size }] of heads.entries()) if (i < size) features[at]!.push(contents.int());
  }
  const idBytes = viewOf(ids);
  let timeMs = 0;
  return heads.map((head, at) => {
    timeMs += head.timeMs;
    return {
      id: idBytes.toString('base64url', at * EVENT_ID_BYTES, (at + 1) * EVENT_ID_BYTES),
      timeMs,
      kind: entryAt(EXAMPLE_KINDS, head.kind, 'kind of an example'),
      occasion: entryAt(OCCASIONS, head.occasion, 'occasion of an example'),
      fold: head.fold,
      features: features[at]!,
    };
  });
};

const READERS = { [FORMAT_VERSION]: unpackVersion1 };

/** Reads a block's examples back. Throws RangeError for bytes that are no block. */
export const unpackExamples = (body: Uint8Array): Example[] => {
  const reader = new ByteReader(body);
  return readerOf('block of examples', READERS, reader.uint())(reader);
};

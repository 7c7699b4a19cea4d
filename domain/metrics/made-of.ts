import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { EVENT_ID_BYTES } from '#platform/hash.ts';

/**
 * What a row is made of, exactly, so that a row is only ever replaced by one that is made of all that it was made of, and more.
 *
 * A row of a base window names its blocks; any other row says how many blocks each of its children was made of. Rows are written
 * under the condition that the one they were compared with is still there, so the successive rows of a key are supersets of
 * each other, and the number of their blocks says which is which.
 */
export type MadeOf = BlockSet | ChildCounts;

export type BlockSet = {
  kind: 'blocks';
  /** As {@link blockKeyOf} shortens ids, ascending. */
  blocks: readonly string[];
  /**
   * Some of the blocks have expired, so that the row cannot be made again: what comes later is counted as too late, and changes
   * nothing else.
   */
  isSealed: boolean;
};

/** In the order of the children; 0 for one that is not there. */
export type ChildCounts = { kind: 'children'; counts: readonly number[] };

/** A block's id is 132 bits of a hash, of which 96 tell the blocks of one window apart. */
const BLOCK_KEY_CHARS = (EVENT_ID_BYTES * 4) / 3;
export const blockKeyOf = (blockId: string): string => blockId.slice(0, BLOCK_KEY_CHARS);

const BLOCKS = 1;
const SEALED_BLOCKS = 2;
const CHILDREN = 3;

export const encodeMadeOf = (madeOf: MadeOf): Uint8Array => {
  const writer = new ByteWriter();
  switch (madeOf.kind) {
    case 'blocks':
      writer.uint(madeOf.isSealed ? SEALED_BLOCKS : BLOCKS);
      for (const block of madeOf.blocks) writer.raw(Buffer.from(block, 'base64url'));
      break;
    case 'children':
      writer.uint(CHILDREN);
      writer.uint(madeOf.counts.length);
      for (const count of madeOf.counts) writer.uint(count);
      break;
    default:
      madeOf satisfies never;
  }
  return writer.bytes();
};

const blocksIn = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length / EVENT_ID_BYTES }, (_, i) =>
    Buffer.from(bytes.subarray(i * EVENT_ID_BYTES, (i + 1) * EVENT_ID_BYTES)).toString('base64url'),
  );

/** Reads back what {@link encodeMadeOf} wrote. Throws RangeError for other bytes. */
export const decodeMadeOf = (bytes: Uint8Array): MadeOf => {
  const reader = new ByteReader(bytes);
  const kind = reader.uint();
  switch (kind) {
    case BLOCKS:
    case SEALED_BLOCKS:
      return { kind: 'blocks', blocks: blocksIn(reader.rest()), isSealed: kind === SEALED_BLOCKS };
    case CHILDREN:
      return { kind: 'children', counts: Array.from({ length: reader.uint() }, () => reader.uint()) };
    default:
      throw new RangeError(`made of: expected kind ${BLOCKS}, ${SEALED_BLOCKS} or ${CHILDREN}, got ${kind}`);
  }
};

import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { EVENT_ID_BYTES } from '#platform/hash.ts';

/**
 * Exactly what a row is made of, so that a row is only replaced by one that is made of all of that and more.
 *
 * A row that is folded from blocks names these blocks. It is the row of a base window or, if the window has several shards, of
 * one of its shards. Any other row says how many blocks each of its children was made of. A row is written on condition that the
 * row it was compared with is still stored. So each row under a key is made of a superset of the blocks of the row before, and
 * the number of blocks shows which row is newer.
 */
export type MadeOf = BlockSet | ChildCounts;

export type BlockSet = {
  kind: 'blocks';
  /** Ids shortened by {@link blockKeyOf}, ascending. */
  blocks: readonly string[];
  /**
   * Some of the blocks have expired, so the row cannot be made again. Later events are counted as too late and change nothing
   * else.
   */
  isSealed: boolean;
};

/** In the order of the children; 0 for a child that does not exist. */
export type ChildCounts = { kind: 'children'; counts: readonly number[] };

/** A block's id is 132 bits of a hash. 96 of them are enough to distinguish the blocks of one window. */
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
      return { kind: 'children', counts: Array.from({ length: reader.count() }, () => reader.uint()) };
    default:
      throw new RangeError(
        `sources of a row: expected kind ${BLOCKS}, ${SEALED_BLOCKS} or ${CHILDREN}, got ${kind}`,
      );
  }
};

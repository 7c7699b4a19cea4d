import zlib from 'node:zlib';
import { compress, decompress, deflate, inflate } from '#platform/compression.ts';

/**
 * The decompressed contents of the compressed part of stored bytes. `with` returns the stored bytes with other contents in that
 * part.
 */
export type Packed = {
  readonly contents: Uint8Array;
  with(contents: Uint8Array): Uint8Array;
};

const isZstd = (bytes: Uint8Array): boolean => zlib.zstdCompressSync !== undefined && bytes[0] === 0x28;

const packedFrom = (bytes: Uint8Array, at: number): Packed | undefined => {
  const body = bytes.subarray(at);
  try {
    const contents = isZstd(body) ? decompress(body) : inflate(body);
    const pack = isZstd(body) ? compress : deflate;
    return { contents, with: (other) => Buffer.concat([bytes.subarray(0, at), pack(other)]) };
  } catch {
    return undefined;
  }
};

const isRead = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): boolean => {
  try {
    read(bytes);
    return true;
  } catch {
    return false;
  }
};

/**
 * Finds the compressed part of stored bytes; undefined if no part is compressed. Most changes to compressed bytes are refused
 * before the reader sees the contents, so the contents have to be changed too.
 */
export const packedOf = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): Packed | undefined =>
  [...bytes.keys()]
    .map((at) => packedFrom(bytes, at))
    // Bytes may look compressed by chance. If they are packed again, the reader refuses the whole.
    .find(
      (packed) =>
        packed !== undefined && packed.contents.length > 0 && isRead(packed.with(packed.contents), read),
    );

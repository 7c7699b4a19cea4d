/** Compresses stored bytes and decompresses them. */
import zlib from 'node:zlib';

/**
 * Every zstd frame begins with these bytes (RFC 8878, 3.1.1), and no raw deflate stream does: there they
 * would begin a stored block whose length does not match its complement (RFC 1951, 3.2.4).
 */
const ZSTD_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
const ZSTD_LEVEL = 3;
const DEFLATE_LEVEL = 9;

/** The size of the pieces in which zlib gives its output, by default. */
const CHUNK_BYTES = 16_384;
const CHUNK_BYTES_MIN = 256;
/** Inflated bytes are usually at most this many times as long as the deflated ones. */
const INFLATION = 4;

/** Zlib allocates a whole piece even for a short output, which costs more than the output. So short outputs get a small piece. */
const chunkFor = (bytes: number): number => Math.min(CHUNK_BYTES, Math.max(CHUNK_BYTES_MIN, bytes));

/** Compresses bytes as a raw deflate stream, at zlib's default level if none is given. */
export const deflate = (bytes: Uint8Array, level: number = zlib.constants.Z_DEFAULT_COMPRESSION): Buffer =>
  zlib.deflateRawSync(bytes, { level, chunkSize: chunkFor(bytes.length) });

/** Reads back a raw deflate stream. */
export const inflate = (bytes: Uint8Array): Buffer =>
  zlib.inflateRawSync(bytes, { chunkSize: chunkFor(INFLATION * bytes.length) });

/** Compresses bytes: with zstd if the runtime has it, which is ten times as fast, else as a raw deflate stream. */
export const compress = (bytes: Uint8Array): Uint8Array =>
  zlib.zstdCompressSync === undefined
    ? deflate(bytes, DEFLATE_LEVEL)
    : zlib.zstdCompressSync(bytes, {
        params: { [zlib.constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
      });

/** Reads back what {@link compress} wrote on any runtime. */
export const decompress = (bytes: Uint8Array): Uint8Array =>
  ZSTD_MAGIC.every((byte, i) => bytes[i] === byte)
    ? zlib.zstdDecompressSync(bytes, { chunkSize: chunkFor(INFLATION * bytes.length) })
    : inflate(bytes);

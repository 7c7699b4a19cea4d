/** Writes and reads packed bytes: integers of variable length, floats, texts and raw bytes. */
const GROWTH_FACTOR = 2;
const INITIAL_BYTES = 1024;
const MAX_VARINT_BYTES = 8;
/** The factor of the last byte of the longest varint, which has 8 bytes. */
const LAST_SCALE = 128 ** (MAX_VARINT_BYTES - 1);

/** The same bytes as a Buffer, whose methods make texts of parts without copying them first. */
export const viewOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Bytes as a text of as many characters: equal bytes give equal texts. */
export const textOfBytes = (bytes: Uint8Array): string => viewOf(bytes).toString('latin1');

const tooLarge = (): RangeError =>
  new RangeError('varint: expected an integer up to 2^53 - 1, got a larger one');

/** A part of Node's pool, because memory of its own for each writer takes five times as long. */
const smallBuffer = (): Uint8Array => {
  const { buffer, byteOffset } = Buffer.allocUnsafe(INITIAL_BYTES);
  return new Uint8Array(buffer, byteOffset, INITIAL_BYTES);
};

/** Appends integers, strings and raw bytes to one growing buffer. */
export class ByteWriter {
  #buffer = smallBuffer();
  #length = 0;

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * GROWTH_FACTOR));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }

  /** Writes an integer from 0 to 2^53 - 1 as a little-endian base-128 varint (1 to 8 bytes). */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`varint: expected an integer from 0 to 2^53 - 1, got ${value}`);
    }
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    // Bit operators work on 32 bits only, so a large value is divided until it fits.
    while (rest > 0x7fff_ffff) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Writes many integers, each as {@link uint} does. */
  uints(values: Float64Array): void {
    this.#reserve(values.length * MAX_VARINT_BYTES);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let i = 0; i < values.length; i++) {
      let rest = values[i]!;
      if (!Number.isSafeInteger(rest) || rest < 0)
        throw new RangeError(`varint: expected an integer from 0 to 2^53 - 1, got ${rest}`);
      while (rest > 0x7fff_ffff) {
        buffer[at++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
      while (rest > 0x7f) {
        buffer[at++] = (rest & 0x7f) | 0x80;
        rest >>>= 7;
      }
      buffer[at++] = rest;
    }
    this.#length = at;
  }

  /** Writes a positive or negative integer, so that small ones of either sign are short (zigzag). */
  int(value: number): void {
    this.uint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Writes bytes as they are, without their length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes a string as its UTF-8 length and bytes. */
  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.uint(bytes.length);
    this.raw(bytes);
  }

  /** Returns what was written, without copying it: the writer must not be used afterwards. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads back what a {@link ByteWriter} wrote, in the same order. Floats are written as raw bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #view: Buffer | undefined;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // `slice` shares memory on a Buffer and copies on a Uint8Array. What `raw` returns must not depend on which one was given.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#offset++];
      if (byte === undefined)
        throw new RangeError(`varint: expected another byte, got the end of ${this.#bytes.length} bytes`);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value;
      // A longer varint could give a number with which no loop ends, Infinity or NaN.
      if (byte < 0x80 || scale === LAST_SCALE) throw tooLarge();
      scale *= 128;
    }
  }

  /** Reads how many entries follow, of which each takes a byte or more. */
  count(): number {
    return this.holding(this.uint());
  }

  /**
   * Returns `count` if the bytes left can hold that many entries of at least a byte each. Throws RangeError
   * if not, so that damaged bytes do not ask for all memory there is.
   */
  holding(count: number): number {
    const left = this.#bytes.length - this.#offset;
    if (count > left)
      throw new RangeError(`count: expected at most ${left} for the bytes left, got ${count}`);
    return count;
  }

  /** Reads as many integers as {@link ByteWriter.uints} wrote. */
  uints(count: number): Float64Array {
    const values = new Float64Array(count);
    const bytes = this.#bytes;
    let at = this.#offset;
    for (let i = 0; i < count; i++) {
      let byte = bytes[at++]!;
      let value = byte & 0x7f;
      for (let scale = 128; byte > 0x7f; scale *= 128) {
        if (scale > LAST_SCALE) throw tooLarge();
        byte = bytes[at++]!;
        value += (byte & 0x7f) * scale;
      }
      if (value > Number.MAX_SAFE_INTEGER) throw tooLarge();
      values[i] = value;
    }
    if (at > bytes.length) throw new RangeError(`varint: the ${bytes.length} bytes end inside a number`);
    this.#offset = at;
    return values;
  }

  int(): number {
    const value = this.uint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Where the next `length` bytes end. Throws RangeError if fewer are left. */
  #endOf(length: number): number {
    const end = this.#offset + length;
    if (end > this.#bytes.length) {
      throw new RangeError(
        `bytes: expected ${length} at ${this.#offset}, got ${this.#bytes.length - this.#offset}`,
      );
    }
    return end;
  }

  raw(length: number): Uint8Array {
    const end = this.#endOf(length);
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  /** Reads a float of 4 or 8 bytes, little-endian. Throws RangeError if it is not finite. */
  float(length: 4 | 8): number {
    const bytes = viewOf(this.raw(length));
    const value = length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE();
    if (!Number.isFinite(value)) throw new RangeError(`float: expected a finite one, got ${value}`);
    return value;
  }

  isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** Everything that has not been read yet. */
  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#offset);
  }

  text(): string {
    const length = this.uint();
    if (length === 0) return '';
    const start = this.#offset;
    const end = this.#endOf(length);
    this.#view ??= viewOf(this.#bytes);
    this.#offset = end;
    return this.#view.toString('utf8', start, end);
  }
}

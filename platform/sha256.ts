/** SHA-256 that can be interrupted and continued by another process. */
const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;
const WORDS = 8;
const ROUNDS = 64;
const WORD_BYTES = 4;
const BITS_PER_BYTE = 8;
const UINT32 = 2 ** 32;
const END_MARK = 0x80;

/** The first 32 bits of the fractional part of a root of a prime. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * UINT32) | 0;

const PRIMES: readonly number[] = Array.from({ length: 312 }, (_, n) => n).filter(
  (n) => n > 1 && Array.from({ length: n }, (_, divisor) => divisor).every((d) => d < 2 || n % d !== 0),
);
const ROUND_CONSTANTS = Int32Array.from(PRIMES.slice(0, ROUNDS), (prime) => fraction(Math.cbrt(prime)));
const INITIAL_WORDS = Int32Array.from(PRIMES.slice(0, WORDS), (prime) => fraction(Math.sqrt(prime)));

/** The progress of a digest: the hash value so far as `words`, the number of bytes so far, and the incomplete block in base64. */
export type Sha256State = { words: number[]; bytes: number; rest: string };

/**
 * SHA-256 (FIPS 180-4) whose progress can be stored, so that another process can continue it. The progress of
 * `createHash` cannot be stored. Tests compare the two.
 */
export class Sha256 {
  readonly #words: Int32Array;
  readonly #schedule = new Int32Array(ROUNDS);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #bytes: number;

  constructor(state?: Sha256State) {
    this.#words = Int32Array.from(state?.words ?? INITIAL_WORDS);
    this.#block.set(Buffer.from(state?.rest ?? '', 'base64'));
    this.#bytes = state?.bytes ?? 0;
  }

  update(bytes: Uint8Array): void {
    let at = 0;
    const held = this.#bytes % BLOCK_BYTES;
    this.#bytes += bytes.length;
    if (held > 0) {
      at = Math.min(BLOCK_BYTES - held, bytes.length);
      this.#block.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK_BYTES) return;
      this.#compress(this.#block, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#compress(bytes, at);
    this.#block.set(bytes.subarray(at), 0);
  }

  state(): Sha256State {
    const rest = Buffer.from(this.#block.subarray(0, this.#bytes % BLOCK_BYTES)).toString('base64');
    return { words: [...this.#words], bytes: this.#bytes, rest };
  }

  /** The digest of all bytes so far, as 64 hexadecimal digits. More bytes may follow. */
  digest(): string {
    const whole = new Sha256(this.state());
    const held = this.#bytes % BLOCK_BYTES;
    const blocks = held + 1 + LENGTH_BYTES > BLOCK_BYTES ? 2 : 1;
    const padding = Buffer.alloc(blocks * BLOCK_BYTES - held);
    padding[0] = END_MARK;
    padding.writeBigUInt64BE(BigInt(this.#bytes) * BigInt(BITS_PER_BYTE), padding.length - LENGTH_BYTES);
    whole.update(padding);
    const digest = Buffer.alloc(WORDS * WORD_BYTES);
    for (const [i, word] of whole.#words.entries()) digest.writeInt32BE(word, i * WORD_BYTES);
    return digest.toString('hex');
  }

  /**
   * FIPS 180-4, section 6.2.2. Rotations are written out, because with a function for them the digest takes 1.5 times
   * as long.
   */
  #compress(bytes: Uint8Array, from: number): void {
    const w = this.#schedule;
    for (let t = 0, at = from; t < 16; t++, at += WORD_BYTES)
      w[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    for (let t = 16; t < ROUNDS; t++) {
      const x = w[t - 15]!;
      const y = w[t - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) | 0;
    }
    const h = this.#words;
    let a = h[0]!;
    let b = h[1]!;
    let c = h[2]!;
    let d = h[3]!;
    let e = h[4]!;
    let f = h[5]!;
    let g = h[6]!;
    let i = h[7]!;
    for (let t = 0; t < ROUNDS; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (i + s1 + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[t]! + w[t]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      i = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    h[0] = (h[0]! + a) | 0;
    h[1] = (h[1]! + b) | 0;
    h[2] = (h[2]! + c) | 0;
    h[3] = (h[3]! + d) | 0;
    h[4] = (h[4]! + e) | 0;
    h[5] = (h[5]! + f) | 0;
    h[6] = (h[6]! + g) | 0;
    h[7] = (h[7]! + i) | 0;
  }
}

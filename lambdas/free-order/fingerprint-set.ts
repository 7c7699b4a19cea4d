import { hash } from 'node:crypto';

const INITIAL_SLOTS = 1_024;
const MAX_LOAD = 0.5;
const GROWTH_FACTOR = 2;
const WORDS = 2;
const WORD_CHARS = 8;

/**
 * A set of texts that keeps 64 bits of SHA-256 of each: 32 bytes an element at most instead of a string, which is what
 * lets millions of order ids be checked for repetition. Two of 8 million different texts meet by chance with a
 * probability of 2 in 10^6. Open addressing with linear probing (Knuth, TAOCP volume 3, section 6.4, algorithm L).
 */
export class FingerprintSet {
  #table = new Uint32Array(INITIAL_SLOTS * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a text; false when it was there already. */
  add(text: string): boolean {
    const digest = hash('sha256', text, 'hex');
    const high = Number.parseInt(digest.slice(0, WORD_CHARS), 16);
    // A pair of zeros marks a free place, so the low word is never zero.
    const low = Number.parseInt(digest.slice(WORD_CHARS, 2 * WORD_CHARS), 16) || 1;
    if (!this.#put(high, low)) return false;
    this.#size += 1;
    if (this.#size * WORDS > this.#table.length * MAX_LOAD) this.#grow();
    return true;
  }

  #put(high: number, low: number): boolean {
    const table = this.#table;
    const mask = table.length / WORDS - 1;
    for (let at = high & mask; ; at = (at + 1) & mask) {
      if (table[at * WORDS + 1] === 0) {
        table[at * WORDS] = high;
        table[at * WORDS + 1] = low;
        return true;
      }
      if (table[at * WORDS] === high && table[at * WORDS + 1] === low) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * GROWTH_FACTOR);
    for (let at = 0; at < old.length; at += WORDS) if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]!);
  }
}

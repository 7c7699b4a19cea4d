/** A set of texts that takes little memory. */
import { hash } from 'node:crypto';

const INITIAL_SLOTS = 1_024;
const MAX_LOAD = 0.5;
const GROWTH_FACTOR = 2;
const WORDS = 2;
const WORD_CHARS = 8;

/** The first 64 bits of SHA-256 as two words. A low word of zero marks a free place, so no text's low word is zero. */
const fingerprint = (text: string): [high: number, low: number] => {
  const digest = hash('sha256', text, 'hex');
  return [
    Number.parseInt(digest.slice(0, WORD_CHARS), 16),
    Number.parseInt(digest.slice(WORD_CHARS, 2 * WORD_CHARS), 16) || 1,
  ];
};

/**
 * A set of texts that keeps only 64 bits of the SHA-256 of each. It takes at most 32 bytes for each text, so millions of order
 * ids can be checked for repetition. Among 8 million texts, the probability that any two collide is 2 in 10^6. Open addressing
 * with linear probing (Knuth, TAOCP volume 3, section 6.4, algorithm L).
 */
export class FingerprintSet {
  #table = new Uint32Array(INITIAL_SLOTS * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    const [high, low] = fingerprint(text);
    return this.#table[this.#find(high, low) + 1] !== 0;
  }

  /** Adds a text. Returns false if it was there already. */
  add(text: string): boolean {
    if (!this.#put(...fingerprint(text))) return false;
    this.#size += 1;
    if (this.#size * WORDS > this.#table.length * MAX_LOAD) this.#grow();
    return true;
  }

  /** The place of a fingerprint, or the free one where it belongs. */
  #find(high: number, low: number): number {
    const table = this.#table;
    const mask = table.length / WORDS - 1;
    for (let slot = high & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (table[at + 1] === 0 || (table[at] === high && table[at + 1] === low)) return at;
    }
  }

  #put(high: number, low: number): boolean {
    const at = this.#find(high, low);
    if (this.#table[at + 1] !== 0) return false;
    this.#table[at] = high;
    this.#table[at + 1] = low;
    return true;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * GROWTH_FACTOR);
    for (let at = 0; at < old.length; at += WORDS) if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]!);
  }
}

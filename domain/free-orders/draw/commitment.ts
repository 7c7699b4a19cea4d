/** Commit and reveal: what is published before the draw, and the secrets behind it. */
import { hash } from 'node:crypto';
import { HmacSha256 } from '#platform/hmac.ts';

/** In bytes: the seed and the member key are each as long as the hash that hides them. */
export const SECRET_BYTES = 32;

const UINT64_BYTES = 8;
const DIGEST_BYTES = 32;

/**
 * 80 bits: among a billion members, the probability that any two share a pseudonym is 4 in 10^7. It is short because every
 * loser's entry holds one.
 */
export const PSEUDONYM_CHARS = 20;

/** The public commitment to a secret: SHA-256 of its bytes, as 64 hexadecimal digits. Throws for a secret of another length. */
export const commitmentTo = (secret: Uint8Array): string => {
  if (secret.length !== SECRET_BYTES) {
    throw new RangeError(`secret: expected ${SECRET_BYTES} bytes, got ${secret.length}`);
  }
  return hash('sha256', secret, 'hex');
};

/**
 * Names members for third parties: the first 80 bits of HMAC-SHA256(member key, member id). The key is not the seed and
 * is never published, because anybody could try member ids with it; an auditor who is given it checks it against its commitment.
 */
export class Pseudonyms {
  readonly #hmac: HmacSha256;

  constructor(memberKey: Uint8Array) {
    this.#hmac = new HmacSha256(memberKey);
  }

  of(memberId: string): string {
    return this.#hmac.ofText(memberId).slice(0, PSEUDONYM_CHARS);
  }
}

/** The randomness of a slot without entries. Such a slot has no round, and its seed draws nothing. */
export const NO_RANDOMNESS = '0'.repeat(2 * DIGEST_BYTES);

/**
 * The seed of one slot: HMAC-SHA256(campaign seed, slot index as 8 bytes big-endian ‖ Merkle root of the closed slot ‖
 * randomness of the beacon's round). The three parts have fixed lengths, so no two slots share a message. The
 * operator knows the campaign's seed but cannot foresee the round's randomness; the beacon does not know the seed.
 */
export const slotSeed = (
  seed: Uint8Array,
  slot: { index: number; root: string; randomness: string },
): Uint8Array => {
  const message = Buffer.alloc(UINT64_BYTES + 2 * DIGEST_BYTES);
  message.writeBigUInt64BE(BigInt(slot.index));
  message.write(slot.root, UINT64_BYTES, 'hex');
  message.write(slot.randomness, UINT64_BYTES + DIGEST_BYTES, 'hex');
  return Buffer.from(new HmacSha256(seed).ofBytes(message), 'hex');
};

/** The secrets of a campaign's draw, all derived from the one secret that the stack keeps for its draws. */

import { HmacSha256 } from '#platform/hmac.ts';
import { commitmentTo, SECRET_BYTES } from './commitment.ts';

export type DrawKeys = { seed: Uint8Array; memberKey: Uint8Array };

const SEED_PURPOSE = 'seed';
const MEMBER_KEY_PURPOSE = 'member-key';
/** No campaign id contains it, so each pair of a purpose and a campaign id gives a different message. */
const SEPARATOR = '\u0000';

/** In bytes. The master key is as long as each secret that is derived from it. */
const MASTER_KEY_BYTES = SECRET_BYTES;

/**
 * HMAC-SHA256(master key, purpose ‖ 0x00 ‖ campaign id): one campaign's revealed seed says nothing about another
 * campaign's seed, nor about any member key. A campaign that is opened twice has the same seed both times.
 */
export const drawKeysOf = (masterKey: Uint8Array, campaignId: string): DrawKeys => {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new RangeError(`master key: expected ${MASTER_KEY_BYTES} bytes, got ${masterKey.length}`);
  }
  const hmac = new HmacSha256(masterKey);
  const derive = (purpose: string) => Buffer.from(hmac.ofText(purpose + SEPARATOR + campaignId), 'hex');
  return { seed: derive(SEED_PURPOSE), memberKey: derive(MEMBER_KEY_PURPOSE) };
};

export const commitmentsOf = ({ seed, memberKey }: DrawKeys) => ({
  seedCommitment: commitmentTo(seed),
  memberKeyCommitment: commitmentTo(memberKey),
});

import { createHash, createHmac } from 'node:crypto';

/** The tickets of a draw, computed from the secret and from what is published, as `docs/free-orders.md` describes them. */

const TICKET_BYTES = 8;
const PSEUDONYM_BYTES = 10;

const hmac = (key: Uint8Array, message: string | Uint8Array): Buffer =>
  createHmac('sha256', key).update(message).digest();

/** The seed of a campaign's draw. */
export const seedOf = (secret: string, campaignId: string): Buffer =>
  hmac(createHash('sha256').update(secret).digest(), `seed\0${campaignId}`);

/** The seed of one slot, from the seed of the draw and what is published about the slot. */
export const slotSeedOf = (
  seed: Uint8Array,
  { slot, root, randomness }: { slot: number; root: string; randomness: string },
): Buffer => {
  const index = Buffer.alloc(TICKET_BYTES);
  index.writeBigUInt64BE(BigInt(slot));
  return hmac(seed, Buffer.concat([index, Buffer.from(root, 'hex'), Buffer.from(randomness, 'hex')]));
};

/** The key of the pseudonyms in a campaign's draw. */
export const memberKeyOf = (secret: string, campaignId: string): Buffer =>
  hmac(createHash('sha256').update(secret).digest(), `member-key\0${campaignId}`);

/**
 * The ticket of a member's order under a seed: 64 bits, the smaller the better. `memberKey` comes from
 * {@link memberKeyOf}.
 */
export const ticketOf = (
  seed: Uint8Array,
  memberKey: Uint8Array,
  { member, order }: { readonly member: string; readonly order: string },
): bigint => {
  const pseudonym = hmac(memberKey, member).toString('hex', 0, PSEUDONYM_BYTES);
  return hmac(seed, `${pseudonym}\0${order}`).readBigUInt64BE(0);
};

/** Whether a ticket wins at these odds. */
export const isBelow = (ticket: bigint, odds: { win: number; in: number }): boolean =>
  ticket < (2n ** 64n * BigInt(odds.win)) / BigInt(odds.in);

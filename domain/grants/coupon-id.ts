import { digestOf } from '#platform/hash.ts';

/** 72 bits of a hash: even among billions of members of a campaign, it is unlikely that any two share one. */
const MEMBER_HASH_CHARS = 12;
const SLOT_CHARS = 2;
const SEPARATOR = '.';
const TAIL_CHARS = SEPARATOR.length + SLOT_CHARS + SEPARATOR.length + MEMBER_HASH_CHARS;

export type CouponId = { campaignId: string; slot: number; memberHash: string };

const memberHashOf = (campaignId: string, member: string): string =>
  digestOf('coupon', campaignId, member).toString('base64url').slice(0, MEMBER_HASH_CHARS);

/**
 * The id of a member's coupon in a slot of a campaign: `double11-2026.03.kY1x…`. It is a function of campaign, member and slot,
 * so a repetition makes the same id, and its owner can be checked without a look-up. At most 80 characters.
 */
export const couponIdOf = (campaignId: string, member: string, slot: number): string =>
  [campaignId, String(slot).padStart(SLOT_CHARS, '0'), memberHashOf(campaignId, member)].join(SEPARATOR);

const TAIL_PATTERN = /^\.(\d\d)\.([\w-]{12})$/;

/** Parses a coupon's id from its end, because a campaign's id may contain dots; undefined for a text that is no coupon id. */
export const parseCouponId = (id: string): CouponId | undefined => {
  const match = TAIL_PATTERN.exec(id.slice(-TAIL_CHARS));
  const campaignId = id.slice(0, -TAIL_CHARS);
  if (match === null || campaignId === '') return undefined;
  return { campaignId, slot: Number(match[1]), memberHash: match[2]! };
};

/** Whether a coupon is a member's. */
export const isOwnCoupon = ({ campaignId, memberHash }: CouponId, member: string): boolean =>
  memberHash === memberHashOf(campaignId, member);

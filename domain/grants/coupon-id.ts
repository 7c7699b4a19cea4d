import { digestOf } from '#platform/hash.ts';
import { HmacSha256 } from '#platform/hmac.ts';

/**
 * The id of a coupon: `double11-2026.coupon.03.Kf0x….9aTq…` names the campaign, the kind, the slot, the member and the cause, the
 * last two by keyed hashes. So no two grants share an id, a coupon's owner can be checked without a look-up, and an id leads to
 * nobody once the member is erased or the key is gone. A campaign that the previous version opened keeps the former ids,
 * `double11-2026.03.kY1x…`, with a hash of the member without a key.
 */

const SEPARATOR = '.';
const KIND = 'coupon';
const SLOT_CHARS = 2;
/** 96 bits: among a billion members of one campaign, the probability that any two share a hash is 6 in 10^12. */
const MEMBER_HASH_CHARS = 16;
/** 48 bits tell apart what may have caused a member's coupon. Slot and member alone make the id unique. */
const CAUSE_HASH_CHARS = 8;
const FORMER_MEMBER_HASH_CHARS = 12;

/** The tails that follow a campaign's id. The last 12 characters of a former id hold no dot, those of a keyed id do. */
const KEYED_TAIL = /^\.coupon\.(\d\d)\.([\w-]{16})\.[\w-]{8}$/;
const KEYED_TAIL_CHARS =
  [KIND.length, SLOT_CHARS, MEMBER_HASH_CHARS, CAUSE_HASH_CHARS].reduce((sum, chars) => sum + chars) +
  4 * SEPARATOR.length;
const FORMER_TAIL = /^\.(\d\d)\.([\w-]{12})$/;
const FORMER_TAIL_CHARS = SLOT_CHARS + FORMER_MEMBER_HASH_CHARS + 2 * SEPARATOR.length;

/** Contained in no campaign, member or event id. */
const FIELD_SEPARATOR = '\u0000';
const KEY_PURPOSE = 'coupon-ids';
const HEX_CHARS_PER_BASE64_CHAR = 1.5;

/**
 * Hashes the members and causes of one campaign's coupons. Its key is HMAC-SHA256(master key, 'coupon-ids' ‖ 0x00 ‖ campaign id),
 * and it is private: an object that holds a CouponIdKey can be logged or turned into JSON without showing any part of the key.
 */
export class CouponIdKey {
  readonly #hmac: HmacSha256;

  constructor(masterKey: Uint8Array, campaignId: string) {
    const key = new HmacSha256(masterKey).ofText(KEY_PURPOSE + FIELD_SEPARATOR + campaignId);
    this.#hmac = new HmacSha256(Buffer.from(key, 'hex'));
  }

  #hashOf(field: string, text: string, chars: number): string {
    const digest = this.#hmac.ofText(field + FIELD_SEPARATOR + text);
    return Buffer.from(digest.slice(0, chars * HEX_CHARS_PER_BASE64_CHAR), 'hex').toString('base64url');
  }

  member(member: string): string {
    return this.#hashOf('member', member, MEMBER_HASH_CHARS);
  }

  /** The hash of what caused a coupon. `trigger` is the id of an event, see `eventIdOf`. */
  cause(trigger: string): string {
    return this.#hashOf('cause', trigger, CAUSE_HASH_CHARS);
  }
}

const formerMemberHashOf = (campaignId: string, member: string): string =>
  digestOf('coupon', campaignId, member).toString('base64url').slice(0, FORMER_MEMBER_HASH_CHARS);

/** What an id names. */
export type CouponName = { campaignId: string; slot: number; member: string; trigger: string };

/**
 * The id of a coupon, at most 100 characters. It is a function of what it names, so making it again gives the same id. Without a
 * key it has the former form.
 */
export const couponIdOf = (
  { campaignId, slot, member, trigger }: CouponName,
  key: CouponIdKey | undefined,
): string => {
  const place = String(slot).padStart(SLOT_CHARS, '0');
  const parts =
    key === undefined
      ? [campaignId, place, formerMemberHashOf(campaignId, member)]
      : [campaignId, KIND, place, key.member(member), key.cause(trigger)];
  return parts.join(SEPARATOR);
};

/** What can be read from an id. */
export type CouponId = { campaignId: string; slot: number; memberHash: string; isKeyed: boolean };

/** Parses a coupon's id from its end, because a campaign's id may contain dots; undefined for a text that is no coupon id. */
export const parseCouponId = (id: string): CouponId | undefined => {
  const keyed = KEYED_TAIL.exec(id.slice(-KEYED_TAIL_CHARS));
  const match = keyed ?? FORMER_TAIL.exec(id.slice(-FORMER_TAIL_CHARS));
  const campaignId = id.slice(0, -(keyed === null ? FORMER_TAIL_CHARS : KEYED_TAIL_CHARS));
  if (match === null || campaignId === '') return undefined;
  return { campaignId, slot: Number(match[1]), memberHash: match[2]!, isKeyed: keyed !== null };
};

/** Whether a coupon is a member's. Without its campaign's key, a keyed id is nobody's. */
export const isOwnCoupon = (
  { campaignId, memberHash, isKeyed }: CouponId,
  member: string,
  key: CouponIdKey | undefined,
): boolean => memberHash === (isKeyed ? key?.member(member) : formerMemberHashOf(campaignId, member));

import { describe, expect, it } from 'vitest';
import { decodeProfile, encodeProfile, rememberedOutcome } from '#domain/members/profile.ts';
import { eventIdOf } from '#platform/hash.ts';

/** Written in November 2026: a far order, a near order a day later and a refund of the first another day later. */
const PROFILE_1 =
  'AQ+AlIT9nDSApNGqnDSA3OrTnDQAAAAAQGS/QOpYXhJtpdJAHYV3z1n11EDluQZHD5jVQFYKDLULsdVA0nUBq5u31UAAAAAAAADoP2yDMBDwnfs/iqcQe3rp/j/SnX4o1dD/P6ED3XBX9P8/wgrVtar9/z8AAAAAAADgP6VBpzGw++w/11Vs++RE7z+/1XnHg+DvPyYMDao5+O8/5SwayHH+7z8AAAAAAFKiQAAAAAAAUqJAAAAAAABSokAAAAAAAFKiQAAAAAAAUqJAAAAAAABSokAmsyRGApDF+gAAwLemj/3rpQYsAeGZQX+q0VWcWAI=';
const FIRST_MS = Date.UTC(2026, 10, 10, 12);
const DAY_MS = 86_400_000;

describe('a stored profile', () => {
  const profile = decodeProfile(Buffer.from(PROFILE_1, 'base64'));

  it('of version 1 is read with its times and the outcomes of its events', () => {
    expect(profile.firstOrderMs).toBe(FIRST_MS);
    expect(profile.lastOrderMs).toBe(FIRST_MS + DAY_MS);
    expect(profile.newestMs).toBe(FIRST_MS + 2 * DAY_MS);
    const outcomes = [0, 1, 2, 3].map((event) =>
      rememberedOutcome(profile, eventIdOf('shop', String(event))),
    );
    // The second and the third event are stored with the outcomes 300 and 600. The low four bits are the
    // coupon's code (12 and 8). The higher bits are the campaigns' decisions, none of which gave a coupon.
    expect(outcomes).toEqual([
      { code: 0, ofCampaigns: [] },
      { code: 12, ofCampaigns: [] },
      { code: 8, ofCampaigns: [] },
      undefined,
    ]);
    // The fen paid, which decay with a half-life of a day up to the newest event.
    expect(profile.sums[0]).toBeCloseTo(12_345 / 4 + 9_900 / 2, 9);
  });

  it('of version 1 is written again in version 2, with the same content', () => {
    expect(decodeProfile(encodeProfile(profile))).toEqual(profile);
    expect(encodeProfile(profile)[0]).toBe(2);
  });

  it('of an unknown version is refused', () => {
    expect(() => decodeProfile(Uint8Array.of(9, 0, 0))).toThrow('profile version: expected 1 or 2, got 9');
  });
});

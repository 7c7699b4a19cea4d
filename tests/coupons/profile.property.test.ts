import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeProfile,
  emptyProfile,
  encodeProfile,
  featuresOf,
  HALF_LIVES_DAYS,
  mayHaveBeenEvicted,
  observe,
  type Profile,
  type ProfileEvent,
  REMEMBERED_EVENTS,
  remember,
  rememberedOutcome,
} from '#domain/members/profile.ts';
import { eventId } from '../support/coupon-world.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-11-10T12:00:00.000Z');
const TEN_YEARS_MS = 3_650 * DAY_MS;

const events = fc.array(
  fc.record({
    id: fc.constant('AAAAAAAAAAAAAAAA'),
    timeMs: fc.integer({ min: NOW_MS - TEN_YEARS_MS, max: NOW_MS }),
    kind: fc.constantFrom('paid' as const, 'refunded' as const),
    channel: fc.constantFrom('far' as const, 'near' as const),
    amountFen: fc.integer({ min: 1, max: 10_000_000_000 }),
  }),
  { minLength: 1, maxLength: 40 },
);

const profileOf = (list: readonly ProfileEvent[]): Profile => list.reduce(observe, emptyProfile());

describe('the profile of a member', () => {
  it('holds the decayed sums over all events, as they are defined', () => {
    fc.assert(
      fc.property(events, (list) => {
        const { spendFen, orders } = featuresOf(profileOf(list), NOW_MS);
        for (const [i, halfLife] of HALF_LIVES_DAYS.entries()) {
          const paid = list.filter(({ kind }) => kind === 'paid');
          const weights = paid.map(({ timeMs }) => 2 ** (-(NOW_MS - timeMs) / (halfLife * DAY_MS)));
          const expected = paid.reduce((sum, { amountFen }, k) => sum + amountFen * weights[k]!, 0);
          expect(Math.abs(spendFen[i]! - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-300);
          expect(orders[i]).toBeCloseTo(
            weights.reduce((sum, weight) => sum + weight, 0),
            9,
          );
        }
      }),
    );
  });

  it('does not depend on the order of arrival, except for rounding by at most (events + half-lives) · 2^-51 of each sum', () => {
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (list, stream) => {
        const shuffled = list
          .map((event) => ({ event, at: stream.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ event }) => event);
        const [one, two] = [profileOf(list), profileOf(shuffled)];
        expect(two.newestMs).toBe(one.newestMs);
        expect(two.firstOrderMs).toBe(one.firstOrderMs);
        expect(two.lastOrderMs).toBe(one.lastOrderMs);
        for (const [i, sum] of one.sums.entries()) {
          const halfLives = TEN_YEARS_MS / DAY_MS / HALF_LIVES_DAYS[i % HALF_LIVES_DAYS.length]!;
          const bound = (list.length + halfLives) * 2 ** -51;
          // Below the smallest normal double, relative precision is lost, so 10^-300 is always allowed.
          expect(Math.abs(two.sums[i]! - sum)).toBeLessThanOrEqual(bound * sum + 1e-300);
        }
      }),
    );
  });

  const outcomeOf = fc.record({
    code: fc.integer({ min: 0, max: 15 }),
    ofCampaigns: fc.array(
      fc.record({ campaign: fc.constantFrom(1, 7, 2 ** 32 - 1), code: fc.integer({ min: 0, max: 15 }) }),
      { maxLength: 1 },
    ),
  });

  it('is read back as it was packed, and remembers the outcomes of its latest events', () => {
    fc.assert(
      fc.property(events, fc.array(outcomeOf, { maxLength: 50 }), (list, outcomes) => {
        const profile = outcomes.reduce(
          (before, outcome, i) =>
            remember(before, { id: eventId(String(i)), timeMs: before.newestMs }, outcome),
          profileOf(list),
        );
        expect(decodeProfile(encodeProfile(profile))).toEqual(profile);
        for (const [i, outcome] of outcomes.entries()) {
          const isRecent = i >= outcomes.length - REMEMBERED_EVENTS;
          expect(rememberedOutcome(profile, eventId(String(i)))).toEqual(isRecent ? outcome : undefined);
        }
      }),
    );
  });

  it('remembers fewer events if many campaigns decided on each, and says up to which time it forgot events', () => {
    const ofCampaigns = Array.from({ length: 40 }, (_, campaign) => ({ campaign, code: campaign % 10 }));
    let profile = emptyProfile();
    for (let i = 0; i < 20; i++) {
      const event: ProfileEvent = {
        id: eventId(String(i)),
        timeMs: NOW_MS + i * 1_000,
        kind: 'paid',
        channel: 'far',
        amountFen: 1,
      };
      profile = remember(observe(profile, event), event, { code: 1, ofCampaigns });
    }
    const read = decodeProfile(encodeProfile(profile));
    expect(read).toEqual(profile);
    expect(rememberedOutcome(read, eventId('19'))).toEqual({ code: 1, ofCampaigns });
    expect(rememberedOutcome(read, eventId('0'))).toBeUndefined();
    const at = (i: number) => mayHaveBeenEvicted(read, { timeMs: NOW_MS + i * 1_000 } as ProfileEvent);
    const firstKept = Array.from({ length: 20 }, (_, i) => i).find((i) =>
      rememberedOutcome(read, eventId(String(i))),
    )!;
    expect([at(firstKept - 1), at(firstKept)]).toEqual([true, false]);
  });

  it('is hardly larger after 100,000 events than after 32', () => {
    let profile = emptyProfile();
    const sizes = new Map<number, number>();
    for (let i = 1; i <= 100_000; i++) {
      const event: ProfileEvent = {
        id: eventId(String(i)),
        timeMs: NOW_MS - TEN_YEARS_MS + i * 3_000_000,
        kind: i % 10 === 0 ? 'refunded' : 'paid',
        channel: i % 3 === 0 ? 'near' : 'far',
        amountFen: 1 + ((i * 7_919) % 1_000_000),
      };
      profile = remember(observe(profile, event), event, {
        code: 1,
        ofCampaigns: [{ campaign: 17, code: 2 }],
      });
      if (i === 1 || i === 32 || i === 100_000) sizes.set(i, encodeProfile(profile).length);
    }
    console.log('bytes of a profile by events:', Object.fromEntries(sizes));
    expect(sizes.get(1)).toBeLessThanOrEqual(140);
    // From the 33rd event on, the profile says up to which time events were dropped.
    expect(sizes.get(100_000)).toBeLessThanOrEqual(sizes.get(32)! + 6);
    expect(sizes.get(100_000)).toBeLessThanOrEqual(600);
  });
});

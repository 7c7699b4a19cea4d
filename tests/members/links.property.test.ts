import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergedProfile } from '#domain/members/links.ts';
import {
  decodeProfile,
  emptyProfile,
  encodeProfile,
  featuresOf,
  observe,
  type Profile,
  remember,
} from '#domain/members/profile.ts';
import { eventIdOf } from '#platform/hash.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-10T12:00:00.000Z');

const anyEvent = fc.record({
  timeMs: fc.integer({ min: START_MS - 400 * DAY_MS, max: START_MS }),
  kind: fc.constantFrom('paid' as const, 'refunded' as const),
  channel: fc.constantFrom('far' as const, 'near' as const),
  amountFen: fc.integer({ min: 1, max: 1_000_000 }),
});
type Event = typeof anyEvent extends fc.Arbitrary<infer One> ? One : never;

const profileOf = (events: readonly Event[], from = emptyProfile()): Profile =>
  events.reduce((profile, event, i) => {
    const one = { ...event, id: eventIdOf('/test', `${i}-${event.timeMs}`) };
    return remember(observe(profile, one), one, { code: 0, ofCampaigns: [] });
  }, from);

it('the merge of two profiles equals the profile of the orders of both, but remembers only the events of the member’s own id', () => {
  fc.assert(
    fc.property(fc.array(anyEvent), fc.array(anyEvent), (own, ofAlias) => {
      const merged = decodeProfile(encodeProfile(mergedProfile(profileOf(own), profileOf(ofAlias))));
      const features = featuresOf(merged, START_MS);
      const together = featuresOf(profileOf([...own, ...ofAlias]), START_MS);
      for (const [name, value] of Object.entries(together)) {
        const values = [value].flat() as number[];
        for (const [i, found] of ([features[name as keyof typeof features]].flat() as number[]).entries()) {
          if (Number.isFinite(values[i]!)) expect(found).toBeCloseTo(values[i]!, 4);
          else expect(found).toBe(values[i]);
        }
      }
      expect(merged.recent.map(({ id }) => id.toString('hex'))).toEqual(
        profileOf(own).recent.map(({ id }) => id.toString('hex')),
      );
    }),
  );
});

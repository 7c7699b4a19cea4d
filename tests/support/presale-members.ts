import { type Member, newMember } from '#domain/members/members-table.ts';
import { emptyProfile, encodeProfile, observe } from '#domain/members/profile.ts';
import { eventIdOf } from '#platform/hash.ts';

/** When the sale of the tests starts. */
export const START_MS = Date.parse('2026-11-10T12:00:00.000Z');
const DAY_MS = 86_400_000;
const MAX_ORDERS = 5;

/** A member that is known to have no tier, with up to five orders in the last half-year. */
export const memberWithOrders = (id: string, random: () => number): Member => {
  let profile = emptyProfile();
  for (let order = Math.floor(random() * (MAX_ORDERS + 1)); order > 0; order--) {
    profile = observe(profile, {
      id: eventIdOf('history', `${id}-${order}`),
      timeMs: START_MS - Math.floor(random() * 180 * DAY_MS),
      kind: 'paid',
      channel: random() < 0.7 ? 'far' : 'near',
      amountFen: 1_000 + Math.floor(random() * 40_000),
    });
  }
  return { ...newMember(id), version: 1, tierMs: START_MS - 180 * DAY_MS, profile: encodeProfile(profile) };
};

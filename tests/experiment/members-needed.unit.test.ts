import { describe, expect, it } from 'vitest';
import { membersNeeded } from '#domain/experiment/members-needed.ts';
import { normalQuantile } from '#domain/experiment/normal-quantile.ts';

const ONE_LOOK = normalQuantile(0.975);

describe('the number of members needed to detect a lift', () => {
  it.each([
    [0.01, 74_191],
    [0.1, 6_690],
  ])('of 15 %% at a base rate of %d with 80 %% power is %d an arm', (baseRate, members) => {
    expect(membersNeeded({ baseRate, lift: 0.15, power: 0.8 }, ONE_LOOK)).toBe(members);
  });

  it('is larger if one may look at any time, for a smaller lift and for more power, and infinite for no lift', () => {
    const aim = { baseRate: 0.1, lift: 0.15, power: 0.8 };
    const members = membersNeeded(aim, ONE_LOOK);
    expect(membersNeeded(aim, 3.04)).toBeGreaterThan(members);
    expect(membersNeeded({ ...aim, lift: 0.1 }, ONE_LOOK)).toBeGreaterThan(members);
    expect(membersNeeded({ ...aim, power: 0.9 }, ONE_LOOK)).toBeGreaterThan(members);
    expect(membersNeeded({ ...aim, lift: 0 }, ONE_LOOK)).toBe(Number.POSITIVE_INFINITY);
  });
});

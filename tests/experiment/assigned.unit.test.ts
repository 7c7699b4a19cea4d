import { describe, expect, it } from 'vitest';
import { isAssignedByPlan, isNewcomer, newcomerEvents } from '#domain/experiment/assigned.ts';
import { newMember } from '#domain/members/members-table.ts';
import { emptyProfile, observe, type ProfileEvent, remember } from '#domain/members/profile.ts';
import { eventIdOf } from '#platform/hash.ts';
import { START_MS, settings } from '../metrics/factories.ts';
import { COUPONS } from './population.ts';

const CAMPAIGN = settings();
const order = (name: string, timeMs: number): ProfileEvent => ({
  id: eventIdOf('test', name),
  timeMs,
  kind: 'paid',
  channel: 'far',
  amountFen: 100,
});
const profileAfter = (...orders: ProfileEvent[]) =>
  orders.reduce(
    (profile, one) => remember(observe(profile, one), one, { code: 0, ofCampaigns: [] }),
    emptyProfile(),
  );

const FIRST = order('first', START_MS + 1_000);
const SECOND = order('second', START_MS + 2_000);
const STORED = { ...newMember('m'), version: 3 };

describe('a newcomer of a campaign', () => {
  it('is a member who is not stored yet at the first order, also when that order is delivered again', () => {
    expect(isNewcomer(newMember('m'), emptyProfile(), FIRST, CAMPAIGN)).toBe(true);
    expect(isNewcomer(STORED, profileAfter(FIRST), FIRST, CAMPAIGN)).toBe(true);
    expect(isNewcomer(STORED, profileAfter(FIRST, SECOND), FIRST, CAMPAIGN)).toBe(true);
  });

  it('is a newcomer by the first order only', () => {
    expect(isNewcomer(STORED, profileAfter(FIRST), SECOND, CAMPAIGN)).toBe(false);
    expect(isNewcomer(STORED, profileAfter(FIRST, SECOND), SECOND, CAMPAIGN)).toBe(false);
  });

  it('is not a member who ordered before the campaign or whose tier is known', () => {
    const earlier = order('earlier', START_MS - 1);
    expect(isNewcomer(STORED, profileAfter(earlier), FIRST, CAMPAIGN)).toBe(false);
    expect(isNewcomer(STORED, profileAfter(earlier), earlier, CAMPAIGN)).toBe(false);
    expect(isNewcomer({ ...STORED, tierMs: 1, tier: '88vip' }, emptyProfile(), FIRST, CAMPAIGN)).toBe(false);
  });

  it('is assigned by the first order and not by a plan that is made meanwhile', () => {
    const { startsAtMs } = CAMPAIGN;
    expect(isAssignedByPlan(STORED, profileAfter(FIRST), startsAtMs)).toBe(false);
    expect(isAssignedByPlan(STORED, profileAfter(order('earlier', START_MS - 1)), startsAtMs)).toBe(true);
    expect(isAssignedByPlan({ ...STORED, tierMs: 1 }, profileAfter(FIRST), startsAtMs)).toBe(true);
    expect(isAssignedByPlan(STORED, emptyProfile(), startsAtMs)).toBe(true);
  });

  it('is published under one id for each campaign and member, if arms are compared', () => {
    const [event] = newcomerEvents(CAMPAIGN, COUPONS, 'm', START_MS);
    expect(newcomerEvents(CAMPAIGN, COUPONS, 'm', START_MS)[0]!.id).toBe(event!.id);
    expect(newcomerEvents(CAMPAIGN, COUPONS, 'n', START_MS)[0]!.id).not.toBe(event!.id);
    const { arms: _, ...alone } = COUPONS;
    expect(newcomerEvents(CAMPAIGN, alone, 'm', START_MS)).toEqual([]);
  });
});

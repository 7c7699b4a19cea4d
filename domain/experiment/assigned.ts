import { type Assignment, armOf, comparesArms } from '#domain/campaigns/arms.ts';
import type { Member } from '#domain/members/members-table.ts';
import { isFirstRemembered, type Profile, type ProfileEvent } from '#domain/members/profile.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';

/**
 * The first word of the label under which members are counted as assigned to an arm; the second is the arm. Each member of a campaign
 * is counted once: those who are known before it by its presale's plan, and newcomers when their profile is made, which
 * is at their first order. So the arms' orders are those of the members that they are divided by.
 */
export const ASSIGNED = 'assigned';
/** The same in the format before, which left out whom no offer was open to, and all newcomers. */
export const ELIGIBLE = 'eligible';

const SOURCE = '/zhihui/assigned';

const isToldOf = ({ tierMs, tier }: Pick<Member, 'tierMs' | 'tier'>): boolean => tierMs > 0 || tier !== '';

/** Whether a presale's plan assigns a member: not those whose first order of the sale has made them known while members were counted. */
export const isAssignedByPlan = (member: Member, profile: Profile, startsAtMs: number): boolean =>
  isToldOf(member) || profile.firstOrderMs < startsAtMs;

/**
 * Whether an order made its member known: nothing was kept of the member before, and of what is remembered the order is the first. A
 * redelivery finds the member kept, and comes to the same unless a tier has been told since.
 */
export const isNewcomer = (
  member: Pick<Member, 'version' | 'tierMs' | 'tier'>,
  profile: Profile,
  order: ProfileEvent,
  { startsAtMs }: CampaignSettings,
): boolean =>
  (member.version === 0 || !isToldOf(member)) &&
  isFirstRemembered(profile, order.id) &&
  (profile.firstOrderMs === 0 || profile.firstOrderMs >= startsAtMs);

/** That a newcomer is assigned to an arm, at the time of the order that made the member known; nothing where no arms are compared. */
export const newcomerEvents = (
  { campaignId }: CampaignSettings,
  assignment: Assignment,
  member: string,
  timeMs: number,
): MetricEvent[] =>
  comparesArms(assignment)
    ? [
        {
          id: eventIdOf(SOURCE, `${campaignId}/${member}`),
          timeMs,
          label: `${ASSIGNED}/${armOf(assignment, member)}`,
          brand: '',
          amountFen: 0,
          member: '',
        },
      ]
    : [];

import { type Assignment, armOf, comparesArms } from '#domain/campaigns/arms.ts';
import type { Member } from '#domain/members/members-table.ts';
import { isFirstRemembered, type Profile, type ProfileEvent } from '#domain/members/profile.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';

/**
 * The first word of the label under which members are counted as assigned to an arm; the second is the arm. Each member of a
 * campaign is counted once: by the presale's plan if the member was known before the sale's start, and otherwise as a newcomer,
 * when the first order makes the profile. So the orders per member of an arm are its orders divided by exactly the members who
 * could place them.
 */
export const ASSIGNED = 'assigned';
/** The same in the previous format, which left out members to whom no offer was open, and all newcomers. */
export const ELIGIBLE = 'eligible';

const SOURCE = '/zhihui/assigned';

const hasTier = ({ tierMs, tier }: Pick<Member, 'tierMs' | 'tier'>): boolean => tierMs > 0 || tier !== '';

/**
 * Whether a presale's plan assigns a member. It does not assign those who became known by an order of the sale while members
 * were still being counted.
 */
export const isAssignedByPlan = (member: Member, profile: Profile, startsAtMs: number): boolean =>
  member.joined === undefined
    ? hasTier(member) || profile.firstOrderMs < startsAtMs
    : member.joined.sinceMs < startsAtMs;

/**
 * Whether an order made its member known: no tier is stored, the order is the first one remembered, and no remembered order is
 * from before the sale's start, because the plan assigns those members. A redelivery gives the same result, unless a tier or an
 * order from before the start has arrived since. A member of whom nothing was known before a link is a newcomer if the link came
 * at or after the sale's start. The order that made it known is then the first one under the member's own id: the order with the
 * id `firstId`, or this one while `firstId` is empty.
 */
export const isNewcomer = (
  member: Pick<Member, 'version' | 'tierMs' | 'tier' | 'joined'>,
  profile: Profile,
  order: ProfileEvent,
  { startsAtMs }: CampaignSettings,
): boolean => {
  const { joined } = member;
  if (joined !== undefined)
    return joined.sinceMs >= startsAtMs && (joined.firstId === '' || joined.firstId === order.id);
  return isFirstOfAll(member, profile, order, startsAtMs);
};

const isFirstOfAll = (
  member: Pick<Member, 'version' | 'tierMs' | 'tier'>,
  profile: Profile,
  order: ProfileEvent,
  startsAtMs: number,
): boolean =>
  (member.version === 0 || !hasTier(member)) &&
  isFirstRemembered(profile, order.id) &&
  (profile.firstOrderMs === 0 || profile.firstOrderMs >= startsAtMs);

/**
 * The metric event that assigns a newcomer to an arm, at the time of the order that made the member known. None if no arms are
 * compared.
 */
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

/** The data of member events: what the shop says about a member, in addition to the member's orders. */
import * as z from 'zod/mini';
import { id, record } from './fields.ts';

/** If the tier is left out, the member no longer has one. */
export const memberData = record({ memberId: id, tier: z.optional(id) });

/** The member whose data is erased. */
export const erasedData = record({ memberId: id });

/** `aliasId` is another id of the member: one in another system, or that of a guest who has signed up. */
export const linkData = record({ memberId: id, aliasId: id });

export type MemberData = z.output<typeof memberData>;
export type LinkData = z.output<typeof linkData>;

/** The rule that a link names two different ids, which no schema can state. */
export const brokenLinkRule = ({
  memberId,
  aliasId,
}: LinkData): { field: string; expected: string; value: unknown } | undefined =>
  memberId === aliasId
    ? { field: 'aliasId', expected: 'an id other than memberId', value: aliasId }
    : undefined;

/** The data of a member event: what the shop says about a member, in addition to the member's orders. */
import * as z from 'zod/mini';
import { id, record } from './fields.ts';

/** If the tier is left out, the member no longer has one. */
export const memberData = record({ memberId: id, tier: z.optional(id) });

export type MemberData = z.output<typeof memberData>;

/** The data of a member event: what the shop says of a member, beside what the member's orders say. */
import * as z from 'zod/mini';
import { id, record } from './fields.ts';

/** A tier that is left out is none: the member has lost it. */
export const memberData = record({ memberId: id, tier: z.optional(id) });

export type MemberData = z.output<typeof memberData>;

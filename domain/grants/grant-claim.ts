/** What a claim asks for: grants to make, amounts to take, and members and grants to change, all together or not at all. */
import type { Budget } from '#domain/campaigns/budget.ts';
import type { Member } from '#domain/members/members-table.ts';
import type { Grant, Redemption, StoredGrant } from './grant.ts';

/** A grant to make, and the budget that pays its face value. */
export type GrantDebit = { grant: Grant; budget: Budget };

/** An amount to take from a budget without making a grant for it. */
export type Charge = { budget: Budget; amountFen: number };

/** The new state of a grant that was read. Refused if the grant has changed since. */
export type GrantChange = { grant: StoredGrant } & (
  | { state: 'redeemed' | 'live'; redemption: Redemption }
  | { state: 'revoked'; redemption?: never }
  /** Its face value goes back to its budget in the same transaction. Without `budget`, it has gone back already. */
  | { state: 'expired'; redemption?: Redemption; budget?: Budget }
);

/**
 * Writes that belong together: all of them happen or none. The claims that one call carries out must not write the same item, so
 * no two of them are of one member.
 */
export type GrantClaim = {
  /** Grants to make, at most one for each budget. */
  debits: readonly GrantDebit[];
  /** Amounts taken in addition to the grants' face values, such as a place in a quota. */
  charges?: readonly Charge[];
  /** The new state of the member. Refused if somebody has written the member since it was read. */
  member?: Member;
  change?: GrantChange;
  /**
   * The new states of further grants: an order may use several coupons, and each coupon's account holds all of the order's
   * lines.
   */
  furtherChanges?: readonly GrantChange[];
};

/** All changes of a claim. */
export const changesOf = ({ change, furtherChanges = [] }: GrantClaim): GrantChange[] => [
  ...(change === undefined ? [] : [change]),
  ...furtherChanges,
];

import type { Budget } from '#domain/campaigns/budget.ts';
import type { Member } from '#domain/members/members-table.ts';
import type { Grant, Redemption, StoredGrant } from './grant.ts';

/** A grant to make, and the budget that pays its face value. */
export type GrantDebit = { grant: Grant; budget: Budget };

/** An amount to take from a budget for which no grant is made. */
export type Charge = { budget: Budget; amountFen: number };

/** The new state of a grant that was read; refused when the grant has changed since. */
export type GrantChange = { grant: StoredGrant } & (
  | { state: 'redeemed' | 'live'; redemption: Redemption }
  | { state: 'revoked'; redemption?: never }
  /** Its face value goes back to its budget in the same transaction; without a budget, it went back before. */
  | { state: 'expired'; redemption?: Redemption; budget?: Budget }
);

/**
 * Writes that belong together: all of them happen or none. Two claims of one call never write the same item, so they
 * are never of the same member.
 */
export type GrantClaim = {
  /** Grants to make, at most one a budget. */
  debits: readonly GrantDebit[];
  /** Amounts taken beside the grants' face values, such as a place in a quota. */
  charges?: readonly Charge[];
  /** The new state of the member; refused when somebody has written the member since it was read. */
  member?: Member;
  change?: GrantChange;
  /** The new states of further grants: an order may use several coupons, and each account holds all of the order. */
  furtherChanges?: readonly GrantChange[];
};

/** All changes of a claim. */
export const changesOf = ({ change, furtherChanges = [] }: GrantClaim): GrantChange[] => [
  ...(change === undefined ? [] : [change]),
  ...furtherChanges,
];

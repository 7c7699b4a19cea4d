/** What has been won so far, and whether one more win is allowed. */
import type { ClaimRefusal } from '../rules/reasons.ts';
import type { Rules } from '../rules/rules.ts';

/** The pseudonyms of two ids of one member. */
export type LinkedIds = readonly [alias: string, member: string];

/** Counts the wins of each member, on each day and in the whole campaign. The counts only grow: a revoked win still counts. */
export class WinLedger {
  readonly #base: WinLedger | undefined;
  readonly #counts = new Map<string, number>();
  /** Under each linked id, all ids of its member; an id without links has no entry. */
  readonly #ids: Map<string, ReadonlySet<string>>;

  /** A ledger that adds to `base`, which it reads and never changes. */
  constructor(base?: WinLedger) {
    this.#base = base;
    this.#ids = new Map(base === undefined ? [] : base.#ids);
  }

  #count(key: string): number {
    const below = this.#base === undefined ? 0 : this.#base.#count(key);
    return (this.#counts.get(key) ?? 0) + below;
  }

  #sum(member: string, keyOf: (id: string) => string): number {
    let sum = 0;
    for (const id of this.#ids.get(member) ?? [member]) sum += this.#count(keyOf(id));
    return sum;
  }

  /** From now on the wins of both ids count for each of them. */
  link([alias, member]: LinkedIds): void {
    const idsOf = (id: string): Iterable<string> => this.#ids.get(id) ?? [id];
    const ids = new Set([...idsOf(alias), ...idsOf(member)]);
    for (const id of ids) this.#ids.set(id, ids);
  }

  /** Wins of the member in the campaign. */
  inCampaign(member: string): number {
    return this.#sum(member, (id) => id);
  }

  /** Wins of the member on a day, in days since 1970 (see `dayOf`). */
  onDay(member: string, day: number): number {
    return this.#sum(member, (id) => `${day} ${id}`);
  }

  add(member: string, day: number): void {
    for (const key of [member, `${day} ${member}`]) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }
}

/** What can still be won. */
export type RemainingPrizes = { quota: number; budgetFen: number };

export const allPrizes = ({ definition }: Rules): RemainingPrizes => ({
  quota: definition.quota,
  budgetFen: definition.budgetFen,
});

/** A winning ticket's claim to its award. */
export type PrizeClaim = { member: string; day: number; awardFen: number };

/** All reasons against a claim. The first is the one reported. Once a reason holds, it holds for good. */
export const refusalsOf = (
  { definition: { perMember, perMemberPerDay, firstOrderOnly } }: Rules,
  { member, day, awardFen }: PrizeClaim,
  ledger: WinLedger,
  remaining: RemainingPrizes,
): ClaimRefusal[] => {
  const refusals: ClaimRefusal[] = [];
  // A member has one first order, so whoever has won with it cannot win with another.
  if (firstOrderOnly === true && ledger.inCampaign(member) > 0) refusals.push('not-first-order');
  if (perMemberPerDay !== undefined && ledger.onDay(member, day) >= perMemberPerDay)
    refusals.push('member-day-limit');
  if (perMember !== undefined && ledger.inCampaign(member) >= perMember)
    refusals.push('member-campaign-limit');
  if (remaining.quota < 1) refusals.push('quota-exhausted');
  if (remaining.budgetFen < awardFen) refusals.push('budget-exhausted');
  return refusals;
};

/** Why a claim is refused; undefined when it is granted. Changes nothing. */
export const refusalOf = (
  rules: Rules,
  claim: PrizeClaim,
  ledger: WinLedger,
  remaining: RemainingPrizes,
): ClaimRefusal | undefined => refusalsOf(rules, claim, ledger, remaining)[0];

/** Enters a granted claim in the ledger and returns what remains after it. */
export const grant = (
  { member, day, awardFen }: PrizeClaim,
  ledger: WinLedger,
  remaining: RemainingPrizes,
): RemainingPrizes => {
  ledger.add(member, day);
  return { quota: remaining.quota - 1, budgetFen: remaining.budgetFen - awardFen };
};

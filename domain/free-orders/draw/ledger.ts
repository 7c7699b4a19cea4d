/** What has been won so far, and whether one more win is allowed. */
import type { DrawReason } from '../rules/reasons.ts';
import type { Rules } from '../rules/rules.ts';

/** ExportCounts the wins of members, on a day and in the campaign. It only ever grows: a revoked win stays a win. */
export class WinLedger {
  readonly #base: WinLedger | undefined;
  readonly #counts = new Map<string, number>();

  /** A ledger on top of `base`, which it reads and never changes. */
  constructor(base?: WinLedger) {
    this.#base = base;
  }

  #count(key: string): number {
    const below = this.#base === undefined ? 0 : this.#base.#count(key);
    return (this.#counts.get(key) ?? 0) + below;
  }

  /** Wins of the member in the campaign. */
  inCampaign(member: string): number {
    return this.#count(member);
  }

  /** Wins of the member on a day, in days since 1970 (see `dayOf`). */
  onDay(member: string, day: number): number {
    return this.#count(`${day} ${member}`);
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

/** A winning ticket that asks for its award. */
export type PrizeClaim = { member: string; day: number; awardFen: number };

/** Why a claim is refused, in the order of DRAW_REASONS; undefined when it is granted. Changes nothing. */
export const refusalOf = (
  { definition: { perMember, perMemberPerDay } }: Rules,
  { member, day, awardFen }: PrizeClaim,
  ledger: WinLedger,
  remaining: RemainingPrizes,
): DrawReason | undefined => {
  if (perMemberPerDay !== undefined && ledger.onDay(member, day) >= perMemberPerDay)
    return 'member-day-limit';
  if (perMember !== undefined && ledger.inCampaign(member) >= perMember) return 'member-campaign-limit';
  if (remaining.quota < 1) return 'quota-exhausted';
  if (remaining.budgetFen < awardFen) return 'budget-exhausted';
  return undefined;
};

/** Enters a granted claim in the ledger and returns what remains after it. */
export const grant = (
  { member, day, awardFen }: PrizeClaim,
  ledger: WinLedger,
  remaining: RemainingPrizes,
): RemainingPrizes => {
  ledger.add(member, day);
  return { quota: remaining.quota - 1, budgetFen: remaining.budgetFen - awardFen };
};

import type { DrawOutcome } from '../rules/reasons.ts';

export type ExportCounts = {
  entries: number;
  /** Outcomes that did not occur are left out. */
  outcomes: Partial<Record<DrawOutcome, number>>;
  /** Wins that a refund took back after the draw; they are counted as won too. */
  revoked: number;
  /** What all wins together cost, the revoked ones included. */
  awardedFen: number;
  /** The part of the awards that is paid out after all refunds. Exports of version 1 do not have it. */
  paidOutFen: number;
};

/** How the entry of a line ended, amounts in fen. */
export type LineEnd = { outcome: DrawOutcome; awardFen: number; revoked: boolean; paidOutFen: number };

/** Adds up how the entries of an export ended. */
export class ExportTally {
  readonly counts: ExportCounts;

  /** Continues from counts, which it does not change; default: from nothing. */
  constructor(from?: ExportCounts) {
    this.counts = {
      ...(from ?? { entries: 0, revoked: 0, awardedFen: 0, paidOutFen: 0 }),
      outcomes: { ...from?.outcomes },
    };
  }

  add({ outcome, awardFen, revoked, paidOutFen }: LineEnd): void {
    const { counts } = this;
    counts.entries += 1;
    counts.outcomes[outcome] = (counts.outcomes[outcome] ?? 0) + 1;
    counts.awardedFen += awardFen;
    counts.paidOutFen += paidOutFen;
    if (revoked) counts.revoked += 1;
  }
}

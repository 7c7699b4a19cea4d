import type { DrawOutcome } from '../rules/reasons.ts';

export type ExportCounts = {
  entries: number;
  /** Outcomes that did not occur are left out. */
  outcomes: Partial<Record<DrawOutcome, number>>;
  /** Wins that a refund took back after the draw; they are counted as won too. */
  revoked: number;
  /** What all wins together cost, the revoked ones included. */
  awardedFen: number;
};

/** Adds up how the entries of an export ended. */
export class ExportTally {
  readonly counts: ExportCounts = { entries: 0, outcomes: {}, revoked: 0, awardedFen: 0 };

  add({ outcome, awardFen, revoked }: { outcome: DrawOutcome; awardFen: number; revoked: boolean }): void {
    const { counts } = this;
    counts.entries += 1;
    counts.outcomes[outcome] = (counts.outcomes[outcome] ?? 0) + 1;
    counts.awardedFen += awardFen;
    if (revoked) counts.revoked += 1;
  }
}

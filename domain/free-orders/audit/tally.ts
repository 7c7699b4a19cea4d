import type { Outcome } from '../rules/reasons.ts';

export type Counts = {
  entries: number;
  /** Outcomes that did not occur are left out. */
  outcomes: Partial<Record<Outcome, number>>;
  /** Wins that a refund took back after the draw; they are counted as won too. */
  revoked: number;
  /** What all wins together cost, the revoked ones included. */
  awardedFen: number;
};

/** Adds up how the entries of an export ended. */
export class Tally {
  readonly counts: Counts = { entries: 0, outcomes: {}, revoked: 0, awardedFen: 0 };

  add({ outcome, awardFen, revoked }: { outcome: Outcome; awardFen: number; revoked: boolean }): void {
    const { counts } = this;
    counts.entries += 1;
    counts.outcomes[outcome] = (counts.outcomes[outcome] ?? 0) + 1;
    counts.awardedFen += awardFen;
    if (revoked) counts.revoked += 1;
  }
}

import { FAULTS } from '../faults.ts';
import type { PlainWeather, WorldCatcher } from './defect.ts';

/**
 * A run of the undamaged pipeline: of a scripted workload, or of the seed's sale if the run names no
 * workload.
 */
export type CleanRun = {
  readonly seed: number;
  readonly workload: string | undefined;
  readonly weather: PlainWeather;
};

const cleanRun = (catcher: WorldCatcher, seed: number): CleanRun =>
  catcher.kind === 'workload'
    ? { seed, workload: catcher.workload, weather: catcher.weather }
    : { seed, workload: undefined, weather: FAULTS };

/**
 * The invariants that the undamaged pipeline itself breaks, by run. If a run with a defect breaks one of
 * these, that does not catch the defect. Each run happens once.
 */
export class CleanRuns {
  readonly #brokenBy: (run: CleanRun) => Promise<ReadonlySet<string>>;
  readonly #broken = new Map<string, ReadonlySet<string>>();

  /** `brokenBy` runs the undamaged pipeline, and returns the names of the invariants that are broken. */
  constructor(brokenBy: (run: CleanRun) => Promise<ReadonlySet<string>>) {
    this.#brokenBy = brokenBy;
  }

  /** Whether the run in which a defect was found breaks the same invariant without the defect. */
  async breaks(
    catcher: WorldCatcher,
    { seed, invariant }: { readonly seed: number; readonly invariant: string },
  ): Promise<boolean> {
    const run = cleanRun(catcher, seed);
    const key = JSON.stringify(run);
    let broken = this.#broken.get(key);
    if (broken === undefined) {
      broken = await this.#brokenBy(run);
      this.#broken.set(key, broken);
    }
    return broken.has(invariant);
  }
}

/**
 * A process that plays seeds of the seeded world with the mutant that the environment names, until one breaks an invariant. It
 * reads what is deployed from its standard input. Its last line is what was broken, or null, and which mutants were reached.
 */
import { readFileSync } from 'node:fs';
import { type Deployed, stackOf } from '../world/deployed.ts';
import { FAULTS } from '../world/faults.ts';
import { judgedRun } from '../world/judged-run.ts';
import { workloadOf } from '../world/workload/index.ts';

/** What Stryker's instrumented code keeps of a run. */
type Instrumented = { mutantCoverage?: { static: Record<string, number> } };

export type Played = { readonly broken: string | null; readonly reached: readonly string[] };

/** A sale's oracle watches its whole course, and mutants of these seeds are compared with each other: always the same twenty. */
const SEEDS = 20;

const stack = stackOf(JSON.parse(readFileSync(0, 'utf8')) as Deployed);
let broken: string | null = null;
for (let seed = 1; seed <= SEEDS && broken === null; seed++) {
  const { violations } = await judgedRun(stack, workloadOf(seed), { seed, faults: new Set(FAULTS) });
  const [first] = violations;
  if (first !== undefined) broken = `seed ${seed}: ${first.invariant}`;
}
const { mutantCoverage } = (globalThis as { __stryker__?: Instrumented }).__stryker__ ?? {};
const reached = Object.keys(mutantCoverage?.static ?? {});
console.log(JSON.stringify({ broken, reached } satisfies Played));

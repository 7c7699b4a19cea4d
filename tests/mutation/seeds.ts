/**
 * A process that plays seeds of the seeded world with the mutant that the environment names, until one of
 * them breaks an invariant. It reads from its standard input what is deployed and how many seeds to play. The
 * last line that it prints is JSON: which invariant was broken, or null, and which mutants were reached.
 */
import { readFileSync } from 'node:fs';
import { type Deployed, stackOf } from '../world/deployed.ts';
import { FAULTS } from '../world/faults.ts';
import { judgedRun } from '../world/judged-run.ts';
import { workloadOf } from '../world/workload/index.ts';

/** What Stryker's instrumented code keeps of a run. */
type Instrumented = { mutantCoverage?: { static: Record<string, number> } };

export type Played = { readonly broken: string | null; readonly reached: readonly string[] };

export type Play = { readonly deployed: Deployed; readonly seeds: number };

const { deployed, seeds } = JSON.parse(readFileSync(0, 'utf8')) as Play;
const stack = stackOf(deployed);
let broken: string | null = null;
for (let seed = 1; seed <= seeds && broken === null; seed++) {
  const { violations } = await judgedRun(stack, workloadOf(seed), { seed, faults: new Set(FAULTS) });
  const [first] = violations;
  if (first !== undefined) broken = `seed ${seed}: ${first.invariant}`;
}
const { mutantCoverage } = (globalThis as { __stryker__?: Instrumented }).__stryker__ ?? {};
const reached = Object.keys(mutantCoverage?.static ?? {});
console.log(JSON.stringify({ broken, reached } satisfies Played));

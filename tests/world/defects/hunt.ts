/**
 * A process in which a defect is planted. It runs a scripted workload with one seed after another, or the seeds' sales, until
 * one of the given invariants is broken. It reads what to do from its standard input, and prints what it finds as a line of JSON,
 * or null if it finds nothing.
 */
import { readFileSync } from 'node:fs';
import { type Deployed, stackOf } from '../deployed.ts';
import { FAULTS } from '../faults.ts';
import { judgedRun } from '../judged-run.ts';
import { scriptedWorkload, workloadOf } from '../workload/index.ts';
import { type PlainWeather, weatherOf } from './defect.ts';

export type Hunt = {
  readonly deployed: Deployed;
  readonly seeds: readonly number[];
  /** The scripted workload to run; without one, the sale of each seed is run. */
  readonly workload?: string;
  /** All faults by default. */
  readonly weather?: PlainWeather;
  readonly invariants: readonly string[];
};

export type Find = { readonly seed: number; readonly invariant: string; readonly details: string };

const { deployed, seeds, workload, weather, invariants } = JSON.parse(readFileSync(0, 'utf8')) as Hunt;
const stack = stackOf(deployed);
let find: Find | null = null;
for (const seed of seeds) {
  const work = workload === undefined ? workloadOf(seed) : scriptedWorkload(workload);
  const { violations } = await judgedRun(stack, work, { seed, faults: weatherOf(weather ?? FAULTS) });
  const found = violations.find(({ invariant }) => invariants.includes(invariant));
  if (found === undefined) continue;
  find = { seed, invariant: found.invariant, details: found.details };
  break;
}
console.log(JSON.stringify(find));

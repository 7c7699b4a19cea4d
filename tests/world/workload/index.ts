import { sale } from './sale.ts';
import { SCRIPTED } from './scripted/index.ts';
import type { Workload } from './workload.ts';

/** The workload of a seed. */
export const workloadOf = (seed: number): Workload => sale(seed);

/** A scripted workload by its name. Throws if there is none of this name. */
export const scriptedWorkload = (name: string): Workload => {
  const make = SCRIPTED[name];
  if (make === undefined)
    throw new Error(`scripted workload: expected one of ${Object.keys(SCRIPTED).join(', ')}, got ${name}`);
  return make();
};

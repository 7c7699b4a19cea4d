import type { Workload } from '../workload.ts';
import { FIGURES } from './figures.ts';
import { IDENTITY } from './identity.ts';
import { MEMORY } from './memory.ts';
import { RACES } from './races.ts';
import { STORM } from './storm.ts';

/** Small workloads, each for one finding, by its number. */
export const SCRIPTED: Readonly<Record<string, () => Workload>> = {
  ...IDENTITY,
  ...MEMORY,
  ...RACES,
  ...FIGURES,
  ...STORM,
};

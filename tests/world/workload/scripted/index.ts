import type { Workload } from '../workload.ts';
import { FIGURES } from './figures.ts';
import { GUARDS } from './guards.ts';
import { IDENTITY } from './identity.ts';
import { MEMORY } from './memory.ts';
import { NAMED_SCRIPTS } from './names.ts';
import { RACES } from './races.ts';
import { STORM } from './storm.ts';

/**
 * Small workloads, each written to show one fault of the pipeline, or to need one of its guards. The numbers in their names only
 * tell them apart.
 */
export const SCRIPTED: Readonly<Record<string, () => Workload>> = {
  ...IDENTITY,
  ...MEMORY,
  ...RACES,
  ...FIGURES,
  ...STORM,
  ...GUARDS,
  ...NAMED_SCRIPTS,
};

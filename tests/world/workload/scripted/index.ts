import type { Workload } from '../workload.ts';

export const SCRIPTED: Readonly<Record<string, () => Workload>> = {};

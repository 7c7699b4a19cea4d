import { metricsPrintedBy } from './printed-metrics.ts';

/** Runs some work and returns the gauges that it printed, one record for each line of embedded metrics. */
export const gaugesPrintedBy = async (work: () => Promise<unknown>): Promise<Record<string, unknown>[]> =>
  (await metricsPrintedBy(work)).filter((line) => line.Function !== undefined);

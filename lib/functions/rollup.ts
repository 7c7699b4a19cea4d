import { MAPPING_CONCURRENCY_MIN } from '../limits.ts';
import type { Worker } from './definition.ts';

/**
 * Rollup's messages say which window changed. Waiting and batching turn many of them into one recomputation. Workers take turns
 * at shards, so the smallest possible concurrency is enough; the capacity plan raises it for a peak with more shards than two
 * workers refresh in time. Rollup has one vCPU, because all it does is inflate and merge.
 */
export const rollup: Worker = {
  constructId: 'Rollup',
  tuning: {
    memoryMib: 1_769,
    timeoutSeconds: 60,
    batchMessagesMax: 1_000,
    windowSeconds: 2,
    concurrencyMax: MAPPING_CONCURRENCY_MIN,
  },
  windowSeconds: ({ rollupWindowSeconds }) => rollupWindowSeconds,
  wire: (worker, { tables: { metricRows } }) => {
    worker.uses(
      'METRICS_TABLE',
      metricRows,
      'dynamodb:BatchGetItem',
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    );
  },
};

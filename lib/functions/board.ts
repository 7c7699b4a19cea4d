import type { Watcher } from './definition.ts';

/**
 * Board unpacks a few rows and draws them while somebody waits, so it has a whole vCPU; an answer that is later than the next
 * refresh is of no use.
 */
export const board: Watcher = {
  tuning: { memoryMib: 1_769, timeoutSeconds: 15 },
  wire: (watcher, { tables: { campaigns, metricRows } }) => {
    watcher
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query')
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchGetItem', 'dynamodb:GetItem');
  },
};

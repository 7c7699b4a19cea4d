import type { Watcher } from './definition.ts';

/**
 * Board unpacks and renders a few rows while a viewer waits, so it has a whole vCPU. The timeout is short, because an answer
 * after the next refresh is useless.
 */
export const board: Watcher = {
  tuning: { memoryMib: 1_769, timeoutSeconds: 15 },
  wire: (watcher, { tables: { campaigns, metricRows } }) => {
    watcher
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query')
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query');
  },
};

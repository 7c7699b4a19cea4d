import type { Watcher } from './definition.ts';

/** Health reads the depths of a dozen queues once a minute and writes one item. */
export const health: Watcher = {
  tuning: { memoryMib: 256, timeoutSeconds: 30 },
  isTicked: true,
  wire: (watcher, { tables: { campaigns }, rejects, deadGrants, deadTicks, workers }) => {
    watcher
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:PutItem')
      .looksAt('REJECTS_QUEUE_URL', rejects)
      .looksAt(
        'DEAD_LETTER_QUEUE_URLS',
        ...Object.values(workers).flatMap(({ workQueues }) =>
          workQueues.map(({ deadLetterQueue }) => deadLetterQueue),
        ),
        deadGrants,
        deadTicks,
      );
  },
};

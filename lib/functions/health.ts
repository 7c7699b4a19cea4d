import type { Watcher } from './definition.ts';

/**
 * Once a minute, health reads the depths of queues and the figures of the live campaigns, writes two items and prints what alarms
 * watch. The figures of a large sale are tens of megabytes once they are unpacked.
 */
export const health: Watcher = {
  tuning: { memoryMib: 1_024, timeoutSeconds: 60 },
  isTicked: true,
  wire: (watcher, { tables: { campaigns, metricRows }, rejects, deadGrants, deadTicks, workers }) => {
    const { intake, coupon } = workers;
    const orderQueues = [intake, intake.sideQueues.Waiting!, coupon];
    watcher
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
      )
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query')
      .looksAt('REJECTS_QUEUE_URL', rejects)
      .looksAt(
        'DEAD_LETTER_QUEUE_URLS',
        ...Object.values(workers).flatMap(({ workQueues }) =>
          workQueues.map(({ deadLetterQueue }) => deadLetterQueue),
        ),
        deadGrants,
        deadTicks,
      )
      // The queues that an order passes on its way to the coupon that it uses, in that sequence.
      .looksAt('ORDER_QUEUE_URLS', ...orderQueues.map(({ queue }) => queue))
      .looksAt('ORDER_DEAD_LETTER_QUEUE_URLS', ...orderQueues.map(({ deadLetterQueue }) => deadLetterQueue));
  },
};

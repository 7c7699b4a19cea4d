import type { Watcher } from './definition.ts';

/** Health reads the depths of a dozen queues once a minute and writes two items. */
export const health: Watcher = {
  tuning: { memoryMib: 256, timeoutSeconds: 30 },
  isTicked: true,
  wire: (watcher, { tables: { campaigns }, rejects, deadGrants, deadTicks, workers }) => {
    const { intake, coupon } = workers;
    const orderQueues = [intake, intake.sideQueues.Waiting!, coupon];
    watcher
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:GetItem', 'dynamodb:PutItem')
      .looksAt('REJECTS_QUEUE_URL', rejects)
      .looksAt(
        'DEAD_LETTER_QUEUE_URLS',
        ...Object.values(workers).flatMap(({ workQueues }) =>
          workQueues.map(({ deadLetterQueue }) => deadLetterQueue),
        ),
        deadGrants,
        deadTicks,
      )
      // The way of an order to the coupon that it uses, in its order.
      .looksAt('ORDER_QUEUE_URLS', ...orderQueues.map(({ queue }) => queue))
      .looksAt('ORDER_DEAD_LETTER_QUEUE_URLS', ...orderQueues.map(({ deadLetterQueue }) => deadLetterQueue));
  },
};

import type { Worker } from './definition.ts';

/**
 * Free-order writes one block of entries per invocation and slot, so a fuller batch makes each losing order cheaper. Wins
 * are few and share their debits. Orders that a paused campaign defers go back to this function's queue, each time for a minute.
 */
export const freeOrder: Worker = {
  constructId: 'FreeOrder',
  tuning: {
    memoryMib: 1_769,
    timeoutSeconds: 60,
    batchMessagesMax: 100,
    windowSeconds: 2,
    concurrencyMax: 50,
  },
  wire: (worker, { tables, grantsOutbox, drawSecret, erasureSecret, workers }) => {
    const { campaigns, members, grants, draws } = tables;
    worker
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .uses('MEMBERS_TABLE', members, 'dynamodb:BatchGetItem')
      .uses('GRANTS_TABLE', grants, 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem')
      .uses(
        'DRAWS_TABLE',
        draws,
        'dynamodb:BatchGetItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .reads('DRAW_SECRET', drawSecret)
      .reads('ERASURE_SECRET', erasureSecret)
      .sendsTo('FREE_ORDER_QUEUE_URL', worker.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue);
  },
};

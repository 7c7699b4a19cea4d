import { MAPPING_CONCURRENCY_MIN } from '../limits.ts';
import { LEARNING_ACTIONS, type Worker } from './definition.ts';

/** Pacer is called once a minute. It moves prices, and then frees the money of expired coupons for at most half a minute. */
export const pacer: Worker = {
  constructId: 'Pacer',
  tuning: {
    memoryMib: 512,
    timeoutSeconds: 60,
    batchMessagesMax: 10,
    windowSeconds: 0,
    concurrencyMax: MAPPING_CONCURRENCY_MIN,
  },
  isTicked: true,
  // The module that issues and expires grants reads the name of this table, to which the function has no access.
  environment: (_, { members }) => ({ MEMBERS_TABLE: members.tableName }),
  wire: (worker, { tables: { campaigns, grants, metricRows }, erasureSecret, workers }) => {
    worker
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .uses('GRANTS_TABLE', grants, 'dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:UpdateItem')
      // It adds up the examples of expired coupons, from which models learn.
      .uses('METRICS_TABLE', metricRows, ...LEARNING_ACTIONS)
      .reads('ERASURE_SECRET', erasureSecret)
      .sendsTo('PACER_QUEUE_URL', worker.queue)
      .sendsTo('AUDIENCE_QUEUE_URL', workers.audience.queue)
      // It starts presales by a message that the previous version of the audience function does not know.
      .deployedAfter(workers.audience)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue);
  },
};

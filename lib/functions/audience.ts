import type { Worker } from './definition.ts';

/**
 * Audience works on one segment for a slice of 20 s at a time, so a batch is one message. A crashed worker blocks its segment
 * for six timeouts (the queue's visibility timeout), so the timeout is short.
 */
export const audience: Worker = {
  constructId: 'Audience',
  tuning: {
    memoryMib: 1_769,
    timeoutSeconds: 60,
    batchMessagesMax: 1,
    windowSeconds: 0,
    concurrencyMax: 32,
  },
  environment: ({ sizes }) => ({ AUDIENCE_SEGMENTS: String(sizes.segments) }),
  wire: (worker, { tables, grantsOutbox, couponSecret, erasureSecret, workers }) => {
    const { campaigns, members, grants } = tables;
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
      .uses('MEMBERS_TABLE', members, 'dynamodb:BatchGetItem', 'dynamodb:Scan')
      .uses('GRANTS_TABLE', grants, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query')
      .reads('COUPON_SECRET', couponSecret)
      .reads('ERASURE_SECRET', erasureSecret)
      .sendsTo('AUDIENCE_QUEUE_URL', worker.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue);
  },
};

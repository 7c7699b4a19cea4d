import type { Worker } from './definition.ts';

/**
 * Coupon works on the members of a batch side by side, and several of them may share a transaction and a debit. It has one
 * vCPU, because decisions are CPU work. A message that keeps failing goes back to the coupon queue in halves.
 */
export const coupon: Worker = {
  constructId: 'Coupon',
  tuning: {
    memoryMib: 1_769,
    timeoutSeconds: 60,
    batchMessagesMax: 20,
    windowSeconds: 1,
    concurrencyMax: 100,
  },
  wire: (worker, { tables, rejects, grantsOutbox, couponSecret, erasureSecret, workers }) => {
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
      .uses(
        'MEMBERS_TABLE',
        members,
        'dynamodb:BatchGetItem',
        'dynamodb:PartiQLInsert',
        'dynamodb:PartiQLUpdate',
        'dynamodb:PutItem',
      )
      .uses(
        'GRANTS_TABLE',
        grants,
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .reads('COUPON_SECRET', couponSecret)
      .reads('ERASURE_SECRET', erasureSecret)
      .sendsTo('COUPON_QUEUE_URL', worker.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue)
      // Only here is it known whether a link contradicts an earlier one, or is one too many for its member.
      .sendsTo('REJECTS_QUEUE_URL', rejects);
  },
};

import { MAPPING_CONCURRENCY_MIN } from '../limits.ts';
import type { Worker } from './definition.ts';

/**
 * Publisher exports a draw in slices of seven minutes. It holds a run of sorted orders, and a piece of each run while runs are
 * merged: a few hundred MiB, even for hundreds of millions of orders. The longest step draws a slot of ten million orders
 * again, which takes minutes and may begin at the end of a slice.
 */
export const publisher: Worker = {
  constructId: 'Publisher',
  tuning: {
    memoryMib: 3_008,
    timeoutSeconds: 900,
    batchMessagesMax: 1,
    windowSeconds: 0,
    concurrencyMax: MAPPING_CONCURRENCY_MIN,
  },
  wire: (worker, { tables, drawSecret, erasureSecret, publications }) => {
    const { campaigns, members, grants, draws } = tables;
    worker
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query')
      // An erased member's wins are found by the name that replaces its id.
      .uses('MEMBERS_TABLE', members, 'dynamodb:BatchGetItem')
      .uses('GRANTS_TABLE', grants, 'dynamodb:Query')
      .uses(
        'DRAWS_TABLE',
        draws,
        'dynamodb:BatchGetItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
      )
      .reads('DRAW_SECRET', drawSecret)
      .reads('ERASURE_SECRET', erasureSecret)
      .stores('PUBLIC_BUCKET', publications)
      .sendsTo('PUBLISHER_QUEUE_URL', worker.queue);
  },
};

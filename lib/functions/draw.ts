import { DRAND_RELAYS } from '#domain/free-orders/draw/drand.ts';
import { MAPPING_CONCURRENCY_MIN, WORK_PREFIX } from '../limits.ts';
import type { Worker } from './definition.ts';

/**
 * Draw is called once a minute. A slot of any size takes a bounded part of the function's memory: a run of 250,000 orders while
 * the run is sorted, and a few pieces of each run while runs are merged. Several calls close and draw a large slot, each in a
 * slice of four minutes. The message of a crashed tick may stay hidden for half an hour, because the next tick does its work.
 */
export const draw: Worker = {
  constructId: 'Draw',
  tuning: {
    memoryMib: 3_008,
    timeoutSeconds: 300,
    batchMessagesMax: 10,
    windowSeconds: 0,
    concurrencyMax: MAPPING_CONCURRENCY_MIN,
  },
  isTicked: true,
  environment: () => ({ BEACON_RELAYS: DRAND_RELAYS.join() }),
  wire: (worker, { tables, grantsOutbox, drawSecret, erasureSecret, publications, workers }) => {
    const { campaigns, members, grants, draws } = tables;
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
      // Limits count the wins under all ids of a member.
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
      // The orders of a slot that does not fit in memory.
      .stores('PUBLIC_BUCKET', publications, WORK_PREFIX)
      .sendsTo('DRAW_QUEUE_URL', worker.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue)
      .sendsTo('PUBLISHER_QUEUE_URL', workers.publisher.queue)
      // It keeps a slot's links between ids of members in pages, which the previous publisher cannot read.
      .deployedAfter(workers.publisher);
  },
};

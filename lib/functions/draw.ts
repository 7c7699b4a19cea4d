import { DRAND_RELAYS } from '#domain/free-orders/draw/drand.ts';
import { MAPPING_CONCURRENCY_MIN } from '../limits.ts';
import type { Worker } from './definition.ts';

/**
 * Draw is called once a minute and holds a whole slot in memory: 3,008 MiB, the most that a new account may give a function,
 * hold a few million entries. The message of a crashed tick may stay hidden for half an hour, because the next tick does its
 * work.
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
  wire: (worker, { tables, grantsOutbox, drawSecret, erasureSecret, workers }) => {
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
      .sendsTo('DRAW_QUEUE_URL', worker.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue)
      .sendsTo('PUBLISHER_QUEUE_URL', workers.publisher.queue);
  },
};

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
  // The module of grants reads the table's name, as in the pacer. This function has no access to the table.
  environment: (_, { members }) => ({ MEMBERS_TABLE: members.tableName, BEACON_RELAYS: DRAND_RELAYS.join() }),
  wire: (worker, { tables: { campaigns, grants, draws }, grantsOutbox, drawSecret, workers }) => {
    worker
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
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
      .sendsTo('DRAW_QUEUE_URL', worker.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue);
  },
};

import { LEARNING_ACTIONS, type Worker } from './definition.ts';

/**
 * Presale opens, pauses, resumes, caps, extends and closes campaigns, and erases members. These events are rare, so they do not
 * wait for a batch to fill. An erasure that takes long goes back to this function's queue.
 */
export const presale: Worker = {
  constructId: 'Presale',
  tuning: {
    memoryMib: 512,
    timeoutSeconds: 30,
    batchMessagesMax: 10,
    windowSeconds: 0,
    concurrencyMax: 2,
  },
  environment: ({ allowRehearsals, campaignWaitSeconds, erasureWaitSeconds, sizes }) => ({
    ALLOW_REHEARSALS: String(allowRehearsals),
    CAMPAIGN_WAIT_SECONDS: String(campaignWaitSeconds),
    ERASURE_WAIT_SECONDS: String(erasureWaitSeconds),
    CAMPAIGN_SHARDS: JSON.stringify(sizes.shards),
  }),
  wire: (worker, { tables, rejects, drawSecret, erasureSecret, workers, watchers }) => {
    const { campaigns, metricRows, members, grants, draws } = tables;
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
      // When a campaign that names the learned model opens, the model is made.
      .uses('METRICS_TABLE', metricRows, ...LEARNING_ACTIONS)
      .uses(
        'MEMBERS_TABLE',
        members,
        'dynamodb:BatchGetItem',
        'dynamodb:DeleteItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
      )
      .uses('GRANTS_TABLE', grants, 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query')
      .uses('DRAWS_TABLE', draws, 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem')
      .reads('DRAW_SECRET', drawSecret)
      .reads('ERASURE_SECRET', erasureSecret)
      .sendsTo('PRESALE_QUEUE_URL', worker.queue)
      .sendsTo('AUDIENCE_QUEUE_URL', workers.audience.queue)
      .sendsTo('REJECTS_QUEUE_URL', rejects)
      // This function opens campaigns whose coupon ids are made with a key, and whose items that many workers
      // write have partition keys of their own; it may also extend campaigns. So it is deployed after all
      // functions that must know of this.
      .deployedAfter(
        workers.intake,
        workers.coupon,
        workers.audience,
        workers.freeOrder,
        workers.metrics,
        workers.rollup,
        workers.pacer,
        workers.draw,
        workers.publisher,
        watchers.board,
        watchers.health,
      );
  },
};

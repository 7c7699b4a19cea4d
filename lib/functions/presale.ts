import { LEARNING_ACTIONS, type Worker } from './definition.ts';

/** Presale opens, pauses, resumes and closes campaigns: rare events, which do not wait for a batch to fill. */
export const presale: Worker = {
  constructId: 'Presale',
  tuning: {
    memoryMib: 512,
    timeoutSeconds: 30,
    batchMessagesMax: 10,
    windowSeconds: 0,
    concurrencyMax: 2,
  },
  environment: ({ allowRehearsals, campaignWaitSeconds }) => ({
    ALLOW_REHEARSALS: String(allowRehearsals),
    CAMPAIGN_WAIT_SECONDS: String(campaignWaitSeconds),
  }),
  wire: (worker, { tables: { campaigns, metricRows }, rejects, drawSecret, workers }) => {
    worker
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      // A campaign that names the learned model has it made when it opens.
      .uses('METRICS_TABLE', metricRows, ...LEARNING_ACTIONS)
      .reads('DRAW_SECRET', drawSecret)
      .sendsTo('AUDIENCE_QUEUE_URL', workers.audience.queue)
      .sendsTo('REJECTS_QUEUE_URL', rejects)
      // The campaigns that it opens have keyed coupon ids, so it is deployed only when all that read them know such ids.
      .deployedAfter(workers.intake, workers.coupon, workers.audience);
  },
};

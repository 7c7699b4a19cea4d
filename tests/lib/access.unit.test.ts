import { describe, expect, it } from 'vitest';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate();
const functions = template.functions();
const named = (name: string) => functions.find((candidate) => candidate.name === name)!;

const CONSUME = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];
const LOOK = ['sqs:GetQueueAttributes'];
const CAMPAIGNS = [
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];
const SEND = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const DEAD_LETTER_QUEUES = [
  ...template
    .workers()
    .map(({ queue }) => template.pathOf(queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0])),
  'DeadGrantsQueue',
  'DeadTicksQueue',
];

/** The queues that an order passes until the coupon that it uses is redeemed. */
const ORDER_QUEUES = ['Events/Queue', 'Events/WaitingQueue', 'Coupon/Queue'];
const deadLettersOf = (path: string): string => path.replace(/Queue$/, 'DeadLetterQueue');

/** The variable with the queues that a function processes; none for a function without a queue. */
const ownQueues = (name: string): Record<string, string> => {
  const paths = template
    .workers()
    .filter((worker) => worker.name === name)
    .map(({ mapping }) => template.pathOf(mapping.EventSourceArn['Fn::GetAtt'][0]));
  return paths.length === 0 ? {} : { OWN_QUEUE_URLS: paths.join() };
};

/** A variable's value with construct paths in place of references. */
const withPaths = (value: Json): string => {
  if (typeof value === 'string') return value;
  if (value.Ref !== undefined) return template.pathOf(value.Ref);
  const [separator, parts] = value['Fn::Join'];
  return parts.map(withPaths).join(separator);
};

describe('a function', () => {
  it.each([
    [
      'intake',
      {
        CAMPAIGN_WAIT_SECONDS: '300',
        CAMPAIGNS_TABLE: 'CampaignsTable',
        SENDERS: '{}',
        READS_PLACES: 'false',
        CONTROL_QUEUE_URL: 'Events/ControlQueue',
        WAITING_QUEUE_URL: 'Events/WaitingQueue',
        PRESALE_QUEUE_URL: 'Presale/Queue',
        COUPON_QUEUE_URL: 'Coupon/Queue',
        FREE_ORDER_QUEUE_URL: 'FreeOrder/Queue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
        REJECTS_QUEUE_URL: 'RejectsQueue',
      },
    ],
    [
      'presale',
      {
        ALLOW_REHEARSALS: 'false',
        CAMPAIGN_WAIT_SECONDS: '300',
        ERASURE_WAIT_SECONDS: '900',
        CAMPAIGN_SHARDS: '{"metrics":1,"budgets":8,"entries":8}',
        CAMPAIGNS_TABLE: 'CampaignsTable',
        METRICS_TABLE: 'MetricsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        DRAWS_TABLE: 'DrawsTable',
        DRAW_SECRET: 'DrawSecret',
        ERASURE_SECRET: 'ErasureSecret',
        PRESALE_QUEUE_URL: 'Presale/Queue',
        AUDIENCE_QUEUE_URL: 'Audience/Queue',
        REJECTS_QUEUE_URL: 'RejectsQueue',
      },
    ],
    [
      'coupon',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        COUPON_SECRET: 'CouponSecret',
        ERASURE_SECRET: 'ErasureSecret',
        COUPON_QUEUE_URL: 'Coupon/Queue',
        GRANTS_QUEUE_URL: 'GrantsQueue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
        REJECTS_QUEUE_URL: 'RejectsQueue',
      },
    ],
    [
      'free-order',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        DRAWS_TABLE: 'DrawsTable',
        DRAW_SECRET: 'DrawSecret',
        ERASURE_SECRET: 'ErasureSecret',
        FREE_ORDER_QUEUE_URL: 'FreeOrder/Queue',
        GRANTS_QUEUE_URL: 'GrantsQueue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
      },
    ],
    [
      'draw',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        DRAWS_TABLE: 'DrawsTable',
        DRAW_SECRET: 'DrawSecret',
        ERASURE_SECRET: 'ErasureSecret',
        BEACON_RELAYS:
          'https://api.drand.sh,https://api2.drand.sh,https://api3.drand.sh,https://drand.cloudflare.com',
        PUBLIC_BUCKET: 'PublicationsBucket',
        DRAW_QUEUE_URL: 'Draw/Queue',
        GRANTS_QUEUE_URL: 'GrantsQueue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
        PUBLISHER_QUEUE_URL: 'Publisher/Queue',
      },
    ],
    [
      'audience',
      {
        AUDIENCE_SEGMENTS: '48',
        CAMPAIGNS_TABLE: 'CampaignsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        COUPON_SECRET: 'CouponSecret',
        ERASURE_SECRET: 'ErasureSecret',
        AUDIENCE_QUEUE_URL: 'Audience/Queue',
        GRANTS_QUEUE_URL: 'GrantsQueue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
      },
    ],
    [
      'pacer',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        METRICS_TABLE: 'MetricsTable',
        ERASURE_SECRET: 'ErasureSecret',
        PACER_QUEUE_URL: 'Pacer/Queue',
        AUDIENCE_QUEUE_URL: 'Audience/Queue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
      },
    ],
    [
      'publisher',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        MEMBERS_TABLE: 'MembersTable',
        GRANTS_TABLE: 'GrantsTable',
        DRAWS_TABLE: 'DrawsTable',
        DRAW_SECRET: 'DrawSecret',
        ERASURE_SECRET: 'ErasureSecret',
        PUBLIC_BUCKET: 'PublicationsBucket',
        PUBLISHER_QUEUE_URL: 'Publisher/Queue',
      },
    ],
    [
      'metrics',
      { METRICS_TABLE: 'MetricsTable', ROLLUP_QUEUE_URL: 'Rollup/Queue', QUIET_SLOT_SECONDS: '10' },
    ],
    ['rollup', { METRICS_TABLE: 'MetricsTable' }],
    [
      'health',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        METRICS_TABLE: 'MetricsTable',
        REJECTS_QUEUE_URL: 'RejectsQueue',
        DEAD_LETTER_QUEUE_URLS: DEAD_LETTER_QUEUES.join(),
        ORDER_QUEUE_URLS: ORDER_QUEUES.join(),
        ORDER_DEAD_LETTER_QUEUE_URLS: ORDER_QUEUES.map(deadLettersOf).join(),
      },
    ],
    ['board', { CAMPAIGNS_TABLE: 'CampaignsTable', METRICS_TABLE: 'MetricsTable' }],
  ])('gets the variables that it needs, and no others (%s)', (name, expected) => {
    const variables = Object.entries<Json>(named(name).properties.Environment.Variables);
    expect(Object.fromEntries(variables.map(([key, value]) => [key, withPaths(value)]))).toEqual({
      NODE_OPTIONS: '--enable-source-maps',
      ...ownQueues(name),
      ...expected,
    });
  });

  it.each([
    [
      'intake',
      {
        CampaignsTable: ['dynamodb:Query'],
        'Events/Queue': CONSUME,
        'Events/ControlQueue': CONSUME,
        'Events/WaitingQueue': [...CONSUME, ...SEND].sort(),
        'Presale/Queue': SEND,
        'Coupon/Queue': SEND,
        'FreeOrder/Queue': SEND,
        'Metrics/Queue': SEND,
        RejectsQueue: SEND,
        'Events/Logs': LOG,
      },
    ],
    [
      'presale',
      {
        CampaignsTable: CAMPAIGNS,
        MetricsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        MembersTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:DeleteItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
        ],
        GrantsTable: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        DrawsTable: ['dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        'Presale/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Audience/Queue': SEND,
        RejectsQueue: SEND,
        'Presale/Logs': LOG,
      },
    ],
    [
      'coupon',
      {
        CampaignsTable: CAMPAIGNS,
        MembersTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:PartiQLInsert',
          'dynamodb:PartiQLUpdate',
          'dynamodb:PutItem',
        ],
        GrantsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        CouponSecret: ['secretsmanager:GetSecretValue'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        GrantsQueue: SEND,
        'Coupon/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        RejectsQueue: SEND,
        'Coupon/Logs': LOG,
      },
    ],
    [
      'audience',
      {
        CampaignsTable: CAMPAIGNS,
        MembersTable: ['dynamodb:BatchGetItem', 'dynamodb:Scan'],
        GrantsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        CouponSecret: ['secretsmanager:GetSecretValue'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        GrantsQueue: SEND,
        'Audience/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        'Audience/Logs': LOG,
      },
    ],
    [
      'pacer',
      {
        CampaignsTable: CAMPAIGNS,
        GrantsTable: ['dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        'Pacer/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Audience/Queue': SEND,
        'Metrics/Queue': SEND,
        MetricsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        'Pacer/Logs': LOG,
        DeadTicksQueue: SEND,
      },
    ],
    [
      'free-order',
      {
        CampaignsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:GetItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        MembersTable: ['dynamodb:BatchGetItem'],
        GrantsTable: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        DrawsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        GrantsQueue: SEND,
        'FreeOrder/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        'FreeOrder/Logs': LOG,
      },
    ],
    [
      'draw',
      {
        CampaignsTable: CAMPAIGNS,
        MembersTable: ['dynamodb:BatchGetItem'],
        GrantsTable: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        DrawsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        PublicationsBucket: ['s3:ListBucket'],
        'PublicationsBucket/work/*': ['s3:GetObject', 's3:PutObject'],
        GrantsQueue: SEND,
        'Draw/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        'Publisher/Queue': SEND,
        'Draw/Logs': LOG,
        DeadTicksQueue: SEND,
      },
    ],
    [
      'publisher',
      {
        CampaignsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        MembersTable: ['dynamodb:BatchGetItem'],
        GrantsTable: ['dynamodb:Query'],
        DrawsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
        ],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        ErasureSecret: ['secretsmanager:GetSecretValue'],
        PublicationsBucket: ['s3:ListBucket'],
        'PublicationsBucket/*': ['s3:GetObject', 's3:PutObject'],
        'Publisher/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Publisher/Logs': LOG,
      },
    ],
    [
      'metrics',
      {
        MetricsTable: ['dynamodb:BatchWriteItem', 'dynamodb:GetItem'],
        'Metrics/Queue': CONSUME,
        'Rollup/Queue': SEND,
        'Metrics/Logs': LOG,
      },
    ],
    [
      'rollup',
      {
        MetricsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        'Rollup/Queue': CONSUME,
        'Rollup/Logs': LOG,
      },
    ],
    [
      'health',
      {
        CampaignsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        MetricsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        RejectsQueue: LOOK,
        ...Object.fromEntries(ORDER_QUEUES.map((path) => [path, LOOK])),
        ...Object.fromEntries(DEAD_LETTER_QUEUES.map((path) => [path, LOOK])),
        'Health/Logs': LOG,
      },
    ],
    [
      'board',
      {
        CampaignsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        MetricsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        'Board/Logs': LOG,
      },
    ],
  ])('has the permissions that it needs, and no others (%s)', (name, expected) => {
    expect(template.grantsOf(name)).toEqual(expected);
  });

  it('is exempt from Lambda’s loop detection, which acts after 16 rounds, only if it sends to its own queue', () => {
    const exempt = functions.filter(({ properties }) => properties.RecursiveLoop === 'Allow');
    expect(exempt.map(({ name }) => name)).toEqual([
      'intake',
      'presale',
      'audience',
      'coupon',
      'free-order',
      'pacer',
      'draw',
      'publisher',
    ]);
  });
});

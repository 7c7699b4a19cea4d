import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type CfnFunction, Code } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test as it } from 'vitest';
import { functionNames } from '#lib/bundle.ts';
import { presale } from '#lib/functions/presale.ts';
import { QueueFunction } from '#lib/queue-function.ts';
import { BUNDLE_TARGET, RUNTIME } from '#lib/runtime.ts';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate();
const functions = template.functions();
const workers = template.workers();
const named = (name: string) => functions.find((candidate) => candidate.name === name)!;
const worker = (name: string) => workers.find((candidate) => candidate.name === name)!;
const queues = template.all('AWS::SQS::Queue');
const tables = template.all('AWS::DynamoDB::Table');

const DAY_SECONDS = 24 * 60 * 60;
const CONSUME = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];
const LOOK = ['sqs:GetQueueAttributes'];
const SEND = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const DEAD_LETTER_QUEUES = workers.map(({ queue }) =>
  template.pathOf(queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0]),
);

/** A variable's value with construct paths in place of references. */
const told = (value: Json): string => {
  if (typeof value === 'string') return value;
  if (value.Ref !== undefined) return template.pathOf(value.Ref);
  const [separator, parts] = value['Fn::Join'];
  return parts.map(told).join(separator);
};

describe('a queue', () => {
  it('that a function works off hands what keeps failing to its own dead-letter queue', () => {
    const deadLetterQueues = workers.map(
      ({ queue }) => queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0],
    );
    expect(new Set(deadLetterQueues).size).toBe(workers.length);
    for (const { queue } of workers) expect(queue.RedrivePolicy.maxReceiveCount).toBe(10);
    for (const id of deadLetterQueues) expect(template.get(id).Properties.RedrivePolicy).toBeUndefined();
  });

  it('keeps dead letters and rejects for 14 days, and work for at least four', () => {
    const retention = Object.fromEntries(
      queues.map(([id, queue]) => [
        template.pathOf(id),
        queue.Properties.MessageRetentionPeriod / DAY_SECONDS,
      ]),
    );
    expect(retention).toEqual({
      RejectsQueue: 14,
      GrantsQueue: 14,
      'Events/DeadLetterQueue': 14,
      'Events/Queue': 4,
      'Presale/DeadLetterQueue': 14,
      'Presale/Queue': 4,
      'Audience/DeadLetterQueue': 14,
      'Audience/Queue': 4,
      'Coupon/DeadLetterQueue': 14,
      'Coupon/Queue': 4,
      'FreeOrder/DeadLetterQueue': 14,
      'FreeOrder/Queue': 4,
      'Draw/DeadLetterQueue': 14,
      'Draw/Queue': 4,
      'Pacer/DeadLetterQueue': 14,
      'Pacer/Queue': 4,
      'Metrics/DeadLetterQueue': 14,
      'Metrics/Queue': 4,
      'Rollup/DeadLetterQueue': 14,
      'Rollup/Queue': 4,
    });
  });

  it('refuses every request without TLS, be it for work, dead letters or rejects', () => {
    const refusing = template.all('AWS::SQS::QueuePolicy').flatMap(([, { Properties }]) => {
      const denies = Properties.PolicyDocument.Statement.some(
        (statement: Json) =>
          statement.Effect === 'Deny' &&
          statement.Action === 'sqs:*' &&
          statement.Principal.AWS === '*' &&
          statement.Condition.Bool['aws:SecureTransport'] === 'false',
      );
      return denies ? Properties.Queues.map((queue: Json) => queue.Ref) : [];
    });
    expect(refusing.sort()).toEqual(queues.map(([id]) => id).sort());
  });

  it('is encrypted', () => {
    for (const [, queue] of queues) expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
  });

  it('hides a message for six timeouts of its function and one batching window', () => {
    for (const { queue, properties, mapping } of workers) {
      expect(queue.VisibilityTimeout).toBe(6 * properties.Timeout + mapping.MaximumBatchingWindowInSeconds);
    }
  });

  it('alarms when a message is old, and where none should be, at the first', () => {
    const alarms = template.all('AWS::CloudWatch::Alarm').map(([, { Properties }]) => ({
      queue: template.pathOf(Properties.Dimensions[0].Value['Fn::GetAtt'][0]),
      metric: Properties.MetricName,
    }));
    const isWork = (path: string) => path.endsWith('/Queue') || path === 'GrantsQueue';
    const expected = queues.map(([id]) => ({
      queue: template.pathOf(id),
      metric: isWork(template.pathOf(id))
        ? 'ApproximateAgeOfOldestMessage'
        : 'ApproximateNumberOfMessagesVisible',
    }));
    expect(alarms).toHaveLength(expected.length);
    expect(alarms).toEqual(expect.arrayContaining(expected));
  });
});

describe('a function', () => {
  it('is one of the folders with a handler, and each of those is deployed', () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(functionNames());
  });

  it('runs on the one runtime, which is the Node of this test', () => {
    for (const { properties } of functions) expect(properties.Runtime).toBe(RUNTIME.name);
    expect(BUNDLE_TARGET).toBe(`node${process.versions.node.split('.')[0]}`);
  });

  it('answers which messages failed, so that the others do not come back', () => {
    for (const { mapping } of workers)
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it.each([
    ['intake', 100, 1, 200, 512, 30],
    ['presale', 10, 0, 2, 512, 30],
    ['audience', 1, 0, 32, 1769, 60],
    ['coupon', 20, 1, 100, 1769, 60],
    ['pacer', 10, 0, 2, 512, 60],
    ['metrics', 100, 2, 100, 1024, 60],
    ['rollup', 1000, 2, 2, 1769, 60],
  ])(
    '%s takes %i messages or waits %i s, at most %i times at once',
    (name, size, window, bound, memory, timeout) => {
      const { mapping, properties } = worker(name);
      expect(mapping).toMatchObject({
        BatchSize: size,
        MaximumBatchingWindowInSeconds: window,
        ScalingConfig: { MaximumConcurrency: bound },
      });
      expect(properties).toMatchObject({ MemorySize: memory, Timeout: timeout, Handler: 'index.handler' });
    },
  );

  it('works off a queue, unless it looks at the pipeline from outside', () => {
    const names = new Set(workers.map(({ name }) => name));
    expect(functions.map(({ name }) => name).filter((name) => !names.has(name))).toEqual(['health', 'board']);
  });

  it.each([
    ['health', 256, 30],
    ['board', 1769, 15],
  ])('%s has %i MiB and %i s', (name, memory, timeout) => {
    expect(named(name).properties).toMatchObject({
      MemorySize: memory,
      Timeout: timeout,
      Handler: 'index.handler',
    });
  });

  it('logs plain lines to a group of its own, for a month', () => {
    const groups = functions.map(({ properties }) => properties.LoggingConfig.LogGroup.Ref);
    expect(new Set(groups).size).toBe(functions.length);
    for (const { properties } of functions) expect(properties.LoggingConfig.LogFormat).toBe('Text');
    for (const id of groups) {
      expect(template.get(id)).toMatchObject({
        Properties: { RetentionInDays: 30 },
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it.each([
    [
      'intake',
      {
        CAMPAIGN_WAIT_SECONDS: '300',
        CAMPAIGNS_TABLE: 'CampaignsTable',
        EVENTS_QUEUE_URL: 'Events/Queue',
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
        CAMPAIGNS_TABLE: 'CampaignsTable',
        DRAW_SECRET: 'DrawSecret',
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
        GRANTS_QUEUE_URL: 'GrantsQueue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
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
        BEACON_RELAYS:
          'https://api.drand.sh,https://api2.drand.sh,https://api3.drand.sh,https://drand.cloudflare.com',
        DRAW_QUEUE_URL: 'Draw/Queue',
        GRANTS_QUEUE_URL: 'GrantsQueue',
        METRICS_QUEUE_URL: 'Metrics/Queue',
      },
    ],
    ['metrics', { METRICS_TABLE: 'MetricsTable', ROLLUP_QUEUE_URL: 'Rollup/Queue' }],
    ['rollup', { METRICS_TABLE: 'MetricsTable' }],
    [
      'health',
      {
        CAMPAIGNS_TABLE: 'CampaignsTable',
        REJECTS_QUEUE_URL: 'RejectsQueue',
        DEAD_LETTER_QUEUE_URLS: DEAD_LETTER_QUEUES.join(),
      },
    ],
    ['board', { CAMPAIGNS_TABLE: 'CampaignsTable', METRICS_TABLE: 'MetricsTable' }],
  ])('%s is told where its tables and queues are, and no others', (name, expected) => {
    const variables = Object.entries<Json>(named(name).properties.Environment.Variables);
    expect(Object.fromEntries(variables.map(([key, value]) => [key, told(value)]))).toEqual({
      NODE_OPTIONS: '--enable-source-maps',
      ...expected,
    });
  });

  it.each([
    [
      'intake',
      {
        CampaignsTable: ['dynamodb:Query'],
        'Events/Queue': [...CONSUME, 'sqs:SendMessage'],
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
        CampaignsTable: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        'Presale/Queue': CONSUME,
        'Audience/Queue': SEND,
        RejectsQueue: SEND,
        'Presale/Logs': LOG,
      },
    ],
    [
      'coupon',
      {
        CampaignsTable: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
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
        GrantsQueue: SEND,
        'Coupon/Queue': CONSUME,
        'Metrics/Queue': SEND,
        'Coupon/Logs': LOG,
      },
    ],
    [
      'audience',
      {
        CampaignsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        MembersTable: ['dynamodb:Scan'],
        GrantsTable: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        GrantsQueue: SEND,
        'Audience/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        'Audience/Logs': LOG,
      },
    ],
    [
      'pacer',
      {
        CampaignsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        GrantsTable: ['dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'],
        'Pacer/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        MetricsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
        'Pacer/Logs': LOG,
      },
    ],
    [
      'free-order',
      {
        CampaignsTable: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        MembersTable: ['dynamodb:BatchGetItem'],
        GrantsTable: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        DrawsTable: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
        ],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        GrantsQueue: SEND,
        'FreeOrder/Queue': CONSUME,
        'Metrics/Queue': SEND,
        'FreeOrder/Logs': LOG,
      },
    ],
    [
      'draw',
      {
        CampaignsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        GrantsTable: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        DrawsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        DrawSecret: ['secretsmanager:GetSecretValue'],
        GrantsQueue: SEND,
        'Draw/Queue': [...CONSUME, 'sqs:SendMessage'],
        'Metrics/Queue': SEND,
        'Draw/Logs': LOG,
      },
    ],
    [
      'metrics',
      {
        MetricsTable: ['dynamodb:BatchWriteItem', 'dynamodb:UpdateItem'],
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
        CampaignsTable: ['dynamodb:PutItem'],
        RejectsQueue: LOOK,
        ...Object.fromEntries(DEAD_LETTER_QUEUES.map((path) => [path, LOOK])),
        'Health/Logs': LOG,
      },
    ],
    [
      'board',
      {
        CampaignsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        MetricsTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
        'Board/Logs': LOG,
      },
    ],
  ])('%s may do this and nothing else', (name, expected) => {
    expect(template.grantsOf(name)).toEqual(expected);
  });

  it('may go on for more than 16 rounds only where it sends to its own queue', () => {
    const exempt = functions.filter(({ properties }) => properties.RecursiveLoop === 'Allow');
    expect(exempt.map(({ name }) => name)).toEqual(['intake', 'audience', 'pacer', 'draw']);
  });
});

describe('the clock', () => {
  it('calls the pacer, the draw and the look at the queues once a minute', () => {
    const [, rule] = template.all('AWS::Events::Rule')[0]!;
    expect(rule.Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(
      rule.Properties.Targets.map(
        ({ Arn: arn }: Json) => template.get(arn['Fn::GetAtt'][0]).Properties.Code.ZipFile,
      ),
    ).toEqual(['pacer', 'draw', 'health']);
  });
});

describe('a table', () => {
  it('is billed on demand, recoverable to any second, encrypted, and outlives its stack', () => {
    for (const [, table] of tables) {
      expect(table).toMatchObject({
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true },
          DeletionProtectionEnabled: true,
        },
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('has the keys that the statements name, and metrics expire', () => {
    const keys = Object.fromEntries(
      tables.map(([id, { Properties }]) => [
        template.pathOf(id),
        {
          key: Properties.KeySchema.map((part: Json) => `${part.AttributeName} ${part.KeyType}`),
          types: Properties.AttributeDefinitions.map((part: Json) => part.AttributeType),
          expiry: Properties.TimeToLiveSpecification,
        },
      ]),
    );
    expect(keys).toEqual({
      CampaignsTable: { key: ['campaign HASH', 'item RANGE'], types: ['S', 'S'], expiry: undefined },
      MembersTable: { key: ['member HASH'], types: ['S'], expiry: undefined },
      GrantsTable: { key: ['member HASH', 'grant RANGE'], types: ['S', 'S'], expiry: undefined },
      DrawsTable: { key: ['draw HASH', 'item RANGE'], types: ['S', 'S'], expiry: undefined },
      MetricsTable: {
        key: ['window HASH', 'item RANGE'],
        types: ['S', 'S'],
        expiry: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
  });
});

describe('the stack', () => {
  // A logical id that changes makes CloudFormation create a new, empty resource in place of the one that holds data.
  it('keeps the logical ids of everything that holds data', () => {
    expect([...tables, ...queues].map(([id]) => id)).toEqual([
      'CampaignsTableC0F6C4C0',
      'MetricsTable2972A477',
      'MembersTableF1AE6D26',
      'GrantsTableEEADF162',
      'DrawsTableD04C3B2C',
      'RejectsQueue660D2B21',
      'GrantsQueueDF394CA5',
      'EventsDeadLetterQueueC3DB07E1',
      'EventsQueue7396B467',
      'PresaleDeadLetterQueue986AB055',
      'PresaleQueue59E5454B',
      'AudienceDeadLetterQueue836D871C',
      'AudienceQueueCCCA25AC',
      'CouponDeadLetterQueueA9013CEA',
      'CouponQueueF7525A9F',
      'FreeOrderDeadLetterQueue119A691D',
      'FreeOrderQueue7D6CA9A6',
      'PacerDeadLetterQueueED928FD1',
      'PacerQueue87E544C5',
      'DrawDeadLetterQueue745727F7',
      'DrawQueue4F2C27F5',
      'MetricsDeadLetterQueue98F8548F',
      'MetricsQueue8AD50ABF',
      'RollupDeadLetterQueueBC778BAD',
      'RollupQueue48D8F9F6',
    ]);
  });

  it('gives nothing a physical name, so that it can be deployed twice in one account', () => {
    const named = /^(FunctionName|QueueName|TableName|RoleName|LogGroupName|AlarmName|DashboardName)$/;
    for (const [id, { Type, Properties }] of Object.entries<Json>(template.json.Resources)) {
      // These two name the function that they are about, not themselves.
      if (Type === 'AWS::Lambda::EventSourceMapping' || Type === 'AWS::Lambda::Permission') continue;
      expect(
        Object.keys(Properties).filter((key) => named.test(key)),
        id,
      ).toEqual([]);
    }
  });

  it('tells where to send events and where to look', () => {
    expect(
      Object.fromEntries(
        Object.entries<Json>(template.json.Outputs).map(([name, { Value }]) => [
          name,
          template.pathOf(Value.Ref),
        ]),
      ),
    ).toEqual({
      EventsQueueUrl: 'Events/Queue',
      RejectsQueueUrl: 'RejectsQueue',
      GrantsQueueUrl: 'GrantsQueue',
      BoardFunctionName: 'Board/Function',
      CampaignsTableName: 'CampaignsTable',
      MembersTableName: 'MembersTable',
      GrantsTableName: 'GrantsTable',
      MetricsTableName: 'MetricsTable',
      DrawsTableName: 'DrawsTable',
      DrawSecretArn: 'DrawSecret',
    });
  });

  it('cannot be deleted by accident', () => {
    expect(template.terminationProtection).toBe(true);
  });

  it('is the same for the same input', () => {
    expect(new StackTemplate().json).toEqual(template.json);
  });

  it('shows every queue, function and table on its operators’ dashboard', () => {
    const { DashboardBody: content } = template.get(template.idAt('Dashboard')).Properties;
    const body = JSON.stringify(content);
    for (const type of ['AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table']) {
      for (const [id] of template.all(type)) expect(body).toContain(`"${id}"`);
    }
  });
});

describe('the sale’s dashboard', () => {
  /** The dashboard's content, with construct paths in place of references. */
  const content = () => {
    const { DashboardBody: body } = template.get(template.idAt('SaleDashboard')).Properties;
    const [separator, parts] = body['Fn::Join'];
    const text = parts
      .map((part: Json) => (typeof part === 'string' ? part : template.pathOf(part['Fn::GetAtt'][0])))
      .join(separator);
    return JSON.parse(text);
  };

  it('is one widget, which asks the board function again at each refresh', () => {
    expect(content().widgets).toEqual([
      {
        type: 'custom',
        x: 0,
        y: 0,
        width: 24,
        height: 18,
        properties: {
          title: 'Sale',
          endpoint: 'Board/Function',
          updateOn: { refresh: true, resize: true, timeRange: false },
        },
      },
    ]);
  });

  it('is the only thing that knows the board function: there is no public address to ask', () => {
    const boardId = named('board').id;
    expect(template.all('AWS::Lambda::Url')).toEqual([]);
    const permissions = template.all('AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    expect(permissions.filter(({ FunctionName: name }) => name['Fn::GetAtt'][0] === boardId)).toEqual([]);
  });
});

describe('a queue function', () => {
  it('keeps the variables of its caller where they differ from its own', () => {
    const stack = new Stack();
    const worker = new QueueFunction(stack, 'Worker', {
      functionId: 'Function',
      code: Code.fromInline('worker'),
      tuning: presale.tuning,
      logRemoval: RemovalPolicy.DESTROY,
      environment: { NODE_OPTIONS: '--max-semi-space-size=64', MODE: 'quiet' },
    });
    const { environment } = worker.function.node.defaultChild as CfnFunction;
    expect(stack.resolve(environment)).toEqual({
      variables: { NODE_OPTIONS: '--max-semi-space-size=64', MODE: 'quiet' },
    });
  });
});

describe('context', () => {
  it('makes a sandbox that leaves nothing behind', () => {
    const sandbox = new StackTemplate({ disposable: 'true' });
    for (const [, table] of sandbox.all('AWS::DynamoDB::Table')) {
      expect(table).toMatchObject({
        Properties: { DeletionProtectionEnabled: false },
        DeletionPolicy: 'Delete',
      });
    }
    for (const [, group] of sandbox.all('AWS::Logs::LogGroup')) expect(group.DeletionPolicy).toBe('Delete');
    expect(sandbox.terminationProtection).toBe(false);
  });

  it('sets the waits, and with a window the visibility timeout', () => {
    const quick = new StackTemplate({
      campaignWaitSeconds: 10,
      metricsWindowSeconds: '1',
      rollupWindowSeconds: '5',
    }).workers();
    const one = (name: string) => quick.find((candidate) => candidate.name === name)!;
    expect(one('intake').properties.Environment.Variables.CAMPAIGN_WAIT_SECONDS).toBe('10');
    expect(one('metrics').mapping.MaximumBatchingWindowInSeconds).toBe(1);
    expect(one('rollup').mapping.MaximumBatchingWindowInSeconds).toBe(5);
    expect(one('rollup').queue.VisibilityTimeout).toBe(6 * 60 + 5);
  });

  it.each([
    [
      { campaignWaitSeconds: '5m' },
      'context campaignWaitSeconds: expected a whole number of seconds from 0 to 3600, got "5m"',
    ],
    [
      { campaignWaitSeconds: -1 },
      'context campaignWaitSeconds: expected a whole number of seconds from 0 to 3600, got -1',
    ],
    [
      { rollupWindowSeconds: 0 },
      'context rollupWindowSeconds: expected a whole number of seconds from 1 to 300, got 0',
    ],
    [
      { metricsWindowSeconds: 1.5 },
      'context metricsWindowSeconds: expected a whole number of seconds from 1 to 300, got 1.5',
    ],
    [{ disposable: 'yes' }, 'context disposable: expected true or false, got "yes"'],
  ])('that cannot be meant is refused: %j', (context, message) => {
    expect(() => new StackTemplate(context)).toThrow(message);
  });
});

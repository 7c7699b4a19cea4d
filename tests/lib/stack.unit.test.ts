import { describe, expect, it } from 'vitest';
import { STAGES } from '#lib/stages/index.ts';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate();
const queues = template.all('AWS::SQS::Queue');
const tables = template.all('AWS::DynamoDB::Table');

/** A name among the properties of these resources is that of the function they belong to, and not their own. */
const NAMES_ANOTHER = new Set([
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventInvokeConfig',
]);

describe('a table', () => {
  it('is billed on demand, recoverable to any second, encrypted, and outlives its stack, but not a failed first deployment', () => {
    for (const [, table] of tables) {
      expect(table).toMatchObject({
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true },
          DeletionProtectionEnabled: false,
        },
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('has the keys that the code names, and an expiry', () => {
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
    const EXPIRY = { AttributeName: 'expiresAt', Enabled: true };
    expect(keys).toEqual({
      CampaignsTable: { key: ['campaign HASH', 'item RANGE'], types: ['S', 'S'], expiry: EXPIRY },
      MembersTable: {
        key: ['member HASH'],
        types: ['S'],
        expiry: EXPIRY,
      },
      GrantsTable: { key: ['member HASH', 'grant RANGE'], types: ['S', 'S'], expiry: EXPIRY },
      DrawsTable: { key: ['draw HASH', 'item RANGE'], types: ['S', 'S'], expiry: EXPIRY },
      MetricsTable: {
        key: ['window HASH', 'item RANGE'],
        types: ['S', 'S'],
        expiry: EXPIRY,
      },
    });
  });
});

describe('the stack', () => {
  // A logical id that changes makes CloudFormation create a new, empty resource in place of the one that holds data.
  it('keeps the logical ids of everything that holds data', () => {
    const secrets = template.all('AWS::SecretsManager::Secret');
    expect([...tables, ...secrets, ...queues].map(([id]) => id)).toEqual([
      'CampaignsTableC0F6C4C0',
      'MetricsTable2972A477',
      'MembersTableF1AE6D26',
      'GrantsTableEEADF162',
      'DrawsTableD04C3B2C',
      'DrawSecret1D3ECCA4',
      'CouponSecret8F62C22C',
      'ErasureSecretBB4A0726',
      'RejectsQueue660D2B21',
      'DeadGrantsQueueA141E908',
      'DeadTicksQueue2FDE4EB7',
      'GrantsQueueDF394CA5',
      'EventsDeadLetterQueueC3DB07E1',
      'EventsQueue7396B467',
      'EventsControlDeadLetterQueueF9B63FED',
      'EventsControlQueue65F48B02',
      'EventsWaitingDeadLetterQueueA9F3C78C',
      'EventsWaitingQueue4149381E',
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
      'PublisherDeadLetterQueueBE1BF1E2',
      'PublisherQueueB149A237',
      'MetricsDeadLetterQueue98F8548F',
      'MetricsQueue8AD50ABF',
      'RollupDeadLetterQueueBC778BAD',
      'RollupQueue48D8F9F6',
    ]);
  });

  it('gives nothing a physical name, so that it can be deployed twice in one account, and again beside what a deleted stack left', () => {
    const named =
      /^(FunctionName|QueueName|TableName|RoleName|LogGroupName|AlarmName|DashboardName|TopicName|RuleName|Name)$/;
    for (const [id, { Type, Properties }] of Object.entries<Json>(template.json.Resources)) {
      if (NAMES_ANOTHER.has(Type)) continue;
      expect(
        Object.keys(Properties).filter((key) => named.test(key)),
        id,
      ).toEqual([]);
    }
  });

  it('states in its outputs where to send events, where to look, and where the dead letters of each function’s queue go', () => {
    const outputs = Object.entries<Json>(template.json.Outputs).map(([name, { Value }]) => [
      name,
      template.pathOf(Value.Ref),
    ]);
    const labels = [
      ...['Events', 'Control', 'Waiting', 'Presale', 'Audience', 'Coupon', 'FreeOrder'],
      ...['Metrics', 'Rollup', 'Pacer', 'Draw', 'Publisher'],
    ];
    const ofFunctions = labels.flatMap((label) => {
      const path = label === 'Control' || label === 'Waiting' ? `Events/${label}` : `${label}/`;
      return [
        [`${label}QueueUrl`, `${path}Queue`],
        [`${label}DeadLetterQueueUrl`, `${path}DeadLetterQueue`],
      ];
    });
    expect(Object.fromEntries(outputs)).toEqual({
      ...Object.fromEntries(ofFunctions),
      AlarmTopicArn: 'AlarmTopic',
      DeadGrantsQueueUrl: 'DeadGrantsQueue',
      DeadTicksQueueUrl: 'DeadTicksQueue',
      RejectsQueueUrl: 'RejectsQueue',
      GrantsQueueUrl: 'GrantsQueue',
      BoardFunctionName: 'Board/Function',
      CampaignsTableName: 'CampaignsTable',
      MembersTableName: 'MembersTable',
      GrantsTableName: 'GrantsTable',
      MetricsTableName: 'MetricsTable',
      DrawsTableName: 'DrawsTable',
      DrawSecretArn: 'DrawSecret',
      ErasureSecretArn: 'ErasureSecret',
      PublicationsBucketName: 'PublicationsBucket',
    });
  });

  it('can be deleted if its first deployment fails, and can be protected from deletion later', () => {
    expect(template.terminationProtection).toBe(false);
    const kept = new StackTemplate({}, { isProtected: true });
    expect(kept.terminationProtection).toBe(true);
    for (const [, table] of kept.all('AWS::DynamoDB::Table'))
      expect(table.Properties.DeletionProtectionEnabled).toBe(true);
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

  it('shows on its operators’ dashboard what is throttled, and how old the oldest grant is that was not taken', () => {
    const body = template.dashboardText('Dashboard');
    for (const metric of ['Throttles', 'WriteThrottleEvents', 'ReadThrottleEvents']) {
      expect(body).toContain(`"${metric}"`);
    }
    expect(body).toContain('"ApproximateAgeOfOldestMessage","QueueName","GrantsQueue"');
  });
});

describe('context', () => {
  it('makes a sandbox that leaves nothing behind', () => {
    const sandbox = new StackTemplate({ stage: 'sandbox' });
    for (const [, table] of sandbox.all('AWS::DynamoDB::Table')) {
      expect(table).toMatchObject({
        Properties: { DeletionProtectionEnabled: false },
        DeletionPolicy: 'Delete',
      });
    }
    for (const [, group] of sandbox.all('AWS::Logs::LogGroup')) expect(group.DeletionPolicy).toBe('Delete');
    expect(sandbox.terminationProtection).toBe(false);
  });

  it('makes each stage a stack of its own, with the same logical ids', () => {
    const [production, sandbox] = ['production', 'sandbox'].map((stage) => new StackTemplate({ stage }));
    expect(production!.stackName).toBe('Zhihui');
    expect(sandbox!.stackName).toBe('Zhihui-sandbox');
    expect(Object.keys(sandbox!.json.Resources)).toEqual(Object.keys(production!.json.Resources));
  });

  it.each(Object.entries(STAGES))(
    'keeps every protection of %s, whatever is given on the command line',
    (stage, settings) => {
      const given = new StackTemplate({
        ...{ stage, campaignWaitSeconds: '10', metricsWindowSeconds: '1', rollupWindowSeconds: '5' },
        ...{ quietSlotSeconds: '30', readsPlaces: 'true', allowRehearsals: 'true', senders: '{}' },
      });
      const kept = ['AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret', 'AWS::Logs::LogGroup'];
      for (const [id, resource] of kept.flatMap((type) => given.all(type))) {
        expect(resource, id).toMatchObject({
          DeletionPolicy: settings.disposable ? 'Delete' : 'RetainExceptOnCreate',
          UpdateReplacePolicy: settings.disposable ? 'Delete' : 'Retain',
        });
      }
      expect(given.terminationProtection).toBe(settings.isProtected);
    },
  );

  it('gives each stage a stack name of its own', () => {
    const names = Object.values(STAGES).map(({ stackName }) => stackName);
    expect(new Set(names).size).toBe(names.length);
  });

  it('sets the waits, and with a batching window also the visibility timeout of the queue', () => {
    const quick = new StackTemplate({
      campaignWaitSeconds: 10,
      metricsWindowSeconds: '1',
      rollupWindowSeconds: '5',
      quietSlotSeconds: '30',
    }).workers();
    const one = (name: string) => quick.find((candidate) => candidate.name === name)!;
    expect(one('intake').properties.Environment.Variables.CAMPAIGN_WAIT_SECONDS).toBe('10');
    expect(one('metrics').mapping.MaximumBatchingWindowInSeconds).toBe(1);
    expect(one('metrics').properties.Environment.Variables.QUIET_SLOT_SECONDS).toBe('30');
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
    [{ stage: 'test' }, 'context stage: expected one of production, sandbox, got "test"'],
    [
      { disposable: 'true' },
      'context disposable: expected nothing, since lib/stages/production.ts says it, got "true"',
    ],
    [
      { stage: 'sandbox', protected: 1 },
      'context protected: expected nothing, since lib/stages/sandbox.ts says it, got 1',
    ],
    [
      { isProtected: false },
      'context isProtected: expected nothing, since lib/stages/production.ts says it, got false',
    ],
    [{ allowRehearsals: 'yes' }, 'context allowRehearsals: expected true or false, got "yes"'],
    [
      { senders: '{"urn:shop": "AROA"}' },
      'context senders: expected an object of lists of texts by source, got "{\\"urn:shop\\": \\"AROA\\"}"',
    ],
  ])('that cannot be right is refused: %j', (context, message) => {
    expect(() => new StackTemplate(context)).toThrow(message);
  });
});

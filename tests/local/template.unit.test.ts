import { describe, expect, it } from 'vitest';
import { localStack } from '#local/aws/template.ts';
import { type FixtureOptions, fixtureTemplate } from './fixture.ts';

const stackOf = (options: Partial<FixtureOptions> = {}, prefix?: string) =>
  localStack(
    {
      stackName: 'MyApp',
      template: fixtureTemplate({ code: '', ...options }),
      assets: new Map([['code.zip', '/assets/code']]),
    },
    'http://127.0.0.1:9324',
    prefix,
  );
const queueAt = (...ids: string[]) => ({
  Type: 'AWS::SQS::Queue',
  Metadata: { 'aws:cdk:path': ['App', ...ids, 'Resource'].join('/') },
});

describe('a template on this machine', () => {
  it('names resources by their construct path, without an ending such as Queue or Table', () => {
    const stack = stackOf();
    expect(stack.queues.map(({ shortName, name }) => [shortName, name])).toEqual([
      ['work', 'my-app-work'],
      ['out', 'my-app-out'],
      ['work-dead-letters', 'my-app-work-dead-letters'],
    ]);
    expect(stack.tables.map(({ name }) => name)).toEqual(['my-app-things']);
    expect(stackOf({}, 'mine').tables.map(({ name }) => name)).toEqual(['mine-things']);
  });

  it('names resources by their whole path if they would share a name', () => {
    const { queues } = stackOf({ resources: { A: queueAt('One', 'Twin'), B: queueAt('Two', 'TwinQueue') } });
    expect(queues.map(({ shortName }) => shortName)).toEqual(
      expect.arrayContaining(['one-twin', 'two-twin-queue']),
    );
  });

  it('gives a queue the attributes that CreateQueue takes', () => {
    const [work] = stackOf({ queue: { DelaySeconds: 3 }, maxReceiveCount: 4 }).queues;
    expect(work).toMatchObject({
      url: 'http://127.0.0.1:9324/000000000000/my-app-work',
      arn: 'arn:aws:sqs:us-east-1:000000000000:my-app-work',
      attributes: {
        DelaySeconds: '3',
        VisibilityTimeout: '30',
        RedrivePolicy:
          '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:my-app-work-dead-letters","maxReceiveCount":4}',
      },
    });
  });

  it('gives a function its code, its limits and its resolved environment', () => {
    expect(stackOf({ lambda: { Timeout: undefined } }).functions).toEqual([
      {
        shortName: 'worker',
        name: 'my-app-worker',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:my-app-worker',
        directory: '/assets/code',
        handler: 'index.handler',
        memoryMib: 256,
        timeoutSeconds: 3,
        environment: {
          OUT_QUEUE_URL: 'http://127.0.0.1:9324/000000000000/my-app-out',
          THINGS_TABLE: 'my-app-things',
        },
      },
    ]);
  });

  it('reads a mapping, with Lambda’s defaults for what is left out', () => {
    const [bare] = stackOf({
      mapping: { BatchSize: undefined, ScalingConfig: undefined, FunctionResponseTypes: undefined },
    }).mappings;
    expect(bare).toMatchObject({
      batchMessagesMax: 10,
      windowSeconds: 0,
      concurrencyMax: Number.POSITIVE_INFINITY,
      reportsItemFailures: false,
    });
    const [full] = stackOf({
      mapping: {
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 7,
        ScalingConfig: { MaximumConcurrency: 9 },
      },
    }).mappings;
    expect(full).toMatchObject({
      batchMessagesMax: 500,
      windowSeconds: 7,
      concurrencyMax: 9,
      reportsItemFailures: true,
    });
    expect(stackOf({ mapping: { Enabled: false } }).mappings).toEqual([]);
  });

  it('passes a table’s indexes on', () => {
    const index = { IndexName: 'byName', KeySchema: [], Projection: { ProjectionType: 'ALL' } };
    const Table = structuredClone(fixtureTemplate({ code: '' }).Resources.Table);
    Object.assign(Table.Properties, { GlobalSecondaryIndexes: [index] });
    expect(stackOf({ resources: { Table } }).tables[0]?.definition).toMatchObject({
      GlobalSecondaryIndexes: [index],
    });
  });

  it('reads the rules and schedules that call a function at a fixed rate', () => {
    const target = { Arn: { 'Fn::GetAtt': ['Worker', 'Arn'] }, Input: '{"a":1}' };
    const { schedules } = stackOf({
      resources: {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn: target.Arn }] },
        },
        Off: { Type: 'AWS::Events::Rule', Properties: { State: 'DISABLED', EventPattern: {} } },
        Schedule: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: { ScheduleExpression: 'rate(2 hours)', Target: target },
        },
      },
    });
    expect(schedules).toMatchObject([
      { everySeconds: 60, input: undefined, function: { shortName: 'worker' } },
      { everySeconds: 7_200, input: { a: 1 }, function: { shortName: 'worker' } },
    ]);
  });

  it('lists a function as called from outside if an output names it, and leaves out one that nothing calls', () => {
    const Viewer = {
      Type: 'AWS::Lambda::Function',
      Properties: { Code: { S3Key: 'code.zip' }, Handler: 'index.handler' },
      Metadata: { 'aws:cdk:path': 'App/Viewer/Function/Resource' },
    };
    const named = stackOf({ resources: { Viewer }, outputs: { ViewerName: { Value: { Ref: 'Viewer' } } } });
    expect(named.called.map(({ shortName }) => shortName)).toEqual(['viewer']);
    expect(named.functions.map(({ shortName }) => shortName)).toEqual(['worker', 'viewer']);
    expect(stackOf({ resources: { Viewer } }).functions).toHaveLength(1);
  });

  it('resolves outputs when they are asked for', () => {
    const stack = stackOf();
    expect(stack.output('OutQueueArn')).toBe('arn:aws:sqs:us-east-1:000000000000:my-app-out');
    expect(() => stack.output('Nothing')).toThrow(
      'output: expected one of OutQueueArn, WorkQueueUrl, got Nothing',
    );
  });

  it.each<[string, Partial<FixtureOptions>, string]>([
    ['a FIFO queue', { queue: { FifoQueue: true } }, 'WorkQueue has FifoQueue'],
    ['a filter', { mapping: { FilterCriteria: {} } }, 'Mapping has FilterCriteria'],
    [
      'provisioned pollers',
      { mapping: { ProvisionedPollerConfig: {} } },
      'Mapping has ProvisionedPollerConfig',
    ],
    [
      'a stream',
      { mapping: { EventSourceArn: 'arn:stream' } },
      'Mapping reads from arn:stream, which is no queue',
    ],
    [
      'a function elsewhere',
      { mapping: { FunctionName: 'other' } },
      'no function of this stack has the name or ARN other',
    ],
    ['inline code', { lambda: { Code: { ZipFile: '' } } }, 'Worker has code that is not an asset'],
    [
      'a cron expression',
      {
        resources: {
          Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(0 * * * ? *)' } },
        },
      },
      'Rule.ScheduleExpression: expected rate(n minutes|hours|days), got cron(0 * * * ? *)',
    ],
    [
      'an event pattern',
      { resources: { Rule: { Type: 'AWS::Events::Rule', Properties: { EventPattern: {} } } } },
      'Rule has EventPattern',
    ],
    [
      'a foreign value in a variable',
      { environment: { X: { Ref: 'Bucket' } } },
      'Worker.Environment.Variables.X uses Ref',
    ],
  ])('refuses %s instead of ignoring it', (_, options, message) => {
    expect(() => stackOf(options)).toThrow(message);
  });
});

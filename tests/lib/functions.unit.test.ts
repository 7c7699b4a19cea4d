import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type CfnFunction, Code, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { functionNames } from '#lib/bundle.ts';
import { presale } from '#lib/functions/presale.ts';
import { QueueFunction } from '#lib/queue-function.ts';
import { BUNDLE_TARGET } from '#lib/runtime.ts';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate();
const functions = template.functions();
const workers = template.workers();
const named = (name: string) => functions.find((candidate) => candidate.name === name)!;
const worker = (name: string) => workers.find((candidate) => candidate.name === name)!;

describe('a function', () => {
  it('has a folder with a handler, and the function of each such folder is deployed', () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(functionNames());
  });

  it('runs on Node 24, and is bundled for it', () => {
    for (const { properties } of functions) expect(properties.Runtime).toBe(Runtime.NODEJS_24_X.name);
    expect(BUNDLE_TARGET).toBe(Runtime.NODEJS_24_X.name.replace(/^nodejs(\d+)\.x$/, 'node$1'));
  });

  it('says which messages failed, so that the others do not come back', () => {
    for (const { mapping } of workers)
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it.each([
    { name: 'intake', size: 100, window: 1, bound: 200, memory: 512, timeout: 30 },
    { name: 'presale', size: 10, window: 0, bound: 2, memory: 512, timeout: 30 },
    { name: 'audience', size: 1, window: 0, bound: 32, memory: 1769, timeout: 60 },
    { name: 'coupon', size: 20, window: 1, bound: 100, memory: 1769, timeout: 60 },
    { name: 'free-order', size: 100, window: 2, bound: 50, memory: 1769, timeout: 60 },
    { name: 'draw', size: 10, window: 0, bound: 2, memory: 3008, timeout: 300 },
    { name: 'publisher', size: 1, window: 0, bound: 2, memory: 3008, timeout: 900 },
    { name: 'pacer', size: 10, window: 0, bound: 2, memory: 512, timeout: 60 },
    { name: 'metrics', size: 100, window: 2, bound: 100, memory: 1024, timeout: 60 },
    { name: 'rollup', size: 1000, window: 2, bound: 2, memory: 1769, timeout: 60 },
  ])(
    '($name) is called for $size messages or after $window s, at most $bound times at once',
    ({ name, size, window, bound, memory, timeout }) => {
      const { mapping, properties } = worker(name);
      expect(mapping).toMatchObject({
        BatchSize: size,
        MaximumBatchingWindowInSeconds: window,
        ScalingConfig: { MaximumConcurrency: bound },
      });
      expect(properties).toMatchObject({ MemorySize: memory, Timeout: timeout, Handler: 'index.handler' });
    },
  );

  it('processes a queue, unless it only observes the pipeline', () => {
    const names = new Set(workers.map(({ name }) => name));
    expect(functions.map(({ name }) => name).filter((name) => !names.has(name))).toEqual(['health', 'board']);
  });

  it.each([
    ['health', 1024, 60],
    ['board', 1769, 15],
  ])('(%s) has %i MiB of memory and a timeout of %i s', (name, memory, timeout) => {
    expect(named(name).properties).toMatchObject({
      MemorySize: memory,
      Timeout: timeout,
      Handler: 'index.handler',
    });
  });

  it('logs plain lines to a log group of its own, which keeps them for 30 days', () => {
    const groups = functions.map(({ properties }) => properties.LoggingConfig.LogGroup.Ref);
    expect(new Set(groups).size).toBe(functions.length);
    for (const { properties } of functions) expect(properties.LoggingConfig.LogFormat).toBe('Text');
    for (const id of groups) {
      expect(template.get(id)).toMatchObject({
        Properties: { RetentionInDays: 30 },
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });
});

describe('a queue function', () => {
  it('takes the environment variables that it is given in place of its own', () => {
    const stack = new Stack();
    const worker = new QueueFunction(stack, 'Worker', {
      functionId: 'Function',
      code: Code.fromInline('worker'),
      tuning: presale.tuning,
      logRemoval: RemovalPolicy.DESTROY,
      environment: { NODE_OPTIONS: '--max-semi-space-size=64', MODE: 'quiet' },
    });
    const { environment } = worker.function.node.defaultChild as CfnFunction;
    expect(stack.resolve(environment)).toMatchObject({
      variables: { NODE_OPTIONS: '--max-semi-space-size=64', MODE: 'quiet' },
    });
  });
});

describe('a new account', () => {
  it('allows the memory that each function has', () => {
    for (const { properties } of functions) expect(properties.MemorySize).toBeLessThanOrEqual(3_008);
  });
});

describe('the clock', () => {
  it('calls pacer, draw and health once a minute', () => {
    const [, rule] = template.all('AWS::Events::Rule')[0]!;
    expect(rule.Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(
      rule.Properties.Targets.map(
        ({ Arn: arn }: Json) => template.get(arn['Fn::GetAtt'][0]).Properties.Code.ZipFile,
      ),
    ).toEqual(['pacer', 'draw', 'health']);
  });

  it('loses no tick unnoticed, neither on its way to the function nor in the function', () => {
    const deadTicks = template.idAt('DeadTicksQueue');
    const [, rule] = template.all('AWS::Events::Rule')[0]!;
    for (const { DeadLetterConfig: config } of rule.Properties.Targets)
      expect(config.Arn['Fn::GetAtt'][0]).toBe(deadTicks);
    const failing = template.all('AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => ({
      name: template.get(Properties.FunctionName.Ref).Properties.Code.ZipFile,
      to: Properties.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0],
    }));
    expect(failing).toEqual([
      { name: 'pacer', to: deadTicks },
      { name: 'draw', to: deadTicks },
    ]);
  });
});

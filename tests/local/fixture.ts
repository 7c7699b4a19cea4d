import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import type { PipelineOptions } from '#local/aws/pipeline-options.ts';

/** A stack of one queue with its dead-letter queue, one function, one table and a second queue that no function reads. */
export type FixtureOptions = {
  /** The source of index.mjs. */
  readonly code: string;
  readonly queue?: Readonly<Record<string, unknown>>;
  readonly mapping?: Readonly<Record<string, unknown>>;
  readonly lambda?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly maxReceiveCount?: number;
  /** Further resources of the template. */
  readonly resources?: Readonly<Record<string, unknown>>;
  /** Further outputs of the template, by name. */
  readonly outputs?: Readonly<Record<string, unknown>>;
};

/** The template that the options describe; the function's code is the asset `code.zip`. */
export const fixtureTemplate = (options: FixtureOptions) => {
  const path = (...ids: string[]) => ({
    Metadata: { 'aws:cdk:path': ['App', ...ids, 'Resource'].join('/') },
  });
  return {
    Resources: {
      WorkQueue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': ['DeadQueue', 'Arn'] },
            maxReceiveCount: options.maxReceiveCount ?? 10,
          },
          VisibilityTimeout: 30,
          ...options.queue,
        },
        ...path('Work', 'Queue'),
      },
      DeadQueue: {
        Type: 'AWS::SQS::Queue',
        Properties: { MessageRetentionPeriod: 1_209_600 },
        ...path('Work', 'Dead'),
      },
      OutQueue: { Type: 'AWS::SQS::Queue', ...path('OutQueue') },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        },
        ...path('ThingsTable'),
      },
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: { 'Fn::Sub': `assets-\${AWS::Region}` }, S3Key: 'code.zip' },
          Handler: 'index.handler',
          MemorySize: 256,
          Timeout: 10,
          Environment: {
            Variables: {
              OUT_QUEUE_URL: { Ref: 'OutQueue' },
              THINGS_TABLE: { Ref: 'Table' },
              ...options.environment,
            },
          },
          ...options.lambda,
        },
        ...path('Work', 'Worker'),
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['WorkQueue', 'Arn'] },
          FunctionName: { Ref: 'Worker' },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          BatchSize: 10,
          // Only one collector polls the queue, so that messages that are sent together come in one batch.
          ScalingConfig: { MaximumConcurrency: 1 },
          ...options.mapping,
        },
      },
      ...options.resources,
    },
    Outputs: {
      WorkQueueUrl: { Value: { Ref: 'WorkQueue' } },
      OutQueueArn: { Value: { 'Fn::GetAtt': ['OutQueue', 'Arn'] } },
      ...options.outputs,
    },
  };
};

export type Fixture = {
  readonly pipeline: Pipeline;
  /** Sends bodies to the work queue, ten a call. */
  send(bodies: readonly string[]): Promise<void>;
  /** Waits until nothing is left to do. */
  untilIdle(): Promise<void>;
  /** Bodies in the queue that the function writes to. */
  out(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Writes a cloud assembly and starts it. The handler's code can use `out(body)`, which sends to the out queue without the SDK,
 * so that a process starts quickly.
 */
export const startFixture = async (
  options: FixtureOptions,
  pipelineOptions: PipelineOptions = {},
): Promise<Fixture> => {
  const directory = writeAssembly(options);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const pipeline = await startPipeline({ assembly: directory, ...pipelineOptions }).catch(
    (error: unknown) => {
      remove();
      throw error;
    },
  );
  const client = sqsClient(pipeline.sqsEndpoint);
  return {
    pipeline,
    async send(bodies) {
      for (let i = 0; i < bodies.length; i += 10) {
        const Entries = bodies.slice(i, i + 10).map((MessageBody, n) => ({ Id: String(n), MessageBody }));
        await client.send(
          new SendMessageBatchCommand({ QueueUrl: pipeline.output('WorkQueueUrl'), Entries }),
        );
      }
    },
    async untilIdle() {
      while (!(await pipeline.idle())) await sleep(20);
    },
    out: () => pipeline.messages('out'),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await pipeline.stop();
      remove();
    },
  };
};

export const sqsClient = (endpoint: string): SQSClient => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new SQSClient({ endpoint, region: 'us-east-1', credentials });
};

/** Writes what the CDK would write for the template, and gives its directory. */
export const writeAssembly = (options: FixtureOptions): string => {
  const directory = mkdtempSync(join(tmpdir(), 'fixture-'));
  const write = (file: string, content: unknown) =>
    writeFileSync(join(directory, file), JSON.stringify(content));
  write('manifest.json', {
    artifacts: {
      App: { type: 'aws:cloudformation:stack', properties: { templateFile: 'App.template.json' } },
      'App.assets': { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } },
    },
  });
  write('App.assets.json', {
    files: { code: { source: { path: 'code' }, destinations: { here: { objectKey: 'code.zip' } } } },
  });
  write('App.template.json', fixtureTemplate(options));
  mkdirSync(join(directory, 'code'));
  writeFileSync(join(directory, 'code/index.mjs'), `${OUT}\n${options.code}`);
  return directory;
};

const OUT = `
const out = async (body) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL_SQS, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: process.env.OUT_QUEUE_URL, MessageBody: body }),
  });
  if (!answer.ok) throw new Error(await answer.text());
};`;

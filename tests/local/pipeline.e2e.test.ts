import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, ListQueuesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dynoxideBinary, engineOf, hasDynoxide, startDynamodb, startDynoxide } from '#local/aws/dynamodb.ts';
import { startPipeline } from '#local/aws/pipeline.ts';
import { sqsClient, startFixture, writeAssembly } from './fixture.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ECHO = {
  code: 'export const handler = async ({ Records }) => { for (const { body } of Records) await out(body); };',
};

/** The program and the arguments that run a module's text in another process. */
const script = (text: string) => [process.execPath, ['--input-type=module', '-e', text]] as const;
const elsewhere = (text: string, env: Record<string, string> = {}) =>
  promisify(execFile)(...script(text), { cwd: ROOT, env });

const isListening = async (endpoint: string): Promise<boolean> => {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a pipeline on this machine', () => {
  it('answers calls of a function from outside, and counts as idle meanwhile', async () => {
    const Viewer = {
      Type: 'AWS::Lambda::Function',
      Properties: { Code: { S3Key: 'code.zip' }, Handler: 'index.handler', MemorySize: 128, Timeout: 10 },
      Metadata: { 'aws:cdk:path': 'App/Viewer/Function/Resource' },
    };
    await using fixture = await startFixture({
      code: `export const handler = async ({ ms, fail }) => {
        if (fail) throw new Error(fail);
        await new Promise((resolve) => setTimeout(resolve, ms));
        return ms;
      };`,
      resources: { Viewer },
      outputs: { ViewerName: { Value: { Ref: 'Viewer' } } },
    });
    const { pipeline } = fixture;
    expect(await pipeline.call('viewer', { ms: 1 })).toEqual({ ok: true, response: 1 });
    const slow = pipeline.call('viewer', { ms: 500 });
    expect(await pipeline.idle()).toBe(true);
    expect(await slow).toEqual({ ok: true, response: 500 });
    expect(await pipeline.call('viewer', { fail: 'no figures' })).toMatchObject({
      ok: false,
      error: expect.stringContaining('no figures'),
    });
    expect(() => pipeline.call('worker', {})).toThrow('function: expected one of viewer, got worker');
  });

  it('takes messages from an AWS client in another process', async () => {
    await using fixture = await startFixture(ECHO);
    const { pipeline } = fixture;
    await elsewhere(
      `import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
       const client = new SQSClient({});
       const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'app-work' }));
       await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'by name' }));
       // Without an endpoint of its own, the SDK goes where the queue's URL says.
       delete process.env.AWS_ENDPOINT_URL_SQS;
       const bare = new SQSClient({});
       await bare.send(new SendMessageCommand({ QueueUrl: ${JSON.stringify(pipeline.output('WorkQueueUrl'))}, MessageBody: 'by URL' }));`,
      {
        AWS_ENDPOINT_URL_SQS: pipeline.sqsEndpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'any',
      },
    );
    await fixture.untilIdle();
    expect((await fixture.out()).sort()).toEqual(['by URL', 'by name']);
  });

  it('gives clients queue URLs that lead back to it', async () => {
    await using fixture = await startFixture(ECHO);
    const { sqsEndpoint, queueUrls } = fixture.pipeline;
    const client = sqsClient(sqsEndpoint);
    expect(queueUrls.work).toBe(`${sqsEndpoint}/000000000000/app-work`);
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'app-work' }))).QueueUrl).toBe(
      queueUrls.work,
    );
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls?.sort()).toEqual(
      Object.values(queueUrls).sort(),
    );
    client.destroy();
  });

  it('gives functions Lambda’s environment and nothing of this machine’s', async () => {
    vi.stubEnv('A_SECRET', 'of this machine');
    await using fixture = await startFixture({
      code: `export const handler = async (event, context) => {
        await out(JSON.stringify({ env: process.env, context, remaining: context.getRemainingTimeInMillis(), argv: process.execArgv, cwd: process.cwd() }));
      };`,
      environment: { POWERTOOLS_SERVICE_NAME: 'fixture' },
    });
    const { pipeline } = fixture;
    await fixture.send(['x']);
    await fixture.untilIdle();
    const { env, context, remaining, argv } = JSON.parse((await fixture.out())[0] ?? '');
    expect(Object.keys(env).sort()).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_CONFIG_FILE',
      'AWS_DEFAULT_REGION',
      'AWS_ENDPOINT_URL_DYNAMODB',
      'AWS_ENDPOINT_URL_S3',
      'AWS_ENDPOINT_URL_SQS',
      'AWS_EXECUTION_ENV',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SHARED_CREDENTIALS_FILE',
      'LAMBDA_TASK_ROOT',
      'MALLOC_ARENA_MAX',
      'OUT_QUEUE_URL',
      'POWERTOOLS_SERVICE_NAME',
      'THINGS_TABLE',
      'TZ',
      '_HANDLER',
    ]);
    expect(env).toMatchObject({
      AWS_ENDPOINT_URL_DYNAMODB: pipeline.dynamodbEndpoint,
      OUT_QUEUE_URL: pipeline.queueUrls.out,
      THINGS_TABLE: 'app-things',
    });
    expect(context).toMatchObject({
      functionName: 'app-worker',
      memoryLimitInMB: '256',
      functionVersion: '$LATEST',
    });
    expect(context.invokedFunctionArn).toBe('arn:aws:lambda:us-east-1:000000000000:function:app-worker');
    expect(remaining).toBeGreaterThan(9_000);
    expect(remaining).toBeLessThanOrEqual(10_000);
    expect(argv).toContain('--max-old-space-size=256');
  });

  it('adds up what the functions consumed, to the last line they printed', async () => {
    await using fixture = await startFixture({
      code: `export const handler = async ({ Records }) => {
        for (const {} of Records) console.log(JSON.stringify({ _aws: {}, Table: process.env.THINGS_TABLE, ReadUnits: 0.5, WriteUnits: 2, Calls: 1 }));
        process.stdout.write('no line end');
      };`,
      mapping: { BatchSize: 1_000, MaximumBatchingWindowInSeconds: 1 },
    });
    await fixture.send(Array.from({ length: 500 }, () => 'x'));
    await fixture.untilIdle();
    expect(fixture.pipeline.consumed()).toEqual({
      things: { readUnits: 250, writeUnits: 1_000, calls: 500 },
    });
  });

  it('counts a delayed message as work to do, but not a message in a queue that no function reads', async () => {
    await using fixture = await startFixture({ ...ECHO, queue: { DelaySeconds: 1 } });
    const { pipeline } = fixture;
    expect(await pipeline.idle()).toBe(true);
    await fixture.send(['late']);
    expect(await pipeline.idle()).toBe(false);
    expect((await pipeline.depths()).work).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    await fixture.untilIdle();
    expect((await pipeline.depths()).out).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    await expect(pipeline.messages('other')).rejects.toThrow(
      'queue: expected one of work, out, work-dead-letters, got other',
    );
  });

  it('uses the DynamoDB it is told to use, creates the tables that are missing there and keeps those that exist', async () => {
    const mine = await startDynamodb(0);
    vi.stubEnv('DYNAMODB_ENDPOINT', mine.endpoint);
    const client = new DynamoDBClient({
      endpoint: mine.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    for (const _ of ['creates', 'keeps']) {
      await using fixture = await startFixture(ECHO, { namePrefix: 'mine' });
      expect(fixture.pipeline.dynamodbEndpoint).toBe(mine.endpoint);
      expect(fixture.pipeline.tableNames).toEqual({ things: 'mine-things' });
      const { Table } = await client.send(new DescribeTableCommand({ TableName: 'mine-things' }));
      expect(Table?.TableStatus).toBe('ACTIVE');
    }
    client.destroy();
    await mine.stop();
  });
});

describe('a pipeline that cannot start', () => {
  it.each(['sqsPort', 'dynamodbPort'])(
    'says that the %s is in use, and leaves nothing running',
    async (option) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      await expect(startFixture(ECHO, { [option]: port })).rejects.toThrow(
        `${option}: expected a free port, got ${port}, which is in use on 127.0.0.1`,
      );
      server.close();
    },
  );

  it.each([
    [{ sqsPort: 70_000 }, 'sqsPort: expected a port from 0 to 65535, got 70000'],
    [{ dynamodbPort: 1.5 }, 'dynamodbPort: expected a port from 0 to 65535, got 1.5'],
    [{ concurrency: 0 }, 'concurrency: expected a whole number from 1 to 100, got 0'],
    [{ visibilityScale: 0.5 }, 'visibilityScale: expected a number from 1 to 43200, got 0.5'],
    [{ windowScale: 0 }, 'windowScale: expected a number from 1 to 100, got 0'],
    [{ dynamodbEndpoint: 'localhost' }, 'DYNAMODB_ENDPOINT: expected a URL, got localhost'],
  ])('refuses %o', async (options, message) => {
    await expect(startFixture(ECHO, options)).rejects.toThrow(message);
  });

  it('says how to do without Dynoxide on a machine that has none', () => {
    expect(() => dynoxideBinary('plan9', 'mips')).toThrow(
      'dynoxide: expected the package @dynoxide/plan9-mips to be installed; LOCAL_DYNAMODB=memory works without it',
    );
  });

  it('names the engines that exist', () => {
    expect(engineOf({ LOCAL_DYNAMODB: 'memory' })).toBe('memory');
    expect(engineOf({ LOCAL_DYNAMODB: '' })).toBeUndefined();
    expect(() => engineOf({ LOCAL_DYNAMODB: 'postgres' })).toThrow(
      'LOCAL_DYNAMODB: expected dynoxide or memory, got postgres',
    );
  });

  it('says why Dynoxide did not start', async () => {
    await expect(startDynoxide(0, '/no/such/binary')).rejects.toThrow(
      /^dynoxide: did not start on port \d+: .*not found/,
    );
  });

  it('names the DynamoDB that does not answer', async () => {
    await expect(startFixture(ECHO, { dynamodbEndpoint: 'http://127.0.0.1:9' })).rejects.toThrow(
      'dynamodb: cannot create the tables at http://127.0.0.1:9: connect ECONNREFUSED',
    );
  });
});

describe('the end of a pipeline', () => {
  it('frees its ports at once, even in the middle of work, and may be requested twice', async () => {
    await using fixture = await startFixture({ code: 'export const handler = () => new Promise(() => {});' });
    const { pipeline } = fixture;
    await fixture.send(['x']);
    while (!pipeline.killRandomHandler(() => 0)) await sleep(10);
    const beginMs = performance.now();
    await Promise.all([pipeline.stop(), pipeline.stop()]);
    expect(performance.now() - beginMs).toBeLessThan(1_000);
    expect(await isListening(pipeline.sqsEndpoint)).toBe(false);
    expect(await isListening(pipeline.dynamodbEndpoint)).toBe(false);
  });

  it('leaves nothing that would keep the process from ending by itself', async () => {
    const assembly = writeAssembly(ECHO);
    await elsewhere(
      `import { startPipeline } from '#local/aws/pipeline.ts';
       const pipeline = await startPipeline({ assembly: ${JSON.stringify(assembly)} });
       await pipeline.stop();`,
    );
    rmSync(assembly, { recursive: true });
  });

  it.each([...(hasDynoxide() ? ['dynoxide'] : []), 'memory'])(
    'takes handlers and tables in %s with it even when the process is killed',
    async (engine) => {
      const assembly = writeAssembly({
        code: 'export const handler = async () => { await out(String(process.pid)); await new Promise((r) => setTimeout(r, 60_000)); };',
        lambda: { Timeout: 60 },
      });
      const host = spawn(
        ...script(
          `import { setTimeout as sleep } from 'node:timers/promises';
         import { startPipeline } from '#local/aws/pipeline.ts';
         const { sqsEndpoint, dynamodbEndpoint, messages } = await startPipeline({ assembly: ${JSON.stringify(assembly)} });
         await fetch(sqsEndpoint, {
           method: 'POST',
           headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
           body: JSON.stringify({ QueueUrl: sqsEndpoint + '/000000000000/app-work', MessageBody: 'x' }),
         });
         let pids;
         do { await sleep(10); pids = await messages('out'); } while (pids.length === 0);
         console.log(JSON.stringify({ dynamodbEndpoint, pid: Number(pids[0]) }));`,
        ),
        { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LOCAL_DYNAMODB: engine } },
      );
      const [line] = await once(host.stdout, 'data');
      const { dynamodbEndpoint, pid } = JSON.parse(String(line));
      expect([isAlive(pid), await isListening(dynamodbEndpoint)]).toEqual([true, true]);
      host.kill('SIGKILL');
      await vi.waitFor(
        async () => expect([isAlive(pid), await isListening(dynamodbEndpoint)]).toEqual([false, false]),
        5_000,
      );
      rmSync(assembly, { recursive: true });
    },
  );
});

describe('the stack of this repository', () => {
  it('runs as it would be deployed, with its settings taken from the context', async () => {
    const pipeline = await startPipeline({ context: { campaignWaitSeconds: '0', rollupWindowSeconds: '1' } });
    try {
      expect(pipeline.output('EventsQueueUrl')).toBe(pipeline.queueUrls.events);
      expect(pipeline.output('CampaignsTableName')).toBe(pipeline.tableNames.campaigns);
      const client = sqsClient(pipeline.sqsEndpoint);
      await client.send(
        new SendMessageCommand({ QueueUrl: pipeline.output('EventsQueueUrl'), MessageBody: 'nonsense' }),
      );
      client.destroy();
      while (!(await pipeline.idle())) await sleep(20);
      const [reject, ...others] = await pipeline.messages('rejects');
      expect(JSON.parse(reject ?? '')).toMatchObject({ reason: 'not-json' });
      expect(others).toEqual([]);
    } finally {
      await pipeline.stop();
    }
  });
});

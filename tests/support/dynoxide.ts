import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DynamoDBClient as Client,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

const BINARY = join(
  resolve(import.meta.dirname, '../..'),
  'node_modules/@dynoxide',
  `${process.platform}-${process.arch}`,
  'dynoxide',
);
const HOST = '127.0.0.1';
const READY_MS_MAX = 10_000;

/** Whether a DynamoDB can be run here; what needs one is skipped, and says so, where it cannot. */
export const hasDynoxide = existsSync(BINARY);

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

const isListening = async (port: number): Promise<boolean> => {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const key = (partition: string, sort?: string) => ({
  KeySchema: [
    { AttributeName: partition, KeyType: 'HASH' as const },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
  ],
  AttributeDefinitions: [partition, ...(sort === undefined ? [] : [sort])].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  })),
});

const TABLES: Readonly<Record<string, Omit<CreateTableCommandInput, 'TableName'>>> = {
  Campaigns: key('campaign', 'item'),
  Members: key('member'),
  Grants: key('member', 'grant'),
  Metrics: key('window', 'item'),
};

export type Dynoxide = { client: Client; stop(): Promise<void> };

/**
 * Starts an empty DynamoDB with the tables of the value path and the metrics and points this process at it, by the environment that the
 * handlers read. Call it before a handler is imported.
 */
export const startDynoxide = async (): Promise<Dynoxide> => {
  const port = await freePort();
  const child: ChildProcess = spawn(BINARY, ['serve', '--port', String(port)], { stdio: 'ignore' });
  for (const startMs = Date.now(); !(await isListening(port)); await sleep(10)) {
    if (Date.now() - startMs > READY_MS_MAX)
      throw new Error(`dynoxide: not listening after ${READY_MS_MAX} ms`);
  }
  Object.assign(process.env, {
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: `http://${HOST}:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    CAMPAIGNS_TABLE: 'Campaigns',
    MEMBERS_TABLE: 'Members',
    GRANTS_TABLE: 'Grants',
    METRICS_TABLE: 'Metrics',
    AUDIENCE_QUEUE_URL: 'audience',
    COUPON_QUEUE_URL: 'coupon',
    PACER_QUEUE_URL: 'pacer',
    GRANTS_QUEUE_URL: 'grants',
    METRICS_QUEUE_URL: 'metrics',
    REJECTS_QUEUE_URL: 'rejects',
  });
  const client = new DynamoDBClient({});
  for (const [TableName, definition] of Object.entries(TABLES)) {
    await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', ...definition }));
  }
  return {
    client,
    async stop() {
      client.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

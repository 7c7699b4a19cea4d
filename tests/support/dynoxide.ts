import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { VARIABLES } from './runtime.ts';

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
  Draws: key('draw', 'item'),
};

export type Dynoxide = {
  client: DynamoDBClient;
  /** What a process of its own needs in its environment to work with these tables. */
  environment: Record<string, string>;
  stop(): Promise<void>;
};

/** Starts a DynamoDB with all tables, empty. */
export const startDynoxide = async (): Promise<Dynoxide> => {
  const port = await freePort();
  const child: ChildProcess = spawn(BINARY, ['serve', '--port', String(port)], { stdio: 'ignore' });
  for (const startMs = Date.now(); !(await isListening(port)); await sleep(10)) {
    if (Date.now() - startMs > READY_MS_MAX)
      throw new Error(`dynoxide: not listening after ${READY_MS_MAX} ms`);
  }
  const endpoint = `http://${HOST}:${port}`;
  const client = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  for (const [TableName, definition] of Object.entries(TABLES)) {
    await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', ...definition }));
  }
  return {
    client,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
      ...VARIABLES,
    },
    async stop() {
      client.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

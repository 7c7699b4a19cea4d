/** Starts a local DynamoDB: either Dynoxide (a package with a DynamoDB for Linux) or tables in memory. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from './addresses.ts';
import { freePort, LOCAL_HOST } from './ports.ts';
import type { Table } from './template.ts';

/** Dynoxide is up within tens of milliseconds; a machine that needs this long has another problem. */
const READY_MS_MAX = 15_000;
const READY_POLL_MS = 5;
const TABLE_SECONDS_MAX = 60;
/**
 * In MiB, for the tables in memory. Node's default takes 80 MB more for short-lived objects, and saves hardly
 * any time.
 */
const SEMI_SPACE_MIB = 8;

/** The kinds of local DynamoDB: Dynoxide, or tables in memory in a process of this repository. */
export type Engine = 'dynoxide' | 'memory';

export type Dynamodb = {
  readonly endpoint: string;
  /** The engine's name, for messages to people. */
  readonly name: string;
  stop(): Promise<void>;
};

/** A DynamoDB that somebody else runs. Throws when `endpoint` is not a URL. */
export const dynamodbAt = (endpoint: string): Dynamodb => {
  if (!URL.canParse(endpoint)) throw new Error(`DYNAMODB_ENDPOINT: expected a URL, got ${endpoint}`);
  return { endpoint, name: endpoint, stop: async () => {} };
};

/**
 * Starts a DynamoDB on this port or, for 0, on a free one. Its data is in memory or, if `file` is given, in that file, which only
 * Dynoxide can do. If no engine is named, it starts Dynoxide. If Dynoxide has no binary for this machine or does not run, it
 * starts tables in memory, which need only Node.
 */
export const startDynamodb = async (
  port: number,
  engine = engineOf(process.env),
  file?: string,
): Promise<Dynamodb> => {
  if (file !== undefined) return startDynoxide(port, undefined, file);
  if (engine === 'memory' || (engine === undefined && !hasDynoxide())) return startMemory(port);
  const chosen = await freePort('dynamodbPort', port);
  try {
    return await startDynoxide(chosen);
  } catch (error) {
    if (engine === 'dynoxide') throw error;
    return startMemory(chosen);
  }
};

/** The engine that the environment's LOCAL_DYNAMODB asks for. Throws for an unknown one. */
export const engineOf = ({ LOCAL_DYNAMODB: engine }: NodeJS.ProcessEnv): Engine | undefined => {
  if (engine === undefined || engine === '') return undefined;
  if (engine === 'dynoxide' || engine === 'memory') return engine;
  throw new Error(`LOCAL_DYNAMODB: expected dynoxide or memory, got ${engine}`);
};

/** Starts a process with tables in memory. It ends with this process, even if this process is killed. */
const startMemory = async (port: number): Promise<Dynamodb> => {
  const chosen = await freePort('dynamodbPort', port);
  const child = fork(join(import.meta.dirname, 'memory-dynamodb-process.ts'), [String(chosen)], {
    execArgv: [`--max-semi-space-size=${SEMI_SPACE_MIB}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const isReady = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)]);
  if (!isReady) throw new Error(`dynamodb: the tables in memory did not start on port ${chosen}`);
  return {
    endpoint: `http://${LOCAL_HOST}:${chosen}`,
    name: 'memory',
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};

/**
 * Starts Dynoxide with its data in a file, or in memory, on this port or, for 0, on a free one. It ends with this process, even
 * if this process is killed: a shell around it kills it when the other end of the shell's standard input closes.
 */
export const startDynoxide = async (
  port: number,
  binary = dynoxideBinary(),
  file?: string,
): Promise<Dynamodb> => {
  const chosen = await freePort('dynamodbPort', port);
  const kept = file === undefined ? [] : ['--db-path', file];
  const command = [binary, 'serve', '--port', String(chosen), ...kept];
  const child = spawn('/bin/sh', ['-c', GUARD, 'dynoxide', ...command], {
    // It has its own process group, so Ctrl-C does not reach it directly. stop() ends it after the handlers
    // that need it.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-1_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      complaint = error.message;
      resolve();
    });
    child.once('close', () => resolve());
  });
  // The guard may end first and close the pipe. The error that follows can be ignored.
  child.stdin.on('error', () => {});

  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  try {
    await untilListening(chosen, child);
  } catch (error) {
    await stop();
    throw new Error(`dynoxide: did not start on port ${chosen}: ${complaint.trim()}`, { cause: error });
  }
  return { endpoint: `http://${LOCAL_HOST}:${chosen}`, name: 'Dynoxide', stop };
};

/**
 * Runs "$@" and waits for it, and kills it when standard input ends. `read` is built into the shell, so no
 * further process can be left over; descriptor 3 is needed because a shell gives background jobs /dev/null as
 * standard input.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ read -r _ <&3; kill -9 "$child" 2>/dev/null; } &
guard=$!
exec 3<&-
wait "$child"
status=$?
kill "$guard" 2>/dev/null
exit "$status"
`;

/** Whether there is a binary of Dynoxide for this machine. */
export const hasDynoxide = (): boolean => {
  try {
    return existsSync(dynoxideBinary());
  } catch {
    return false;
  }
};

/** The path of the binary for this machine. If there is none, throws an error that says what to do. */
export const dynoxideBinary = (platform: string = process.platform, arch: string = process.arch): string => {
  const name = `@dynoxide/${platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide');
  } catch (cause) {
    throw new Error(
      `dynoxide: expected the package ${name} to be installed; LOCAL_DYNAMODB=memory works without it`,
      { cause },
    );
  }
};

const untilListening = async (port: number, child: ChildProcess): Promise<void> => {
  const deadline = Date.now() + READY_MS_MAX;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const socket = connect(port, LOCAL_HOST);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(READY_POLL_MS);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(
    child.exitCode === null ? `not listening after ${READY_MS_MAX} ms` : `ended with ${child.exitCode}`,
  );
};

/** Creates the tables that do not exist yet and waits until they can be used. Those that exist keep their items. */
export const createTables = async (endpoint: string, tables: readonly Table[]): Promise<void> => {
  const client = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  try {
    await Promise.all(tables.map((table) => createTable(client, table)));
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`dynamodb: cannot create the tables at ${endpoint}: ${message}`, { cause });
  } finally {
    client.destroy();
  }
};

const createTable = async (client: DynamoDBClient, { name, definition }: Table): Promise<void> => {
  const input = { TableName: name, BillingMode: 'PAY_PER_REQUEST', ...definition } as CreateTableCommandInput;
  try {
    const { TableDescription } = await client.send(new CreateTableCommand(input));
    if (TableDescription?.TableStatus === 'ACTIVE') return;
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists(
    { client, maxWaitTime: TABLE_SECONDS_MAX, minDelay: 1, maxDelay: 2 },
    { TableName: name },
  );
};

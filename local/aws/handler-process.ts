import type { Context } from 'aws-lambda';
import { endLine, type HandlerMessage, type HandlerStart, type Invocation } from './handler-messages.ts';
import { installClock } from './process-clock.ts';

// Runs one function, one invocation at a time, until the process that started this one is gone.

type Handler = (event: unknown, context: Context) => unknown;

const {
  module: { url, exportName, functionArn },
  clock,
} = JSON.parse(process.argv[2] ?? '{}') as HandlerStart;

const setClock = installClock();
setClock(clock);

process.on('disconnect', () => process.exit());
// Ctrl-C in a terminal reaches every process of the run. Only the process that the user started acts on it, and ends the others.
process.on('SIGINT', () => {});

const run = async ({ requestId, event, deadlineMs }: Invocation): Promise<HandlerMessage> => {
  try {
    const result: unknown = await (handler as Handler)(event, contextOf(requestId, deadlineMs));
    return { kind: 'result', requestId, json: JSON.stringify(result) };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'error', requestId, message };
  }
};

const contextOf = (requestId: string, deadlineMs: number): Context => {
  const { env } = process;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? '',
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? '',
    invokedFunctionArn: functionArn,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done: callbacksAreGone,
    fail: callbacksAreGone,
    succeed: callbacksAreGone,
  };
};

/** Node 24 on Lambda has no callback handlers either. */
const callbacksAreGone = (): never => {
  throw new Error('context: done, fail and succeed do not exist in this runtime; return a promise');
};

const send = (message: HandlerMessage): void => {
  process.send?.(message);
};

const handler: unknown = (await import(url))[exportName];
if (typeof handler !== 'function')
  throw new Error(`${url}: expected an exported function ${exportName}, got ${typeof handler}`);

process.on('message', (invocation: Invocation) => {
  setClock(invocation.clock);
  void run(invocation).then((message) => {
    process.stdout.write(`${endLine(invocation.requestId)}\n`);
    send(message);
  });
});
send({ kind: 'ready' });

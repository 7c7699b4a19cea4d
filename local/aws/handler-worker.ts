import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from './clock.ts';
import {
  endLine,
  type HandlerMessage,
  type HandlerModule,
  type HandlerStart,
  type Invocation,
} from './handler-messages.ts';
import { readLines } from './lines.ts';
import type { LambdaFunction } from './template.ts';

/** How an invocation ended. The error is one line or a stack trace, and names no message's content. */
export type Outcome =
  | { readonly ok: true; readonly response: unknown }
  | { readonly ok: false; readonly error: string };

/** Lambda gives the first import 10 s; several of them here share fewer cores. */
const INIT_MS_MAX = 60_000;

/** What Lambda looks for behind the name in a function's handler setting. */
const EXTENSIONS = ['mjs', 'js', 'cjs'];

export type WorkerCallbacks = {
  onLine(line: string): void;
  /** Text from standard error. */
  onError(text: string): void;
};

/** One process with one function in it, which runs one invocation at a time: what Lambda calls an execution environment. */
export type HandlerWorker = {
  /** False once it has been killed or has ended: it takes no further invocation. */
  readonly alive: boolean;
  /** Resolves when the function's module is loaded, or when it turns out that it cannot be. */
  readonly ready: Promise<Outcome>;
  invoke(requestId: string, event: unknown): Promise<Outcome>;
  kill(reason: string): void;
  /** Resolves when the process is gone. */
  readonly closed: Promise<void>;
};

type Running = {
  readonly requestId: string;
  readonly finish: (outcome: Outcome) => void;
  readonly timer: NodeJS.Timeout;
  outcome?: Outcome;
  outputEnded: boolean;
};

export function startHandlerWorker(
  lambda: LambdaFunction,
  module: HandlerModule,
  environment: Record<string, string>,
  clock: Clock,
  callbacks: WorkerCallbacks,
): HandlerWorker {
  const begin: HandlerStart = { module, clock: clock.rate };
  const child = fork(join(import.meta.dirname, 'handler-process.ts'), [JSON.stringify(begin)], {
    env: environment,
    execArgv: [`--max-old-space-size=${lambda.memoryMib}`],
    cwd: lambda.directory,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let alive = true;
  let reason: string | undefined;
  let running: Running | undefined;

  const kill = (why: string): void => {
    alive = false;
    reason ??= why;
    child.kill('SIGKILL');
  };
  const finish = (outcome: Outcome): void => {
    const finished = running;
    running = undefined;
    clearTimeout(finished?.timer);
    finished?.finish(outcome);
  };
  /** An invocation is over when both its answer and all that it printed are here. */
  const finishIfComplete = (): void => {
    if (running?.outcome !== undefined && running.outputEnded) finish(running.outcome);
  };

  const ready = Promise.withResolvers<Outcome>();
  const closed = Promise.withResolvers<void>();
  const initTimer = setTimeout(() => kill(`not loaded after ${INIT_MS_MAX} ms`), INIT_MS_MAX);
  child.on('message', (message: HandlerMessage) => {
    switch (message.kind) {
      case 'ready':
        clearTimeout(initTimer);
        ready.resolve({ ok: true, response: undefined });
        return;
      case 'result':
      case 'error':
        if (running?.requestId !== message.requestId) return;
        running.outcome = outcomeOf(message);
        finishIfComplete();
        return;
      default:
        message satisfies never;
    }
  });
  readLines(child.stdout as NonNullable<ChildProcess['stdout']>, (line) => {
    const end = running === undefined ? undefined : endLine(running.requestId);
    if (end === undefined || running === undefined || !line.endsWith(end)) {
      callbacks.onLine(line);
      return;
    }
    // Output without a line end of its own stands before the end line.
    if (line !== end) callbacks.onLine(line.slice(0, -end.length));
    running.outputEnded = true;
    finishIfComplete();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => callbacks.onError(text));
  const ended = (how: string): void => {
    alive = false;
    clearTimeout(initTimer);
    const outcome: Outcome = { ok: false, error: `the process ended: ${reason ?? how}` };
    ready.resolve(outcome);
    finish(outcome);
    closed.resolve();
  };
  child.once('error', (error) => ended(error.message));
  child.once('exit', () => {
    alive = false;
  });
  child.once('close', (code, signal) => ended(signal ?? `exit status ${code}`));

  return {
    get alive() {
      return alive;
    },
    ready: ready.promise,
    invoke(requestId, event) {
      if (!alive)
        return Promise.resolve({ ok: false, error: `the process ended: ${reason ?? 'while idle'}` });
      return new Promise((resolve) => {
        const timeoutMs = lambda.timeoutSeconds * 1_000;
        const timer = setTimeout(() => kill(`timed out after ${lambda.timeoutSeconds} s`), timeoutMs);
        running = { requestId, finish: resolve, timer, outputEnded: false };
        const invocation: Invocation = {
          requestId,
          event,
          deadlineMs: clock.at(Date.now() + timeoutMs),
          clock: clock.rate,
        };
        child.send(invocation, (error) => {
          if (error !== null) kill(error.message);
        });
      });
    },
    kill,
    closed: closed.promise,
  };
}

function outcomeOf(message: Extract<HandlerMessage, { requestId: string }>): Outcome {
  if (message.kind === 'error') return { ok: false, error: message.message };
  return { ok: true, response: message.json === undefined ? undefined : JSON.parse(message.json) };
}

/** Where a function's code is. Throws when the file that its handler setting names is not there. */
export function handlerModule(lambda: LambdaFunction): HandlerModule {
  const dot = lambda.handler.lastIndexOf('.');
  const file = lambda.handler.slice(0, dot);
  const candidates = EXTENSIONS.map((extension) => join(lambda.directory, `${file}.${extension}`));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new Error(`function ${lambda.shortName}: no ${file}.mjs in ${lambda.directory}`);
  return {
    url: pathToFileURL(found).href,
    exportName: lambda.handler.slice(dot + 1),
    functionArn: lambda.arn,
  };
}

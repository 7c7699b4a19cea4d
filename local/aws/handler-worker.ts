/** A process that runs one function. */
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

/** How an invocation ended. The error is one line or a stack trace. Our functions put no message body into an error. */
export type Outcome =
  | { readonly ok: true; readonly response: unknown }
  | { readonly ok: false; readonly error: string };

/** Lambda gives the first import 10 s. Here it gets longer, because several processes share fewer cores. */
const INIT_MS_MAX = 60_000;

/**
 * The size of V8's semi-space, where new objects are made, in MiB. Node's default leaves tens of MiB of short-lived objects in
 * each of two dozen processes. A smaller space costs little time.
 */
const SEMI_SPACE_MIB = 4;

/** The file extensions that Lambda tries for a function's handler setting. */
const EXTENSIONS = ['mjs', 'js', 'cjs'];

export type WorkerOptions = {
  readonly lambda: LambdaFunction;
  readonly module: HandlerModule;
  /** The file that the process runs: handler-process.ts, or what {@link handlerProgram} made of it. */
  readonly program: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Called with each line that the function prints. */
  onLine(line: string): void;
  /** Called with text from standard error. */
  onError(text: string): void;
};

/** One process with one function in it, which runs one invocation at a time: what Lambda calls an execution environment. */
export type HandlerWorker = {
  /** False once it has been killed or suspended, or has ended: it takes no further invocation. */
  readonly alive: boolean;
  /** Resolves when the function's module is loaded, or when it turns out that it cannot be. */
  readonly ready: Promise<Outcome>;
  invoke(requestId: string, event: unknown): Promise<Outcome>;
  kill(reason: string): void;
  /**
   * Stops the process for `ms` and then lets it continue. Its invocation counts as failed at once, and a later answer is ignored.
   * The process takes no further invocation, and is killed when the function's timeout has passed again.
   */
  suspend(ms: number, reason: string): void;
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

/** The invocation that a process is running. It is over when its answer and all its output have arrived. */
class CurrentInvocation {
  #running: Running | undefined;
  /** The id of the last invocation, which may still print although it counts as failed. */
  #lastId = '';

  begin(invocation: Pick<Running, 'requestId' | 'finish' | 'timer'>): void {
    this.#running = { ...invocation, outputEnded: false };
    this.#lastId = invocation.requestId;
  }

  end(outcome: Outcome): void {
    const finished = this.#running;
    this.#running = undefined;
    clearTimeout(finished?.timer);
    finished?.finish(outcome);
  }

  answered(requestId: string, outcome: Outcome): void {
    if (this.#running?.requestId !== requestId) return;
    this.#running.outcome = outcome;
    this.#endIfComplete();
  }

  /** Takes a line and returns the part that the function printed: undefined for the line that ends the output. */
  printed(line: string): string | undefined {
    const end = endLine(this.#lastId);
    if (!line.endsWith(end)) return line;
    if (this.#running !== undefined) this.#running.outputEnded = true;
    this.#endIfComplete();
    // Output that does not end with a line break stands before the end text, on the same line.
    return line === end ? undefined : line.slice(0, -end.length);
  }

  #endIfComplete(): void {
    if (this.#running?.outcome !== undefined && this.#running.outputEnded) this.end(this.#running.outcome);
  }
}

const forkHandler = ({ lambda, module, program, environment, clock }: WorkerOptions): ChildProcess => {
  const begin: HandlerStart = { module, clock: clock.rate };
  return fork(program, [JSON.stringify(begin)], {
    env: environment,
    execArgv: [`--max-old-space-size=${lambda.memoryMib}`, `--max-semi-space-size=${SEMI_SPACE_MIB}`],
    cwd: lambda.directory,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
};

/** Starts a process that loads the function and waits for invocations. */
export const startHandlerWorker = (options: WorkerOptions): HandlerWorker => {
  const { lambda, clock } = options;
  const child = forkHandler(options);
  const current = new CurrentInvocation();
  let alive = true;
  let reason: string | undefined;
  const kill = (why: string): void => {
    alive = false;
    reason ??= why;
    child.kill('SIGKILL');
  };

  const ready = Promise.withResolvers<Outcome>();
  const closed = Promise.withResolvers<void>();
  const initTimer = setTimeout(() => kill(`not loaded after ${INIT_MS_MAX} ms`), INIT_MS_MAX);
  child.on('message', (message: HandlerMessage) => {
    if (message.kind !== 'ready') return current.answered(message.requestId, outcomeOf(message));
    clearTimeout(initTimer);
    ready.resolve({ ok: true, response: undefined });
  });
  readLines(child.stdout as NonNullable<ChildProcess['stdout']>, (line) => {
    const output = current.printed(line);
    if (output !== undefined) options.onLine(output);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => options.onError(text));
  const ended = (how: string): void => {
    alive = false;
    clearTimeout(initTimer);
    const outcome: Outcome = { ok: false, error: `the process ended: ${reason ?? how}` };
    ready.resolve(outcome);
    current.end(outcome);
    closed.resolve();
  };
  child.once('error', (error) => ended(error.message));
  child.once('exit', () => {
    alive = false;
  });
  child.once('close', (code, signal) => ended(signal ?? `exit status ${code}`));

  const suspend = (ms: number, why: string): void => {
    alive = false;
    reason ??= why;
    child.kill('SIGSTOP');
    const timers = [
      setTimeout(() => child.kill('SIGCONT'), ms),
      setTimeout(() => kill(why), ms + lambda.timeoutSeconds * 1_000),
    ];
    void closed.promise.then(() => timers.forEach(clearTimeout));
    current.end({ ok: false, error: `the process was ${why}` });
  };

  const invoke = (requestId: string, event: unknown): Promise<Outcome> => {
    if (!alive) return Promise.resolve({ ok: false, error: `the process ended: ${reason ?? 'while idle'}` });
    const timeoutMs = lambda.timeoutSeconds * 1_000;
    const timer = setTimeout(() => kill(`timed out after ${lambda.timeoutSeconds} s`), timeoutMs);
    const { promise, resolve: finish } = Promise.withResolvers<Outcome>();
    current.begin({ requestId, finish, timer });
    const deadlineMs = clock.at(Date.now() + timeoutMs);
    const invocation: Invocation = { requestId, event, deadlineMs, clock: clock.rate };
    child.send(invocation, (error) => {
      if (error !== null) kill(error.message);
    });
    return promise;
  };
  return {
    get alive() {
      return alive;
    },
    ready: ready.promise,
    invoke,
    kill,
    suspend,
    closed: closed.promise,
  };
};

const outcomeOf = (message: Exclude<HandlerMessage, { kind: 'ready' }>): Outcome => {
  switch (message.kind) {
    case 'error':
      return { ok: false, error: message.message };
    case 'result':
      return { ok: true, response: message.json === undefined ? undefined : JSON.parse(message.json) };
    default:
      return message satisfies never;
  }
};

/** Where a function's code is. Throws when the file that its handler setting names is not there. */
export const handlerModule = (lambda: LambdaFunction): HandlerModule => {
  const dot = lambda.handler.lastIndexOf('.');
  const file = lambda.handler.slice(0, dot);
  const candidates = EXTENSIONS.map((extension) => join(lambda.directory, `${file}.${extension}`));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new Error(`function ${lambda.shortName}: expected ${file}.mjs in ${lambda.directory}, got nothing`);
  return {
    url: pathToFileURL(found).href,
    exportName: lambda.handler.slice(dot + 1),
    functionArn: lambda.arn,
  };
};

import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { HandlerLogs } from './handler-logs.ts';
import { type HandlerWorker, handlerModule, type Outcome, startHandlerWorker } from './handler-worker.ts';
import type { LambdaFunction } from './template.ts';

export type InvocationCount = { readonly invocations: number; readonly errors: number };

/** A function's processes. They start when needed, stay warm, and are replaced when they have died. */
export type HandlerPool = {
  readonly lambda: LambdaFunction;
  /** Runs the function once; waits for a process while all are busy. Never rejects: a failure is an outcome. */
  invoke(event: unknown): Promise<Outcome>;
  /** Starts a process for the next invocation, if the function has none. */
  warm(): void;
  /** Invocations that have begun and not ended, including those whose process is still starting. */
  readonly running: number;
  /** Processes that run an invocation right now, except those that have been killed or suspended. */
  busy(): HandlerWorker[];
  counts(): InvocationCount;
  stop(): Promise<void>;
};

export type PoolOptions = {
  readonly lambda: LambdaFunction;
  /** The file that each process runs. */
  readonly program: string;
  /** The whole environment of each process. */
  readonly environment: Readonly<Record<string, string>>;
  /** The most processes that may run at the same time. */
  readonly processesMax: number;
  readonly clock: Clock;
  readonly logs: HandlerLogs;
};

/**
 * The processes of a function. None is started before the first invocation, unless `warm` is called. Throws if the function's
 * code is not there.
 */
export const handlerPool = ({
  lambda,
  program,
  environment,
  processesMax,
  clock,
  logs,
}: PoolOptions): HandlerPool => {
  const module = handlerModule(lambda);
  const all = new Set<HandlerWorker>();
  const idle: HandlerWorker[] = [];
  const busy = new Set<HandlerWorker>();
  const waiting: (() => void)[] = [];
  let taken = 0;
  let invocations = 0;
  let errors = 0;
  let stopped = false;

  const start = (): HandlerWorker => {
    const worker = startHandlerWorker({
      lambda,
      module,
      program,
      environment,
      clock,
      onLine: (line) => logs.line(lambda.shortName, line),
      onError: (text) =>
        logs.report({ functionName: lambda.shortName, level: levelOf(text), line: text.trimEnd() }),
    });
    all.add(worker);
    void worker.closed.then(() => all.delete(worker));
    return worker;
  };
  /** Takes the idle process that ran last; undefined if none is idle. */
  const warmWorker = (): HandlerWorker | undefined => {
    for (;;) {
      const worker = idle.pop();
      if (worker === undefined || worker.alive) return worker;
    }
  };
  const run = async (event: unknown): Promise<Outcome> => {
    const worker = warmWorker() ?? start();
    const loaded = await worker.ready;
    if (!loaded.ok) return loaded;
    busy.add(worker);
    const outcome = await worker.invoke(randomUUID(), event);
    busy.delete(worker);
    if (worker.alive) idle.push(worker);
    return outcome;
  };

  return {
    lambda,
    async invoke(event) {
      if (taken >= processesMax) await new Promise<void>((resolve) => waiting.push(resolve));
      else taken += 1;
      if (stopped) return { ok: false, error: 'the run is over' };
      invocations += 1;
      const outcome = await run(event);
      if (!outcome.ok && !stopped) {
        errors += 1;
        logs.report({ functionName: lambda.shortName, level: 'ERROR', line: outcome.error });
      }
      // An invocation that waits takes this place at once, so that no other can take it in between.
      const next = waiting.shift();
      if (next === undefined) taken -= 1;
      else next();
      return outcome;
    },
    warm() {
      if (!stopped && all.size === 0) idle.push(start());
    },
    get running() {
      return taken;
    },
    busy: () => [...busy].filter((worker) => worker.alive),
    counts: () => ({ invocations, errors }),
    async stop() {
      stopped = true;
      // Invocations that still wait for a process fail now. Otherwise their callers would wait forever.
      for (const next of waiting.splice(0)) next();
      for (const worker of all) worker.kill('the run is over');
      await Promise.all([...all].map((worker) => worker.closed));
    },
  };
};

/** Node writes its own warnings to standard error too. */
const levelOf = (text: string): 'WARN' | 'ERROR' => {
  return /^\(node:\d+\) .*Warning/.test(text) ? 'WARN' : 'ERROR';
};

/** A random one of the busy processes of these pools; undefined if none is busy. `random` gives numbers in [0, 1). */
export const randomBusy = (pools: Iterable<HandlerPool>, random: () => number): HandlerWorker | undefined => {
  const busy = [...pools].flatMap((pool) => pool.busy());
  return busy[Math.floor(random() * busy.length)];
};

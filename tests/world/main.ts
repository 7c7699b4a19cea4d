import { parseArgs } from 'node:util';
import { FAULTS, type Fault } from './faults.ts';
import { type JudgedRun, judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { workloadOf } from './workload/index.ts';

const USAGE = `Runs the whole pipeline in virtual time, under faults that a seed decides, and judges it by an oracle of its own.

  npm run simulate -- [--seeds N] [--seed N] [--for SECONDS] [--faults a,b]

  --seeds N      how many seeds, from --seed on (default 20)
  --seed N       the first seed, or the only one with --seeds 1 (default 1)
  --for 60s      no further seed once so much real time is over
  --faults a,b   of ${FAULTS.join(', ')} (default all; none for a calm world)
`;

type Options = { seeds: number; seed: number; forMs: number; faults: ReadonlySet<Fault> };

class UsageError extends Error {}

const whole = (option: string, text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--${option}: expected a whole number from 1, got ${text}`);
};

const faultsOf = (text: string): ReadonlySet<Fault> => {
  if (text === 'none') return new Set();
  const names = text.split(',');
  const unknown = names.find((name) => !FAULTS.includes(name as Fault));
  if (unknown !== undefined)
    throw new UsageError(`--faults: expected some of ${FAULTS.join(', ')}, got ${unknown}`);
  return new Set(names as Fault[]);
};

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      for: { type: 'string' },
      faults: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) throw new UsageError(USAGE);
  const seconds = /^(\d+)s?$/.exec(values.for ?? '86400')?.[1];
  if (seconds === undefined) throw new UsageError(`--for: expected seconds such as 60s, got ${values.for}`);
  return {
    seeds: whole('seeds', values.seeds ?? '20'),
    seed: whole('seed', values.seed ?? '1'),
    forMs: Number(seconds) * 1_000,
    faults: values.faults === undefined ? new Set(FAULTS) : faultsOf(values.faults),
  };
};

const describe = (seed: number, { violations, messages, events, orders, steps }: JudgedRun): string =>
  [
    `seed ${seed}: ${messages} messages, ${events} events, ${orders} of them orders and refunds, ${steps} calls, ${violations.length} violations`,
    ...violations.map(
      ({ invariant, atMs, details }) => `  ${new Date(atMs).toISOString()} ${invariant}: ${details}`,
    ),
  ].join('\n');

const main = async (options: Options): Promise<number> => {
  const stack = synthesizeStack();
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const struck = new Map<Fault, number>();
  let done = 0;
  let events = 0;
  let expired = 0;
  let fewest = Number.POSITIVE_INFINITY;
  const failing: number[] = [];
  for (; done < options.seeds && performance.now() - startedMs < options.forMs; done++) {
    const seed = options.seed + done;
    const run = await judgedRun(stack, workloadOf(seed), seed, options.faults);
    for (const fault of FAULTS) struck.set(fault, (struck.get(fault) ?? 0) + run.struck[fault]);
    events += run.events;
    expired += run.expired;
    fewest = Math.min(fewest, run.events);
    if (run.violations.length > 0) failing.push(seed);
    if (run.violations.length > 0 || options.seeds === 1) console.log(describe(seed, run));
    else if (process.stdout.isTTY) process.stdout.write(`\r${done + 1} of ${options.seeds} seeds`);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(startedCpu);
  const cpuSeconds = (user + system) / 1e6;
  console.log(
    `${done} seeds, ${events} distinct events, ${fewest} or more a seed, ${seconds.toFixed(1)} s, ${(cpuSeconds / done).toFixed(2)} s of CPU a seed`,
  );
  console.log(
    `faults: ${[...struck].map(([fault, count]) => `${fault} ${count}`).join(', ')}; ${expired} items expired`,
  );
  console.log(failing.length === 0 ? 'no violation' : `violations in seeds ${failing.join(', ')}`);
  return failing.length === 0 ? 0 : 1;
};

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (
    !(error instanceof UsageError) &&
    (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true
  )
    throw error;
  console.error((error as Error).message);
  process.exitCode = 2;
}

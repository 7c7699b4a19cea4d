import { parseArgs } from 'node:util';
import type { LocalStack } from '#local/aws/template.ts';
import { FAULTS, type Fault } from './faults.ts';
import { type JudgedRun, judgedRun } from './judged-run.ts';
import { type Cut, keeping, noting, shrunk } from './shrink.ts';
import { synthesizeStack } from './stack.ts';
import type { Trace } from './trace.ts';
import { scriptedWorkload, workloadOf } from './workload/index.ts';
import { SCRIPTED } from './workload/scripted/index.ts';
import type { Workload } from './workload/workload.ts';

const USAGE = `Runs the whole pipeline in virtual time, under random faults from a seed, and judges it by an independent oracle.

  npm run simulate -- [--seeds N] [--seed N] [--for SECONDS] [--faults a,b] [--only 'a|b'] [--shrink N]
                      [--workload X] [--trace]

  --seeds N      how many seeds, from --seed on (default 20)
  --seed N       the first seed, or the only one with --seeds 1 (default 1)
  --for 60s      starts no further seed after this much real time
  --faults a,b   of ${FAULTS.join(', ')} (default all; none for a calm world)
  --only 'a|b'   sends only these of a seed's events, each named by its source and id, as --shrink prints them
  --shrink N     finds the smallest part of the first failing seed that still fails, in at most N runs, and prints its trace and how
                 to run it again (default 250; 0 leaves it out)
  --workload X   runs a scripted workload, such as money-20, instead of the seeds' sales
  --trace        prints what is sent, what strikes and what is written
`;

type Options = {
  seeds: number;
  seed: number;
  forMs: number;
  faults: ReadonlySet<Fault>;
  /** Keys of the events to send; all events if left out. */
  only: ReadonlySet<string> | undefined;
  /** The workload of a seed. */
  workOf: (seed: number) => Workload;
  shrinkRuns: number;
  traces: boolean;
};

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

const workOf = (name: string | undefined): ((seed: number) => Workload) => {
  if (name === undefined) return workloadOf;
  if (!(name in SCRIPTED))
    throw new UsageError(`--workload: expected one of ${Object.keys(SCRIPTED).join(', ')}, got ${name}`);
  return () => scriptedWorkload(name);
};

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      for: { type: 'string' },
      faults: { type: 'string' },
      only: { type: 'string' },
      shrink: { type: 'string' },
      trace: { type: 'boolean' },
      workload: { type: 'string' },
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
    only: values.only === undefined ? undefined : new Set(values.only.split('|')),
    workOf: workOf(values.workload),
    shrinkRuns: values.shrink === '0' ? 0 : whole('shrink', values.shrink ?? '250'),
    traces: values.trace === true,
  };
};

const describe = (seed: number, { violations, messages, events, orders, steps }: JudgedRun): string =>
  [
    `seed ${seed}: ${messages} messages, ${events} events, ${orders} of them orders and refunds, ${steps} calls, ${violations.length} violations`,
    ...violations.map(
      ({ invariant, atMs, details }) => `  ${new Date(atMs).toISOString()} ${invariant}: ${details}`,
    ),
  ].join('\n');

const trace = (line: string): void => console.log(line);

/** Finds the smallest part of a seed's run that still breaks an invariant, and prints its trace. */
const printLeast = async (
  stack: LocalStack,
  { seed, faults, work }: { seed: number; faults: ReadonlySet<Fault>; work: Workload },
  invariant: string,
  runsMax: number,
): Promise<void> => {
  const keys = new Set<string>();
  await judgedRun(stack, noting(work, keys), { seed, faults });
  const runOf = (cut: Cut, onLine?: Trace): Promise<JudgedRun> =>
    judgedRun(stack, keeping(work, new Set(cut.events)), {
      seed,
      faults: new Set(cut.faults),
      ...(onLine === undefined ? {} : { trace: onLine }),
    });
  const fails = async (cut: Cut): Promise<boolean> => (await runOf(cut)).counts.has(invariant);
  const least = await shrunk({ faults: [...faults], events: [...keys] }, fails, runsMax);
  console.log(`the smallest part of seed ${seed} that breaks ${invariant}:`);
  const lines: string[] = [];
  const { violations } = await runOf(least, (line) => lines.push(line));
  const { atMs, details } = violations.find((one) => one.invariant === invariant)!;
  const at = new Date(atMs).toISOString().slice(0, -1);
  // Lines after the violation do not explain it. Each line begins with its time, so comparing texts compares times.
  for (const line of lines) if (line <= `${at}~`) console.log(line);
  console.log(`${at} ${invariant}: ${details}`);
  const these = least.faults.length === 0 ? 'none' : least.faults.join();
  console.log(
    `again: npm run simulate --${work.name === 'sale' ? '' : ` --workload ${work.name}`} --seeds 1 --seed ${seed} --faults ${these} --only '${least.events.join('|')}'`,
  );
};

const main = async (options: Options): Promise<number> => {
  const stack = synthesizeStack();
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const struck = new Map<Fault, number>();
  let done = 0;
  let events = 0;
  let expired = 0;
  let fewest = Number.POSITIVE_INFINITY;
  const failing: { seed: number; invariant: string }[] = [];
  for (; done < options.seeds && performance.now() - startedMs < options.forMs; done++) {
    const seed = options.seed + done;
    const { faults, only } = options;
    const workload = only === undefined ? options.workOf(seed) : keeping(options.workOf(seed), only);
    const run = await judgedRun(stack, workload, { seed, faults, ...(options.traces ? { trace } : {}) });
    for (const fault of FAULTS) struck.set(fault, (struck.get(fault) ?? 0) + run.struck[fault]);
    events += run.events;
    expired += run.expired;
    fewest = Math.min(fewest, run.events);
    if (run.violations.length > 0) failing.push({ seed, invariant: run.violations[0]!.invariant });
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
  console.log(
    failing.length === 0
      ? 'no violation'
      : `violations in seeds ${failing.map(({ seed }) => seed).join(', ')}`,
  );
  const [first] = failing;
  if (first !== undefined && options.only === undefined && options.shrinkRuns > 0)
    await printLeast(
      stack,
      { seed: first.seed, faults: options.faults, work: options.workOf(first.seed) },
      first.invariant,
      options.shrinkRuns,
    );
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

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Deployed, stackOf } from '../deployed.ts';
import { judgedRun } from '../judged-run.ts';
import { synthesize } from '../stack.ts';
import { scriptedWorkload, workloadOf } from '../workload/index.ts';
import { type CleanRun, CleanRuns } from './clean-runs.ts';
import { type Catcher, type Defect, planted, type WorldCatcher, weatherOf } from './defect.ts';
import type { Find, Hunt } from './hunt.ts';
import { DEFECTS, defectNamed } from './index.ts';

const USAGE = `Plants one small defect after another, and checks that what is named for the defect catches it: the world's seeds, a scripted
 * workload or a test.

  npm run defects -- [--only a,b] [--within N]

  --only a,b   only these of ${DEFECTS.length} defects
  --within N   try at most N seeds for each defect, even if it allows more
`;

const ROOT = resolve(import.meta.dirname, '../../..');

/** Whether a defect is caught, by which run and invariant or by which test file, and what these report. */
type Verdict = { readonly isCaught: boolean; readonly by: string; readonly details: string };
/** How many seeds a scripted workload is tried with: the race that it is written for happens with most seeds, but not all. */
const WORKLOAD_SEEDS = 5;
const KINDS: readonly Catcher['kind'][] = ['seeds', 'workload', 'test'];

/** Runs another process in which a defect is planted. */
const damagedProcess = (name: string, args: readonly string[], input: string) =>
  spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, PLANTED_DEFECT: name, NO_COLOR: '1' },
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });

/** The names of the invariants that a run of the undamaged pipeline breaks. */
const brokenIn = (deployed: Deployed): ((run: CleanRun) => Promise<ReadonlySet<string>>) => {
  const stack = stackOf(deployed);
  return async ({ seed, workload, weather }) => {
    const work = workload === undefined ? workloadOf(seed) : scriptedWorkload(workload);
    const { violations } = await judgedRun(stack, work, { seed, faults: weatherOf(weather) });
    return new Set(violations.map(({ invariant }) => invariant));
  };
};

const hunted = (name: string, hunt: Hunt): Find | undefined => {
  const preload = join(import.meta.dirname, 'plant.ts');
  const { stdout, stderr } = damagedProcess(
    name,
    ['--import', preload, join(import.meta.dirname, 'hunt.ts')],
    JSON.stringify(hunt),
  );
  const line = stdout.trimEnd().split('\n').at(-1)!;
  if (!line.startsWith('{') && line !== 'null')
    throw new Error(`defect ${name}: expected a find or none, got ${stdout}${stderr}`);
  return (JSON.parse(line) as Find | null) ?? undefined;
};

const inWorld = async (
  name: string,
  catcher: WorldCatcher,
  { deployed, clean, within }: { deployed: Deployed; clean: CleanRuns; within: number },
): Promise<Verdict> => {
  const { invariants } = catcher;
  const of = catcher.kind === 'workload' ? { workload: catcher.workload, weather: catcher.weather } : {};
  const seeds = Math.min(within, catcher.kind === 'workload' ? WORKLOAD_SEEDS : catcher.within);
  for (let seed = 1; seed <= seeds; ) {
    const rest = Array.from({ length: seeds - seed + 1 }, (_, i) => seed + i);
    const find = hunted(name, { deployed, seeds: rest, invariants, ...of });
    if (find === undefined) break;
    if (!(await clean.breaks(catcher, find))) {
      const run = `${catcher.kind === 'workload' ? `${catcher.workload}, ` : ''}seed ${find.seed}`;
      return { isCaught: true, by: `${run}: ${find.invariant}`, details: find.details };
    }
    seed = find.seed + 1;
  }
  return { isCaught: false, by: '', details: `${seeds} seeds` };
};

const inTest = (name: string, file: string): Verdict => {
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = damagedProcess(name, [vitest, 'run', '--config', config, file], '');
  const failed = /FAIL\s+(.*)/.exec(stdout + stderr)?.[1];
  if (status !== 0 && failed === undefined)
    throw new Error(`defect ${name}: expected ${file} to run, got ${stdout}${stderr}`);
  return { isCaught: status !== 0, by: status === 0 ? '' : file, details: failed ?? file };
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, within: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const chosen: readonly Defect[] = values.only?.split(',').map(defectNamed) ?? DEFECTS;
  for (const one of chosen) planted(one, readFileSync(resolve(ROOT, one.file), 'utf8'));
  const deployed = synthesize();
  const clean = new CleanRuns(brokenIn(deployed));
  const within = Number(values.within ?? Number.POSITIVE_INFINITY);
  const caught = new Map<Catcher['kind'], number>();
  console.log('| defect | caught by | s | what is seen |\n|---|---|---:|---|');
  for (const { name, caughtBy } of chosen) {
    const startMs = performance.now();
    const { isCaught, by, details } =
      caughtBy.kind === 'test'
        ? inTest(name, caughtBy.file)
        : await inWorld(name, caughtBy, { deployed, clean, within });
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    if (isCaught) caught.set(caughtBy.kind, (caught.get(caughtBy.kind) ?? 0) + 1);
    console.log(`| ${name} | ${isCaught ? by : '**survived**'} | ${seconds} | ${details} |`);
  }
  const sum = [...caught.values()].reduce((all, count) => all + count, 0);
  const [seeds, workloads, tests] = KINDS.map((kind) => caught.get(kind) ?? 0);
  console.log(
    `\n${sum} of ${chosen.length} defects caught: ${seeds} by seeded sales, ${workloads} by scripted workloads, ${tests} by tests`,
  );
  return sum === chosen.length ? 0 : 1;
};

process.exitCode = await main();

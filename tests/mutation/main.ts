import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mapLimited } from '#platform/concurrency.ts';
import { synthesize } from '../world/stack.ts';
import { AREAS, type Area } from './areas.ts';
import { isKilled, keyOf, type Listed, outcomeOf, type Report, type Survivor } from './report.ts';
import type { Play, Played } from './seeds.ts';

const USAGE = `Changes the code in one place after another, and checks whether a test notices: first the unit and property tests of the area,
then twenty seeds of the simulated world.

  npm run mutation -- [--only a,b] [--seeds N] [--concurrency N] [--quick]

  --only a,b       only these of ${AREAS.map(({ name }) => name).join(', ')}
  --seeds N        plays the first N seeds with a mutant that the tests did not notice (default 20; 0 plays none)
  --concurrency N  how many mutants at a time (default: one for each core)
  --quick          does not try mutants again that tests killed last time, if neither code nor tests have changed since
`;

const ROOT = resolve(import.meta.dirname, '../..');
const WORK = join(ROOT, '.zhihui/mutation');
const STRYKER = join(import.meta.dirname, 'stryker/node_modules/@stryker-mutator');
const LISTED = join(ROOT, 'docs/mutation-survivors.json');
/** The least share of killed mutants, texts and listed equivalents left out; and the largest share of listed equivalents. */
const SCORE_MIN = 0.9;
const EQUIVALENT_MAX = 0.05;
/** A mutant's seeds may take at most this many times as long as those of the unchanged code. */
const SLOWER_MAX = 4;

type Options = { readonly seeds: number; readonly concurrency: number; readonly isQuick: boolean };
type Line = {
  area: string;
  killed: number;
  bySeeds: number;
  survived: number;
  equivalent: number;
  minutes: number;
};

const configOf = ({ name, mutated }: Area, { concurrency, isQuick }: Options) => ({
  mutate: mutated,
  testRunner: 'vitest',
  plugins: [join(STRYKER, 'vitest-runner/dist/src/index.js'), join(import.meta.dirname, 'texts.ts')],
  ignorers: ['texts'],
  vitest: { configFile: 'tests/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency,
  incremental: true,
  incrementalFile: join(WORK, `${name}.incremental.json`),
  force: !isQuick,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: join(WORK, `${name}.json`) },
  tempDirName: join(WORK, name),
  // The instrumented code is kept, because the seeds are played with it.
  cleanTempDir: false,
  // No such file exists: Stryker would rewrite the project's own tsconfig.json with a compiler older than the project's.
  tsconfigFile: 'none.json',
  disableTypeChecks: false,
  timeoutMS: 2_500,
  allowEmpty: false,
});

/** Runs a process to its end. Its output is passed on, or kept. */
const run = (
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; input?: string; timeoutMs?: number; keeps?: boolean },
): Promise<{ status: number | null; output: string }> =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', options.keeps ? 'pipe' : 'inherit', options.keeps ? 'ignore' : 'inherit'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', fail).on('close', (status) => done({ status, output }));
    child.stdin!.end(options.input ?? '');
  });

/** Keeps only the results of killed mutants: Stryker does not see that a new test reaches code that runs as a module loads. */
const forgetSurvivors = (path: string): void => {
  if (!existsSync(path)) return;
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const files = Object.entries(report.files).map(([name, file]) => [
    name,
    { ...file, mutants: file.mutants.filter(isKilled) },
  ]);
  writeFileSync(path, JSON.stringify({ ...report, files: Object.fromEntries(files) }));
};

const judgeByTests = async (area: Area, options: Options): Promise<Report> => {
  const config = join(WORK, `${area.name}.config.json`);
  if (options.isQuick) forgetSurvivors(join(WORK, `${area.name}.incremental.json`));
  writeFileSync(config, JSON.stringify(configOf(area, options)));
  const { status } = await run([join(STRYKER, 'core/bin/stryker.js'), 'run', config], {
    cwd: ROOT,
    env: { MUTATION_AREA: area.name, NODE_COMPILE_CACHE: join(WORK, 'compiled') },
  });
  if (status !== 0) throw new Error(`mutation: expected Stryker to run in area ${area.name}, got ${status}`);
  return JSON.parse(readFileSync(join(WORK, `${area.name}.json`), 'utf8')) as Report;
};

/** The survivors that seeds do not notice either. */
const judgeBySeeds = async (
  area: Area,
  survivors: readonly Survivor[],
  { seeds, concurrency }: Options,
): Promise<readonly Survivor[]> => {
  if (seeds === 0 || survivors.length === 0) return survivors;
  const [sandbox] = globSync(join(WORK, area.name, 'sandbox-*'));
  const input = JSON.stringify({ deployed: synthesize(), seeds } satisfies Play);
  const play = async (id: string, timeoutMs?: number): Promise<Played | undefined> => {
    const env: Record<string, string> = id === '' ? {} : { __STRYKER_ACTIVE_MUTANT__: id };
    const script = join(sandbox!, 'tests/mutation/seeds.ts');
    const { status, output } = await run([script], { cwd: sandbox!, env, input, timeoutMs, keeps: true });
    return status === 0 ? (JSON.parse(output.trimEnd().split('\n').at(-1)!) as Played) : undefined;
  };
  const startMs = performance.now();
  const clean = await play('');
  if (clean === undefined || clean.broken !== null)
    throw new Error(`mutation: expected no violation without a mutant, got ${clean?.broken}`);
  const timeoutMs = Math.ceil((performance.now() - startMs) * SLOWER_MAX);
  const reached = new Set(clean.reached);
  const isAlive = await mapLimited(survivors, concurrency, async ({ id, change }) => {
    if (!reached.has(id)) return true;
    const played = await play(id, timeoutMs);
    if (played?.broken === null) return true;
    console.log(`${played?.broken ?? 'a seed fails or has no end'}: ${keyOf(change)}`);
    return false;
  });
  return survivors.filter((_, index) => isAlive[index]);
};

/**
 * Sorts survivors into those that are listed as equivalents and `others`. `unlisted` are those of the others without an entry
 * in the list, and `stale` the entries without a survivor. An entry excuses one mutant.
 */
const sorted = (survivors: readonly Survivor[], listed: readonly Listed[]) => {
  const rest = [...listed];
  const equivalents: Survivor[] = [];
  const others: Survivor[] = [];
  const unlisted: Survivor[] = [];
  for (const survivor of survivors) {
    const at = rest.findIndex((each) => keyOf(each) === keyOf(survivor.change));
    const [entry] = at < 0 ? [] : rest.splice(at, 1);
    if (entry?.kind === 'equivalent') equivalents.push(survivor);
    else others.push(survivor);
    if (entry === undefined) unlisted.push(survivor);
  }
  return { equivalents, others, unlisted, stale: rest };
};

const judge = async (area: Area, options: Options, listed: readonly Listed[]) => {
  const startMs = performance.now();
  rmSync(join(WORK, area.name), { recursive: true, force: true });
  const { killed, survivors } = outcomeOf(await judgeByTests(area, options));
  const { equivalents, others } = sorted(survivors, listed);
  const left = await judgeBySeeds(area, others, options);
  const { unlisted, stale } = sorted([...equivalents, ...left], listed);
  rmSync(join(WORK, area.name), { recursive: true, force: true });
  for (const { change } of unlisted) console.log(`not listed: ${JSON.stringify(change)}`);
  for (const entry of stale) console.log(`listed, but killed or gone: ${keyOf(entry)}`);
  const bySeeds = others.length - left.length;
  const minutes = (performance.now() - startMs) / 60_000;
  const line: Line = {
    area: area.name,
    killed: killed + bySeeds,
    bySeeds,
    survived: left.length,
    equivalent: equivalents.length,
    minutes,
  };
  return { line, isAsListed: unlisted.length === 0 && stale.length === 0 };
};

const scoreOf = ({ killed, survived }: Line): number => killed / (killed + survived);
const mutantsOf = ({ killed, survived, equivalent }: Line): number => killed + survived + equivalent;

const rowOf = (line: Line): string =>
  `| ${line.area} | ${mutantsOf(line)} | ${line.killed} | ${line.bySeeds} | ${line.survived} | ${line.equivalent} | ${(scoreOf(line) * 100).toFixed(1)} % | ${line.minutes.toFixed(1)} |`;

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seeds: { type: 'string' },
      concurrency: { type: 'string' },
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const names = values.only?.split(',') ?? AREAS.map(({ name }) => name);
  const options = {
    seeds: Number(values.seeds ?? 20),
    concurrency: Number(values.concurrency ?? availableParallelism()),
    isQuick: values.quick === true,
  };
  mkdirSync(WORK, { recursive: true });
  const listed = JSON.parse(readFileSync(LISTED, 'utf8')) as Listed[];
  const lines: Line[] = [];
  let isAsListed = true;
  for (const name of names) {
    const area = AREAS.find((each) => each.name === name);
    if (area === undefined)
      throw new Error(`--only: expected some of ${AREAS.map((each) => each.name)}, got ${name}`);
    const ofArea = listed.filter(({ file }) => area.mutated.includes(file));
    const judged = await judge(area, options, ofArea);
    lines.push(judged.line);
    isAsListed &&= judged.isAsListed;
  }
  const sum = (of: (line: Line) => number): number => lines.reduce((all, line) => all + of(line), 0);
  const total: Line = {
    area: 'all',
    killed: sum(({ killed }) => killed),
    bySeeds: sum(({ bySeeds }) => bySeeds),
    survived: sum(({ survived }) => survived),
    equivalent: sum(({ equivalent }) => equivalent),
    minutes: sum(({ minutes }) => minutes),
  };
  console.log('\n| area | mutants | killed | by seeds | survived | equivalent | score | minutes |');
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
  for (const line of [...lines, total]) console.log(rowOf(line));
  const isGood = lines.every(
    (line) => scoreOf(line) >= SCORE_MIN && line.equivalent <= EQUIVALENT_MAX * mutantsOf(line),
  );
  return isGood && isAsListed ? 0 : 1;
};

process.exitCode = await main();

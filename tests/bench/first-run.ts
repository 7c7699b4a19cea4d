/**
 * How long a newcomer waits: clones the last commit into a folder of its own, installs it, and plays the sale once. Prints the
 * seconds of each step, the CPU time of the installation and of the sale, the megabytes that are installed, and the most memory
 * of the whole process tree (read from /proc, so only on Linux). With `--here` it installs nothing and plays in this folder.
 * Further options are those of `npm start`.
 * Run: `npm run node -- tests/bench/first-run.ts [--here] [OPTION …]`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figuresOf } from '#local/board/figures.ts';
import { type TreeUse, watchTree } from '../support/process-tree.ts';
import { REPOSITORY } from '../support/run-start.ts';

const LOOK_MS = 500;
const ERRORS_SHOWN = 2_000;
const BYTES_PER_MB = 1_000_000;

type Step = { seconds: number; cpu: ReadonlyMap<string, number>; memory: TreeUse; out: string; err: string };

const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1_000;
const sum = (values: Iterable<number>): number => [...values].reduce((total, one) => total + one, 0);

/** Runs a command to its end and measures it every half second. Throws when it fails. */
const runStep = async (
  directory: string,
  [command, ...args]: readonly string[],
  onLook: (err: string, seconds: number) => Promise<void> = async () => {},
): Promise<Step> => {
  const startMs = performance.now();
  const child = spawn(command!, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const tree = watchTree(child.pid!);
  let last = tree.look();
  while (child.exitCode === null && child.signalCode === null) {
    await Promise.race([ended, sleep(LOOK_MS)]);
    const use = tree.look();
    if (use.processes > 0) last = use;
    await onLook(err, secondsSince(startMs));
  }
  await ended;
  if (child.exitCode !== 0)
    throw new Error(`${args.join(' ')}: ended with ${child.exitCode}: ${err.slice(-ERRORS_SHOWN)}`);
  return { seconds: secondsSince(startMs), cpu: last.cpuSeconds, memory: tree.largest!, out, err };
};

/** The size of all files below a folder. */
const megabytesOf = (folder: string): number => {
  const bytes = (path: string): number => {
    const stat = lstatSync(path);
    return stat.isDirectory() ? sum(readdirSync(path).map((name) => bytes(join(path, name)))) : stat.size;
  };
  return bytes(folder) / BYTES_PER_MB;
};

const showStep = (name: string, seconds: number, more = ''): void =>
  console.log(`${name.padEnd(34)}${seconds.toFixed(1).padStart(7)} s   ${more}`);

const [isHere, options] =
  process.argv[2] === '--here' ? [true, process.argv.slice(3)] : [false, process.argv.slice(2)];
const load = loadavg()
  .map((one) => one.toFixed(1))
  .join(' ');
console.log(`${cpus().length} cores, load before ${load}, Node ${process.versions.node}\n`);

const directory = isHere ? REPOSITORY : mkdtempSync(join(tmpdir(), 'zhihui-first-run-'));
try {
  let installedSeconds = 0;
  if (!isHere) {
    execFileSync('git', ['clone', '--quiet', '--no-local', REPOSITORY, directory]);
    const { seconds, cpu } = await runStep(directory, ['npm', 'run', '--silent', 'setup']);
    const megabytes = megabytesOf(join(directory, 'node_modules')).toFixed(0);
    showStep('install', seconds, `${sum(cpu.values()).toFixed(0)} s of CPU, ${megabytes} MB without Node`);
    installedSeconds = seconds;
  }
  const reached = new Map<string, number>();
  const reach = (what: string, seconds: number): void => {
    if (!reached.has(what)) reached.set(what, seconds);
  };
  const { seconds, cpu, memory, out } = await runStep(
    directory,
    ['npm', '--silent', 'start', '--', '--once', ...options],
    async (err, at) => {
      const [, address] = /the sale, live: (\S+)/.exec(err) ?? [];
      if (address === undefined) return;
      reach('first screen', at);
      for (const [, part] of err.matchAll(/^\d+ s: (.*)$/gm)) reach(part!.replace(/:.*/, ''), at);
      if (!reached.has('the hour') || reached.has('first order of the sale')) return;
      const answer = await fetch(`${address}board?campaign=double11-2026`).catch(() => undefined);
      const orders = answer?.ok ? (figuresOf(await answer.text())?.orders ?? 0) : 0;
      if (orders > 0) reach('first order of the sale', at);
    },
  );
  for (const [what, at] of reached) showStep(what, at, 'after the start');
  showStep('whole', seconds, `${sum(cpu.values()).toFixed(0)} s of CPU`);
  if (!isHere) showStep('whole with the installation', installedSeconds + seconds);
  console.log(
    `\nmemory of the whole process tree, at most: ${memory.memoryMb.toFixed(0)} MB in ${memory.processes} processes`,
  );
  const byUse = [...cpu].toSorted(([, a], [, b]) => b - a);
  console.log(`CPU: ${byUse.map(([name, used]) => `${name} ${used.toFixed(1)}`).join(', ')}`);
  console.log(
    `\n${out
      .split('\n')
      .filter((line) => /exact|[+-]\d+\.\d %$/.test(line))
      .join('\n')}`,
  );
} finally {
  if (!isHere) rmSync(directory, { recursive: true, force: true });
}

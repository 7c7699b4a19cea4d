/** A run on this machine as a user starts it, for tests of the command line. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type ShownCampaign, showCampaign } from '#local/operate/campaigns.ts';
import { allGrants, type GrantLine } from '#local/operate/grants.ts';
import type { RunFile } from '#local/operate/run-file.ts';
import { openTarget, type Target } from '#local/operate/target.ts';
import { type Outcome, REPOSITORY, runScript, startScript, type Variables } from '../../support/run-start.ts';
import { temporaryDirectory } from '../replay/files.ts';

const COMMAND = 'bin/zhihui.js';
const WAIT_MS_MAX = 120_000;
const LOOK_MS = 250;

export const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  const givenUpMs = performance.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > givenUpMs) throw new Error(`${what}: expected within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

/** Whether a program is installed here. */
export const hasProgram = (name: string, ...args: string[]): boolean =>
  spawnSync(name, args, { stdio: 'ignore' }).status === 0;

export type RealRun = {
  file: RunFile;
  directory: ReturnType<typeof temporaryDirectory>;
  /** What the run has printed. */
  printed(): string;
  /** Runs the command on this run. */
  zhihui(...args: string[]): Promise<Outcome>;
  json<Value>(...args: string[]): Promise<Value>;
  /** Runs the command without a run, with these environment variables. */
  alone(args: readonly string[], variables?: Variables): Promise<Outcome>;
  /** Writes events into a file, and sends the file with the command. */
  send(name: string, events: readonly object[]): Promise<Outcome>;
  /** Sends a body without checking it, as a producer may. */
  put(queue: string, body: unknown): Promise<void>;
  /** The pipeline of this run, as the command's verbs use it. A test that polls it starts no process for each look. */
  target: Target;
  shown(campaignId: string): Promise<ShownCampaign>;
  grants(campaignId: string): Promise<GrantLine[]>;
  stop(): Promise<void>;
};

/** Starts `zhihui start --data` as a user would, and waits until it is up. */
export const startRealRun = async (): Promise<RealRun> => {
  const directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  const run = startScript(COMMAND, ['start', '--data', data]);
  await until('the run is up', () => {
    if (run.child.exitCode !== null) throw new Error(run.text.stdout + run.text.stderr);
    return run.text.stdout.includes('with the AWS SDK');
  });
  const target = await openTarget({ data });
  const zhihui = (...args: string[]) => runScript(COMMAND, [...args, '--data', data]);
  return {
    file: JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as RunFile,
    directory,
    printed: () => run.text.stdout,
    zhihui,
    json: async <Value>(...args: string[]) => JSON.parse((await zhihui(...args, '--json')).stdout) as Value,
    alone: (args, variables) => runScript(COMMAND, args, undefined, variables),
    send: (name, events) =>
      zhihui('send', directory.write(`${name}.ndjson`, events.map((one) => JSON.stringify(one)).join('\n'))),
    put: async (queue, body) => {
      await target.sqs.send(
        new SendMessageCommand({ QueueUrl: target.output(queue), MessageBody: JSON.stringify(body) }),
      );
    },
    target,
    shown: (campaignId) => showCampaign(target, campaignId),
    grants: (campaignId) => Array.fromAsync(allGrants(target, campaignId)),
    stop: async () => {
      target.close();
      run.child.kill('SIGINT');
      await run.outcome;
      directory.remove();
    },
  };
};

/** Runs a shell command in the repository, as a user pastes it into a terminal. */
export const inShell = (command: string): Outcome =>
  spawnSync('sh', ['-c', command], { cwd: REPOSITORY, encoding: 'utf8' });

/** What a terminal shows of the command while these lines are typed into it. util-linux's `script` is the terminal. */
export const inTerminal = (args: readonly string[], typed: readonly string[]): Outcome => {
  const command = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`).join(' ');
  return spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    input: typed.map((line) => `${line}\n`).join(''),
  });
};

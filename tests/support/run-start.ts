import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export type Outcome = { status: number | null; stdout: string; stderr: string };

/** Environment variables that are added to those of this process, or replace them. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Starts a script of the repository as a user would, in the repository unless `cwd` says otherwise. `outcome`
 * resolves when the script has ended.
 */
export const startScript = (
  script: string,
  args: readonly string[],
  {
    stdin,
    env = {},
    cwd = REPOSITORY,
  }: { stdin?: string | undefined; env?: Variables | undefined; cwd?: string } = {},
) => {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });
  child.stdin.end(stdin);
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...text }));
  });
  return { child, outcome, text };
};

export const runScript = (
  script: string,
  args: readonly string[],
  stdin?: string,
  env?: Variables,
): Promise<Outcome> => startScript(script, args, { stdin, env }).outcome;

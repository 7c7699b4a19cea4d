import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from './local/replay/files.ts';
import { REPOSITORY } from './support/run-start.ts';

/**
 * Stands in for npm, and prints its arguments. As in npm, `ci` empties the folder's `node_modules` and then installs the
 * packages, and `install` adds Node under the prefix that it is given.
 */
const NPM = `
  import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
  const [command, ...args] = process.argv.slice(2);
  console.log(command, args.filter((one) => !one.startsWith('--no-') && !one.startsWith('--loglevel')).join(' '));
  if (command === 'ci') {
    rmSync('node_modules', { recursive: true, force: true });
    mkdirSync('node_modules/.bin', { recursive: true });
    writeFileSync('node_modules/.package-lock.json', '{}');
    if (!args.includes('--omit=dev')) mkdirSync('node_modules/vitest');
  } else {
    const folder = args[args.indexOf('--prefix') + 1] + '/node_modules/node/bin';
    mkdirSync(folder, { recursive: true });
    writeFileSync(folder + '/node', '');
  }
`;
/** Makes a process believe that its Node is too old for TypeScript. */
const OLD = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;

const directory = temporaryDirectory();
afterAll(() => directory.remove());
let project: string;
let npm: string;

beforeEach(() => {
  project = join(directory.path, String(Math.random()));
  mkdirSync(project);
  cpSync(join(REPOSITORY, 'bin'), join(project, 'bin'), { recursive: true });
  npm = directory.write('npm.mjs', NPM);
});

/** Runs the setup as npm does, with an old Node or with this one, and returns the commands that npm was called with. */
const setUp = (isOld: boolean, ...options: string[]): string[] => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...(isOld ? ['--import', `data:text/javascript,${encodeURIComponent(OLD)}`] : []),
      'bin/setup.js',
      ...options,
    ],
    { cwd: project, env: { ...process.env, npm_execpath: npm }, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter(Boolean);
};

/** The Node that npm's scripts find, relative to the project; undefined if they find the machine's own. */
const nodeOfScripts = (): string | undefined => {
  const link = join(project, 'node_modules/.bin/node');
  return existsSync(link) ? realpathSync(link).slice(realpathSync(project).length) : undefined;
};

const OWN = '/.zhihui/node/node_modules/node/bin/node';

it('a setup on a machine with an old Node installs a newer one for the project, and keeps it when the tests’ packages are added', () => {
  expect(setUp(true)).toEqual(['ci --omit=dev', expect.stringMatching(/^install --prefix .* node@\d/)]);
  expect(nodeOfScripts()).toBe(OWN);
  // npm's scripts now find the project's own Node, which is new enough.
  expect(setUp(false, '--dev')).toEqual(['ci ']);
  expect(nodeOfScripts()).toBe(OWN);
  expect(setUp(false, '--dev')).toEqual([]);
});

it('the first setup can also be one that installs the tests’ packages', () => {
  expect(setUp(true, '--dev')).toEqual(['ci ', expect.stringMatching(/^install /)]);
  expect(nodeOfScripts()).toBe(OWN);
});

it('a setup on a machine whose Node is new enough installs no other', () => {
  expect(setUp(false)).toEqual(['ci --omit=dev']);
  expect(nodeOfScripts()).toBeUndefined();
});

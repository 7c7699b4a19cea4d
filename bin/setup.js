// Installs what is missing: what a run needs, with --dev also what the tests and a deployment need, and with --also FOLDER also
// what that folder's own lock file lists; and a Node of the project's own if the machine's is too old. npm calls this script
// before most others, so it prints nothing and takes almost no time if everything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNewEnough, OWN_NODE, OWN_PREFIX, OWN_VERSION } from './node-version.js';

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const QUIET = ['--no-fund', '--no-audit', '--loglevel=error'];

const isForDevelopment = process.argv.includes('--dev');
const folder = process.argv.includes('--also') ? process.argv[process.argv.indexOf('--also') + 1] : undefined;

/** Runs the npm that runs this script. */
const npm = (...args) => {
  const { npm_execpath: cli } = process.env;
  if (cli === undefined) throw new Error('setup: expected to be called by npm: npm run setup');
  const { status } = spawnSync(process.execPath, [cli, ...args, ...QUIET], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

const isInstalled = existsSync(join(MODULES, '.package-lock.json'));
const hasDevelopment = existsSync(join(MODULES, 'vitest'));

if (!isInstalled || (isForDevelopment && !hasDevelopment))
  npm('ci', ...(isForDevelopment ? [] : ['--omit=dev']));

if (folder !== undefined && !existsSync(join(folder, 'node_modules/.package-lock.json')))
  npm('ci', '--prefix', folder);

if (!isNewEnough() && !existsSync(OWN_NODE))
  npm('install', '--prefix', OWN_PREFIX, '--no-save', '--no-package-lock', `node@${OWN_VERSION}`);

// npm looks in node_modules/.bin first for the commands that its scripts call. An installation by npm removes files there that it
// does not know, so a missing link is made again, even if the project's own Node runs this script.
const link = join(MODULES, '.bin/node');
if (existsSync(OWN_NODE) && !existsSync(link)) {
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), OWN_NODE), link);
}

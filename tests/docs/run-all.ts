/**
 * `npm run docs:all`: runs every command of the Markdown pages that takes over 30 s, one after the other, and prints the result
 * of each. `npm run docs:all -- WORD …` runs only the commands that contain one of the words.
 */
import { spawnSync } from 'node:child_process';
import { REPOSITORY } from '../support/run-start.ts';
import { EXCEPTIONS, LONG } from './exceptions.ts';
import { commandsOf, PAGES } from './pages.ts';

const words = process.argv.slice(2);
const commands = [...new Set(PAGES.flatMap(commandsOf))]
  .filter((command) => LONG.some((pattern) => pattern.test(command)))
  .filter((command) => !EXCEPTIONS.some(({ pattern }) => pattern.test(command)))
  .filter((command) => words.length === 0 || words.some((word) => command.includes(word)))
  .sort();

let failed = 0;
for (const [index, command] of commands.entries()) {
  process.stdout.write(`\n[${index + 1} of ${commands.length}] ${command}\n`);
  const startedAt = performance.now();
  const { status } = spawnSync(command, { cwd: REPOSITORY, shell: true, stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`${status === 0 ? 'done' : `failed with status ${status}`} in ${seconds} s\n`);
  if (status !== 0) failed += 1;
}
process.stdout.write(`\n${commands.length - failed} of ${commands.length} commands done\n`);
process.exitCode = failed === 0 ? 0 : 1;

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from '#local/demo/options.ts';
import { parseOptions } from '#local/replay/options.ts';
import { asksReplay } from '#local/start-command.ts';
import { REPOSITORY, runScript } from './support/run-start.ts';

const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The commands of all shell blocks, those over several lines joined. */
const COMMANDS = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block!
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== ''),
);

/** What differs from run to run: seconds and capacity units. */
const steady = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('table '))
    .map((line) => line.replace(/ in [\d.]+ s$/, ' in … s').trimEnd())
    .join('\n')
    .trim();

describe('the README', () => {
  it('shows what the replay of the sample prints', async () => {
    const replay = COMMANDS.find((command) => command.startsWith('npm start -- --events'))!;
    const args = replay.split(' -- ')[1]!.split(' ');
    const { status, stdout, stderr } = await runScript('local/start.ts', args);
    expect(status, stderr).toBe(0);
    const shown = /\n\n```\n([\s\S]*?)```/.exec(README.slice(README.indexOf(replay)))![1]!;
    expect(steady(stdout)).toBe(steady(shown));
  });

  it('names only npm scripts that there are', () => {
    for (const [, script] of README.matchAll(/npm run ([\w-]+)/g)) expect(scripts).toHaveProperty(script!);
  });

  it.each(COMMANDS.filter((command) => command.startsWith('npm start -- ')))(
    'has options that are understood: %s',
    (command) => {
      const args = command.slice('npm start -- '.length).split(' ');
      expect((asksReplay(args) ? parseOptions(args) : parseDemoOptions(args)).kind).toBe('run');
    },
  );

  it('names only files and folders that there are', () => {
    const paths = [
      ...README.matchAll(
        /(?:`|\()((?:docs|domain|events|lambdas|lib|local|platform|simulator|tests)\/[\w./-]*)(?:`|\))/g,
      ),
    ];
    expect(paths.length).toBeGreaterThan(5);
    for (const [, path] of paths)
      expect({ path, exists: existsSync(join(REPOSITORY, path!)) }).toEqual({ path, exists: true });
  });
});

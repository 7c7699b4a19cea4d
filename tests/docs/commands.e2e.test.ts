import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDemoOptions } from '#local/demo/options.ts';
import { parseOptions } from '#local/replay/options.ts';
import { asksReplay } from '#local/start-command.ts';
import { type Outcome, REPOSITORY, runScript, startScript } from '../support/run-start.ts';
import { EXCEPTIONS, LONG } from './exceptions.ts';
import { commandsOf, PAGES, pageOf } from './pages.ts';

const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const TESTS = globSync('tests/**/*.test.ts', { cwd: REPOSITORY });
const TIERS = ['unit', 'property', 'sim', 'e2e', 'alone', 'long'];

const COMMANDS = [...new Set(PAGES.flatMap(commandsOf))].sort();
const CHECKED = COMMANDS.filter((command) => !EXCEPTIONS.some(({ pattern }) => pattern.test(command)));

/**
 * An empty directory: a command that asks for a file or for a run finds none there, and says so only after its options are
 * read.
 */
const EMPTY = mkdtempSync(join(tmpdir(), 'zhihui-docs-'));
afterAll(() => rmSync(EMPTY, { recursive: true }));
const NOT_THERE = /no such (?:file|directory)|expected a run that is up/;

/** The words of a command line; quotes hold a word together. */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain!,
  );

/** Expects that the real command reads these words as its options without complaint. */
const expectUnderstood = async (script: string, words: readonly string[]): Promise<void> => {
  const { child, outcome } = startScript(join(REPOSITORY, script), words, { cwd: EMPTY });
  const { status, stderr } = await outcome;
  child.kill();
  if (status !== 0) expect(stderr).toMatch(NOT_THERE);
};

const checkRun = async (script: string, words: readonly string[]): Promise<void> => {
  expect(scripts).toHaveProperty([script]);
  const [, file] = /node (\S+\.[jt]s)/.exec(scripts[script]!) ?? [];
  if (script === 'node') return expect(existsSync(join(REPOSITORY, words[0]!)), words[0]).toBe(true);
  if (words.length > 0) await expectUnderstood(file!, [...verbOf(script), ...words]);
};

/** The verb that an npm script adds, as in `node bin/zhihui.js plan`. */
const verbOf = (script: string): string[] => {
  const [, verb] = /zhihui\.js (\w+)/.exec(scripts[script]!) ?? [];
  return verb === undefined ? [] : [verb];
};

const checkTests = (words: readonly string[]): void => {
  const paths = words.filter((word, index) => !word.startsWith('--') && words[index - 1] !== '--project');
  for (const path of paths)
    expect(
      TESTS.some((test) => test.startsWith(path)),
      path,
    ).toBe(true);
  for (const [index, word] of words.entries())
    if (word === '--project') expect(TIERS).toContain(words[index + 1]);
};

/** Parts in brackets may be left out. Expects every option in the command's help, and checks the command without these parts. */
const checkSynopsis = async (command: string): Promise<void> => {
  const words = wordsOf(command);
  const [, file] = /node (\S+\.[jt]s)/.exec(scripts[words[2]!] ?? '') ?? [];
  const { stdout } = words[0] === 'zhihui' ? await helpOf(words[1]!) : await runScript(file!, ['--help']);
  for (const [option] of command.matchAll(/--[a-z-]+/g)) expect(stdout).toContain(option);
  await check(command.replaceAll(/ \[[^\]]*\]/g, ''));
};

const check = async (command: string): Promise<void> => {
  if (/ \[--/.test(command)) return checkSynopsis(command);
  const words = wordsOf(command);
  const rest = words.slice(words.indexOf('--') + 1);
  if (command.startsWith('npm start -- '))
    expect((asksReplay(rest) ? parseOptions(rest) : parseDemoOptions(rest)).kind).not.toBe('mistake');
  else if (command.startsWith('npm exec zhihui -- ')) await expectUnderstood('bin/zhihui.js', rest);
  else if (words[0] === 'zhihui') await checkVerb(words.slice(1));
  else if (command.startsWith('npm run ')) await checkRun(words[2]!, words.includes('--') ? rest : []);
  else if (command.startsWith('npx vitest run ')) checkTests(words.slice(3));
  else throw new Error(`docs: expected a command that a test knows, or an exception, got ${command}`);
};

const helps = new Map<string, Promise<Outcome>>();
const helpOf = (verb: string): Promise<Outcome> => {
  const help = helps.get(verb) ?? runScript('bin/zhihui.js', [verb, '--help']);
  helps.set(verb, help);
  return help;
};

/** A verb that stands alone, such as `campaign pause`, or with placeholders must be in the help. Any other command is parsed. */
const checkVerb = async (words: readonly string[]): Promise<void> => {
  if (words.some((word) => /^[[\]]|[[\]|]/.test(word) || /^[A-Z]+$/.test(word)) || words.length < 3) {
    const { status, stdout } = await helpOf(words[0]!);
    expect(status).toBe(0);
    if (words[1] !== undefined && /^[a-z]/.test(words[1]))
      expect(stdout).toContain(`${words[0]} ${words[1]}`);
  } else await expectUnderstood('bin/zhihui.js', words);
};

describe('the commands of README and docs', () => {
  it('are found, with at least one for each exception', () => {
    expect(CHECKED.length).toBeGreaterThan(40);
    for (const pattern of [...EXCEPTIONS.map(({ pattern }) => pattern), ...LONG])
      expect({ pattern, used: COMMANDS.some((command) => pattern.test(command)) }).toEqual({
        pattern,
        used: true,
      });
  });

  it.each(CHECKED)('are understood: %s', check);
});

/** A text without what differs from run to run: seconds and capacity units. */
const steady = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('table '))
    .map((line) => line.replace(/ in [\d.]+ s$/, ' in … s').trimEnd())
    .join('\n')
    .trim();

describe('docs/replay.md', () => {
  it('shows what the replay of the sample prints', async () => {
    const page = pageOf('docs/replay.md');
    const replay = commandsOf(page).find((command) => command.startsWith('npm start -- --events'))!;
    const { status, stdout, stderr } = await runScript('local/start.ts', replay.split(' -- ')[1]!.split(' '));
    expect(status, stderr).toBe(0);
    const shown = /\n\n```\n([\s\S]*?)```/.exec(page.text.slice(page.text.indexOf(replay)))![1]!;
    expect(steady(stdout)).toBe(steady(shown));
  });
});

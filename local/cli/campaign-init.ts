/** `zhihui campaign init`: asks what a new campaign is to be, and writes its definition. */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { CampaignDefinition } from '#events/contract.ts';
import { definitionFaults } from '#events/definition-faults.ts';
import { fileError, InputError } from '#local/console/input-error.ts';
import { printable } from '#local/console/printable.ts';
import { assessCampaign, planLines } from '../operate/assess-campaign.ts';
import { newCampaign, QUESTIONS, type Question } from '../operate/new-campaign.ts';
import { type Action, type Given, show } from './actions.ts';
import { EXIT_DONE } from './verb.ts';

const DEFAULT_FILE = 'campaign.json';
const SALT_BYTES = 12;

export const INIT_HELP = QUESTIONS.map(({ option, text }) => `  --${option.padEnd(13)}${text}`).join('\n');

/** Shows a question and reads its answer from a terminal, or from another source of lines. */
export type Ask = (question: string) => Promise<string>;

/** Asks the question again until the answer is valid. */
export const askFor = async <Answer>(
  ask: Ask,
  { text }: Question,
  suggested: string | undefined,
  read: (text: string) => Answer,
): Promise<Answer> => {
  for (;;) {
    const given = await ask(`${text}${suggested === undefined ? '' : ` [${printable(suggested)}]`}: `);
    try {
      return read(given.trim() === '' ? (suggested ?? '') : given);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      process.stderr.write(`  ${printable(error.message)}\n`);
    }
  }
};

/**
 * Refuses options that answer a question that is not asked, such as a cap without free orders, instead of silently ignoring
 * them.
 */
const checkUnasked = ({ read: options }: Given, asked: ReadonlySet<string>): void => {
  const unasked = QUESTIONS.find(({ option }) => !asked.has(option) && options.text(option) !== undefined);
  if (unasked === undefined) return;
  const { option, dependsOn = '' } = unasked;
  throw new InputError(`--${option}: expected only with --${dependsOn}`);
};

/**
 * The definition made from options; `ask` answers the questions that the options leave open. Without `ask`, the suggested answers
 * are taken.
 */
const definitionOf = async (given: Given, ask: Ask | undefined): Promise<CampaignDefinition> => {
  const { read: options } = given;
  const asked = new Set<string>();
  const definition = await newCampaign(
    async (question, suggested, read) => {
      asked.add(question.option);
      const text = options.text(question.option);
      if (text === undefined && ask !== undefined) return askFor(ask, question, suggested, read);
      const answer = text ?? suggested;
      if (answer === undefined) throw new InputError(`--${question.option}: expected a value, got nothing`);
      try {
        return read(answer);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        throw new InputError(`--${question.option}: ${error.message}`, { cause: error });
      }
    },
    { nowMs: Date.now(), salt: randomBytes(SALT_BYTES).toString('base64url') },
  );
  checkUnasked(given, asked);
  return definition;
};

/** Questions are asked only in a terminal, so that a script never waits for an answer. */
const isAsked = ({ read }: Given): boolean =>
  process.stdin.isTTY === true && process.stdout.isTTY === true && !read.flag('yes') && !read.flag('json');

/** Keeps lines that come before their question, such as pasted lines. Throws an InputError when the input ends. */
const asker = (terminal: Interface): Ask => {
  const lines = terminal[Symbol.asyncIterator]();
  return async (question) => {
    terminal.setPrompt(question);
    terminal.prompt();
    const { done, value } = await lines.next();
    if (done === true) throw new InputError('the questions were not all answered: nothing is written');
    return value;
  };
};

const init = async (given: Given): Promise<number> => {
  const file = given.operands[0] ?? DEFAULT_FILE;
  if (existsSync(file) && !given.read.flag('force'))
    throw new InputError(`${file}: expected no such file, got one; --force replaces it`);
  const terminal = isAsked(given)
    ? createInterface({ input: process.stdin, output: process.stdout })
    : undefined;
  try {
    const definition = await definitionOf(given, terminal && asker(terminal));
    const faults = definitionFaults(definition).map(({ message }) => message);
    if (faults.length > 0) throw new InputError(faults.join('; '));
    writeFileSync(file, `${JSON.stringify(definition, null, 2)}\n`);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : fileError(file, error);
  } finally {
    terminal?.close();
  }
  const assessed = assessCampaign(file, Date.now());
  show(given, { file, ...assessed }, [
    ...(assessed.valid ? planLines(assessed.plan) : assessed.faults),
    `${file} is written; zhihui campaign open ${file} opens it`,
  ]);
  return EXIT_DONE;
};

/** `zhihui campaign init`. */
export const INIT: Action = {
  operands: ['[FILE]'],
  texts: QUESTIONS.map(({ option }) => option),
  flags: ['yes', 'force'],
  prepare: (given) => () => init(given),
};

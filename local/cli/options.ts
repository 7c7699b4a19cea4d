/** Parses the arguments of a command. */

import { Command, CommanderError, Option } from 'commander';
import { InputError } from '#local/console/input-error.ts';
import { complaintOf } from './given-options.ts';

/** The arguments are at fault; the message names the option, what was given and what was expected. */
export class Mistake extends Error {
  override name = 'Mistake';
}

/** The result of parsing the arguments after a command's name. */
export type Parsed<Options> =
  | { kind: 'run'; options: Options }
  | { kind: 'help' }
  | { kind: 'mistake'; message: string };

/** The values of options by their names without the leading dashes, as texts, lists of texts, or true. */
export type Values = Readonly<Record<string, string | string[] | true | undefined>>;

/** What a user may have meant by an argument of `npm start` that is not an option. */
export const MEANT_AS_INPUT = '--orders FILE or --events FILE names an input';

export type OptionNames = {
  /** Options with a value. */
  texts: readonly string[];
  /** Options with a value that may be given several times. */
  lists?: readonly string[];
  flags: readonly string[];
  /**
   * Names of arguments that are not options. All are needed, except that the last one is optional if it is in brackets:
   * `[FILE]`.
   */
  operands?: readonly string[];
  /** What a user may have meant by an argument, for a command that takes none. */
  meant?: string;
};

const quotedOnce = (text: string): string => JSON.stringify(text);

const optionOf = (name: string, isList: boolean): Option =>
  new Option(`--${name} <value>`).argParser((value: string, previous: string | string[] | undefined) => {
    // Without this, an option that lacks its value would take the next option as its value.
    if (value === '' || value.startsWith('--'))
      throw new Mistake(`--${name}: expected a value, got ${value || 'nothing'}`);
    if (isList) return [...((previous as string[] | undefined) ?? []), value];
    if (previous !== undefined) throw new Mistake(`--${name}: expected once, got twice`);
    return value;
  });

/** What commander found wrong, in the form of this project's messages. */
const messageOf = (error: CommanderError, { flags, operands = [] }: OptionNames): string => {
  const [, subject = ''] = /'([^']*)'/.exec(error.message) ?? [];
  switch (error.code) {
    case 'commander.unknownOption': {
      const [name, value] = subject.split(/=(.*)/s);
      return value !== undefined && flags.includes(name!.slice(2))
        ? `${name}: expected no value, got ${quotedOnce(value)}`
        : complaintOf(error);
    }
    case 'commander.optionMissingArgument':
      return complaintOf(error);
    case 'commander.missingArgument':
      return `expected ${subject.toUpperCase()}, got nothing`;
    default:
      return operands.length === 0 ? complaintOf(error) : `expected ${operands.join(' ')} and options`;
  }
};

/**
 * Parses arguments with commander. `toOptions` makes options of their values and may throw a Mistake or an
 * InputError; `-h` and `--help` are handled before `toOptions`, but arguments that cannot be parsed are
 * reported first.
 */
export const parseArguments = <Options>(
  args: readonly string[],
  names: OptionNames,
  toOptions: (values: Values, operands: readonly string[]) => Options,
): Parsed<Options> => {
  const { texts, lists = [], flags, operands = [], meant } = names;
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .helpOption(false)
    .option('-h, --help');
  for (const name of texts) command.addOption(optionOf(name, false));
  for (const name of lists) command.addOption(optionOf(name, true));
  for (const name of flags) command.option(`--${name}`);
  command.argument('[operands...]');
  try {
    command.parse([...args], { from: 'user' });
    const given = command.opts<Record<string, string | string[] | true | undefined>>();
    if (given.help === true) return { kind: 'help' };
    checkOperands(command.args, operands, meant);
    const byName = [...texts, ...lists, ...flags].map((name) => [name, given[camelCase(name)]]);
    return { kind: 'run', options: toOptions(Object.fromEntries(byName) as Values, command.args) };
  } catch (error) {
    if (error instanceof Mistake || error instanceof InputError)
      return { kind: 'mistake', message: error.message };
    if (error instanceof CommanderError) return { kind: 'mistake', message: messageOf(error, names) };
    throw error;
  }
};

const checkOperands = (
  given: readonly string[],
  expected: readonly string[],
  meant: string | undefined,
): void => {
  if (expected.length === 0 && given.length > 0) {
    const hint = meant === undefined ? '' : ` (${meant})`;
    throw new Mistake(`expected options only, got ${quotedOnce(given[0]!)}${hint}`);
  }
  const missing = expected.slice(given.length).filter((name) => !name.startsWith('['));
  if (missing.length > 0) throw new Mistake(`expected ${missing.join(' ')}, got nothing`);
  if (given.length > expected.length)
    throw new Mistake(`expected ${expected.join(' ')} only, got ${quotedOnce(given[expected.length]!)}`);
};

/** How commander names the value of an option. */
const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

export type Range = { min: number; max: number; whole: boolean };

/** A number without a sign; `.3` is 0.3. Throws a Mistake for any other text, and for a number outside the range. */
export const parseNumber = (name: string, text: string, { min, max, whole }: Range): number => {
  const value = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new Mistake(
    `${name}: expected a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got ${quotedOnce(text)}`,
  );
};

export const PORT: Range = { min: 0, max: 65_535, whole: true };

/** Readers of the values by type: a text, a list, a flag, a number, or one of some words. */
export const reader = (values: Values) => {
  const text = (name: string): string | undefined => values[name] as string | undefined;
  return {
    text,
    list: (name: string): string[] => (values[name] as string[] | undefined) ?? [],
    flag: (name: string): boolean => values[name] === true,
    number: (name: string, range: Range): number | undefined => {
      const value = text(name);
      return value === undefined ? undefined : parseNumber(`--${name}`, value, range);
    },
    /** One of some words. Throws a Mistake for any other. */
    oneOf: <Word extends string>(name: string, words: readonly Word[]): Word | undefined => {
      const value = text(name);
      if (value === undefined || words.includes(value as Word)) return value as Word | undefined;
      const all = words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`;
      throw new Mistake(`--${name}: expected ${all}, got ${quotedOnce(value)}`);
    },
  };
};

/** An object with the property if it has a value, else an empty one. */
export const optional = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { [Name in Key]?: Value } => (value === undefined ? {} : ({ [key]: value } as { [Name in Key]: Value }));

import { printable, printableJson } from '#local/console/printable.ts';
import { type OptionNames, parseArguments, reader, type Values } from './options.ts';
import { runVerb } from './verb.ts';

/** What an action is given: its options, and its operands in their order. */
export type Given = { values: Values; read: ReturnType<typeof reader>; operands: readonly string[] };

/** One of the things that a verb does. `prepare` may throw a Mistake or an InputError, and returns the function to run. */
export type Action = Partial<OptionNames> & {
  prepare: (given: Given) => () => number | Promise<number>;
};

const isHelp = (name: string | undefined): boolean => name === '-h' || name === '--help';

/** A verb with actions, `zhihui VERB ACTION …`, as a command. Every action takes `--json`. */
export const runActions = (
  help: string,
  actions: Readonly<Record<string, Action>>,
  [name, ...args]: readonly string[],
): Promise<number> => {
  const action = name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return runOne(help, action, args);
  if (isHelp(name)) return runVerb(help, { kind: 'help' }, run);
  const names = Object.keys(actions);
  const expected = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  const message = `expected ${expected}, got ${JSON.stringify(name) ?? 'nothing'}`;
  return runVerb(help, { kind: 'mistake', message }, run);
};

const run = (prepared: () => number | Promise<number>): number | Promise<number> => prepared();

/** A verb that does one thing, or one action of a verb, as a command. */
export const runOne = (
  help: string,
  { prepare, texts = [], flags = [], ...names }: Action,
  args: readonly string[],
): Promise<number> =>
  runVerb(
    help,
    parseArguments(args, { ...names, texts, flags: ['json', ...flags] }, (values, operands) =>
      prepare({ values, read: reader(values), operands }),
    ),
    run,
  );

/** Prints a result: as JSON if it is asked for, else as lines. What comes from events is made safe for a terminal. */
export const show = ({ read }: Given, value: unknown, lines: readonly string[]): void => {
  const text = read.flag('json') ? printableJson(value) : lines.map(printable).join('\n');
  process.stdout.write(`${text}\n`);
};

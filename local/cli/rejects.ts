import { readFileSync } from 'node:fs';
import { formatCount, formatTable } from '#local/console/format.ts';
import { fileError, InputError } from '#local/console/input-error.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { type Refusal, refusalText } from '#local/import/refusals.ts';
import { Mistake, parseArguments, reader } from './options.ts';
import { EXIT_DONE, runVerb } from './verb.ts';

export const REJECTS_HELP = `Reads a file of refusals, as --rejects FILE writes it.

  zhihui rejects list FILE [--json]              how many there are, by field and by what was expected
  zhihui rejects show FILE [--line N] [--json]   each of them, or those of one line of the input

Exit status: 0 done, 2 an option or the file is wrong.
`;

const readRefusals = (path: string): Refusal[] => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw fileError(path, cause);
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at) => {
      const refusal = parsed(line);
      if (refusal !== undefined) return refusal;
      throw new InputError(`${path}: line ${at + 1}: expected a refusal as --rejects writes it`);
    });
};

const parsed = (line: string): Refusal | undefined => {
  try {
    const value = JSON.parse(line) as Partial<Refusal> | null;
    return typeof value?.field === 'string' && typeof value.expected === 'string'
      ? (value as Refusal)
      : undefined;
  } catch {
    return undefined;
  }
};

const list = (refusals: readonly Refusal[], isJson: boolean): string => {
  const groups = Map.groupBy(refusals, ({ field, expected }) => JSON.stringify([field, expected]));
  const counts = [...groups.values()]
    .map((group) => ({ count: group.length, field: group[0]!.field, expected: group[0]!.expected }))
    .sort((a, b) => b.count - a.count);
  if (isJson) return printableJson(counts);
  const rows = counts.map(({ count, field, expected }) => [
    formatCount(count),
    printable(field),
    printable(expected),
  ]);
  return formatTable([['count', 'field', 'expected'], ...rows], 'left').join('\n');
};

const show = (refusals: readonly Refusal[], isJson: boolean): string =>
  isJson ? printableJson(refusals) : refusals.map(refusalText).join('\n');

/** `zhihui rejects` as a command. */
export const rejectsMain = ([action, ...args]: readonly string[]): Promise<number> =>
  runVerb(
    REJECTS_HELP,
    parseArguments(
      action === '-h' || action === '--help' ? ['--help'] : action === undefined ? [''] : args,
      { texts: ['line'], flags: ['json'], operands: ['FILE'] },
      (values, [file]) => {
        const { flag, number } = reader(values);
        if (action !== 'list' && action !== 'show')
          throw new Mistake(`expected list or show, got ${JSON.stringify(action) ?? 'nothing'}`);
        const line = number('line', { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true });
        return { file: file!, line, isJson: flag('json'), told: action === 'list' ? list : show };
      },
    ),
    ({ file, line, isJson, told }) => {
      const all = readRefusals(file);
      const chosen = line === undefined ? all : all.filter((refusal) => refusal.line === line);
      process.stdout.write(`${told(chosen, isJson)}\n`);
      return EXIT_DONE;
    },
  );

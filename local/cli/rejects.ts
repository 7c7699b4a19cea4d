import { readFileSync } from 'node:fs';
import type { Reject } from '#domain/intake/rejects.ts';
import { formatCount, formatTable } from '#local/console/format.ts';
import { fileError, InputError } from '#local/console/input-error.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { type Refusal, refusalText } from '#local/import/refusals.ts';
import { parseMend, type RejectFate, readRejects, redriveRejects } from '../operate/rejects.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { type Action, type Given, show as printResult, runActions } from './actions.ts';
import { optional } from './options.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

export const REJECTS_HELP = `Reads what was refused, from a pipeline's rejects queue or from a file that --rejects FILE wrote. Mends events of the queue and
sends them again.

  zhihui rejects list [FILE]                     how many there are, by field and by what was expected
  zhihui rejects show [FILE] [--line N]          each of them, or those of one line of the input
  zhihui rejects redrive [--set FIELD=VALUE]...  sets fields of refused events and sends them again
    --preview                                    says what would be sent, and changes nothing
    --reason REASON, --id ID                     of the queue: only these
${TARGET_HELP}
  --json         print everything as JSON

Exit status: 0 done, 1 some of what was to be sent again was not, 2 an option, the file or the pipeline is wrong.
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

/** What a queue's rejects have in common: how many of each reason and field, the most frequent first. */
const queueList = (rejects: readonly Reject[]): { count: number; reason: string; field: string }[] =>
  [...Map.groupBy(rejects, ({ reason, field }) => `${reason} ${field}`).values()]
    .map((group) => ({ count: group.length, reason: group[0]!.reason, field: group[0]!.field }))
    .sort((x, y) => y.count - x.count);

const ofQueue = (given: Given, print: (rejects: readonly Reject[]) => void): Promise<number> =>
  withTarget(targetOptions(given.values), async (target) => {
    const { read } = given;
    const filter = { ...optional('reason', read.text('reason')), ...optional('id', read.text('id')) };
    print(await readRejects(target, filter));
    return EXIT_DONE;
  });

const listQueue = (given: Given): Promise<number> =>
  ofQueue(given, (rejects) => {
    const groups = queueList(rejects);
    const rows = groups.map(({ count, reason, field }) => [formatCount(count), reason, field]);
    const table = formatTable([['count', 'reason', 'field'], ...rows], 'left');
    printResult(given, groups, rows.length === 0 ? ['nothing was refused'] : table);
  });

const showQueue = (given: Given): Promise<number> =>
  ofQueue(given, (rejects) => {
    const lines = rejects.map(
      ({ id, reason, message, receivedAt }) => `${id} ${receivedAt} ${reason}: ${message}`,
    );
    printResult(given, rejects, lines.length === 0 ? ['nothing was refused'] : lines);
  });

const fateLine = (fate: RejectFate, isPreview: boolean): string => {
  switch (fate.fate) {
    case 'sent':
      return `${fate.id}: ${isPreview ? `would be sent: ${JSON.stringify(fate.event)}` : 'sent again'}`;
    case 'refused':
      return `${fate.id}: would be refused again: ${fate.message}`;
    case 'not-kept':
      return `${fate.id}: was not kept as a whole event, so it cannot be sent again`;
    case 'failed':
      return `${fate.id}: not taken by its queue: ${fate.message}`;
    default:
      return fate satisfies never;
  }
};

const redrive = (given: Given): Promise<number> =>
  withTarget(targetOptions(given.values), async (target) => {
    const { read } = given;
    const isPreview = read.flag('preview');
    const fates = await redriveRejects(target, {
      ...optional('reason', read.text('reason')),
      ...optional('id', read.text('id')),
      mends: read.list('set').map(parseMend),
      isPreview,
    });
    const sent = fates.filter(({ fate }) => fate === 'sent').length;
    const summary = `${formatCount(sent)} ${isPreview ? 'would be sent' : 'sent again'}, ${formatCount(fates.length - sent)} not`;
    printResult(given, fates, [...fates.map((fate) => fateLine(fate, isPreview)), summary]);
    return sent === fates.length ? EXIT_DONE : EXIT_FAILED;
  });

const ofFile = (given: Given, textOf: (refusals: readonly Refusal[]) => string): number => {
  const line = given.read.number('line', { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true });
  const all = readRefusals(given.operands[0]!);
  const chosen = line === undefined ? all : all.filter((refusal) => refusal.line === line);
  process.stdout.write(`${textOf(chosen)}\n`);
  return EXIT_DONE;
};

/** An action on a file if one is named, or else on a pipeline's queue. */
const reading = (
  textOf: (refusals: readonly Refusal[], isJson: boolean) => string,
  fromQueue: (given: Given) => Promise<number>,
): Action => ({
  operands: ['[FILE]'],
  texts: [...TARGET_TEXTS, 'line', 'reason', 'id'],
  prepare: (given) => () =>
    given.operands.length === 0
      ? fromQueue(given)
      : ofFile(given, (refusals) => textOf(refusals, given.read.flag('json'))),
});

/** `zhihui rejects` as a command. */
export const rejectsMain = (args: readonly string[]): Promise<number> =>
  runActions(
    REJECTS_HELP,
    {
      list: reading(list, listQueue),
      show: reading(show, showQueue),
      redrive: {
        texts: [...TARGET_TEXTS, 'reason', 'id'],
        lists: ['set'],
        flags: ['preview'],
        prepare: (given) => () => redrive(given),
      },
    },
    args,
  );

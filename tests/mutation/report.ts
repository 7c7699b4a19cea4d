/** A mutant as Stryker's JSON report has it; lines and columns are counted from 1. */
export type Mutant = {
  readonly id: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
};
type Position = { readonly line: number; readonly column: number };

export type Report = {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
};

/** Where a mutant is, and what it does, in a form that stays the same when other lines of the file change. */
export type Change = {
  readonly file: string;
  /** The line that the change begins on. */
  readonly line: string;
  /** The first line of what is changed, and the first line of what replaces it. */
  readonly from: string;
  readonly to: string;
};

/** A mutant that no test kills, and why. An equivalent behaves like the unchanged code, so no test can kill it. */
export type Listed = Change & { readonly kind: 'equivalent' | 'survivor'; readonly why: string };

const firstLine = (text: string): string => text.split('\n', 1)[0]!.trim();

export const changeOf = (file: string, source: string, { location, replacement = '' }: Mutant): Change => {
  const { start, end } = location;
  const lines = source.split('\n');
  const line = lines[start.line - 1]!;
  const from = line.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined);
  return { file, line: line.trim(), from: firstLine(from), to: firstLine(replacement) };
};

export const keyOf = ({ file, line, from, to }: Change): string => JSON.stringify([file, line, from, to]);

/** The statuses of a mutant that tests notice. A mutant that never ends is noticed too, by a timeout. */
const KILLED = new Set(['Killed', 'Timeout']);
const ALIVE = new Set(['Survived', 'NoCoverage']);

export const isKilled = ({ status }: Mutant): boolean => KILLED.has(status);

export type Survivor = { readonly id: string; readonly change: Change };

/** What Stryker found in an area. Mutants of texts (`texts.ts`), and those that cannot be loaded, are not counted. */
export const outcomeOf = ({ files }: Report): { killed: number; survivors: readonly Survivor[] } => {
  const all = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ file, source, mutant })),
  );
  return {
    killed: all.filter(({ mutant }) => isKilled(mutant)).length,
    survivors: all
      .filter(({ mutant }) => ALIVE.has(mutant.status))
      .map(({ file, source, mutant }) => ({ id: mutant.id, change: changeOf(file, source, mutant) })),
  };
};

import { globSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';

/** Source texts by their path from the repository's root. */
export type Sources = Readonly<Record<string, string>>;

/** One finding of a rule: where, and what is wrong there. */
export type Finding = string;

/** An architecture rule: returns its findings in the sources; none if they follow it. */
export type ArchitectureRule = (sources: Sources) => Finding[];

const ROOT = resolve(import.meta.dirname, '../../..');

/** Reads every TypeScript file of these folders, except those of packages that are installed in a folder. */
export const readSources = (...folders: readonly string[]): Sources =>
  Object.fromEntries(
    globSync(
      folders.map((folder) => `${folder}/**/*.ts`),
      { cwd: ROOT, exclude: ['**/node_modules'] },
    )
      .sort()
      .map((path) => [path, readFileSync(resolve(ROOT, path), 'utf8')]),
  );

export type ImportStatement = {
  from: string;
  /** A path from the root for a file of this repository, else the specifier as it is written, such as `aws-cdk-lib/aws-sqs`. */
  to: string;
  isOurs: boolean;
  /** Names that are imported as values; `*` for a whole module. Empty if only types are imported. */
  values: string[];
};

const STATEMENT =
  /^(?:import|export)\s+(?<clause>(?:type\s+)?(?:[\w*\s{},$]+?))\s*from\s*'(?<target>[^']+)'/gm;
const BARE_OR_DYNAMIC = /(?:^import\s*|\bimport\(\s*)'(?<target>[^']+)'/gm;

const resolveTarget = (from: string, target: string): { to: string; isOurs: boolean } => {
  if (target.startsWith('#')) return { to: target.slice(1), isOurs: true };
  if (target.startsWith('.')) return { to: posix.join(posix.dirname(from), target), isOurs: true };
  return { to: target, isOurs: false };
};

const valuesOf = (clause: string): string[] => {
  if (/^type\s/.test(clause)) return [];
  const named = /\{(?<names>[^}]*)\}/.exec(clause)?.groups?.names ?? '';
  const beside = clause
    .replace(/\{[^}]*\}/, '')
    .replaceAll(',', ' ')
    .trim();
  return [
    ...(beside === '' ? [] : [beside.startsWith('*') ? '*' : beside]),
    ...named
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => name.split(/\s+as\s+/)[0]!),
  ];
};

/** Every import and re-export, including dynamic ones. */
export const importsOf = (sources: Sources): ImportStatement[] =>
  Object.entries(sources).flatMap(([from, text]) => [
    ...[...text.matchAll(STATEMENT)].map(({ groups }) => ({
      from,
      ...resolveTarget(from, groups!.target!),
      values: valuesOf(groups!.clause!),
    })),
    ...[...text.matchAll(BARE_OR_DYNAMIC)].map(({ groups }) => ({
      from,
      ...resolveTarget(from, groups!.target!),
      values: ['*'],
    })),
  ]);

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** The code without comments and quoted texts, with its line breaks, so that line numbers stay the same. */
export const codeOf = (text: string): string =>
  text.replace(COMMENT_OR_TEXT, (match) => match.replace(/[^\n]/g, ' '));

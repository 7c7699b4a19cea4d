import { expect, it } from 'vitest';
import { readSources } from '../support/architecture/sources.ts';

/** Matches a reader of something written elsewhere or earlier: a function, or a class with a static method `decode`. */
const READER =
  /^export const (?<name>(?:parse|decode|unpack)\w*) =|^export class (?<made>\w+) (?=.*?^ {2}static decode\()/gms;

/** Readers that the fuzz tests need not name, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  parseBody: 'every fuzzed body is read by it',
  parseEvent: 'every event of a fuzzed body is read by it',
  parseFacts: 'reads a part of the publications of draws',
  parseXgboostModel: 'reads what loadOwnModel is given',
  parseBodies: 'reads messages between functions, as JSON',
  unpackSent: 'reads a part of a block of events',
  unpackRound: 'reads JSON that audience wrote, of a version that its key names',
  unpackRecords: 'reads JSON that the export wrote, of a version that its key names',
  decodeOutcome: 'reads codes of a profile, which was read before',
  TieCells: 'a part of a histogram',
  // What a user types after a command.
  ...Object.fromEntries(
    [
      ...['parseArguments', 'parseNumber', 'parsePools', 'parseMend', 'parseOptions', 'parsePlanOptions'],
      ...['parseOffPolicyOptions', 'parseEvaluateOptions', 'parseImportOptions', 'parseDemoOptions'],
    ].map((name) => [name, 'reads arguments of a command']),
  ),
};

const readers = Object.entries(readSources('domain', 'platform', 'events', 'local'))
  .filter(([path]) => !path.startsWith('local/emulator/'))
  .flatMap(([, text]) => [...text.matchAll(READER)].map(({ groups }) => (groups!.name ?? groups!.made)!));
const fuzzed = Object.entries(readSources('tests/fuzz'))
  .filter(([path]) => !path.endsWith('.test.ts'))
  .map(([, text]) => text)
  .join('\n');

it('every parser and every reader of stored bytes is fuzzed, or left out for a reason', () => {
  expect(readers).toEqual(expect.arrayContaining(['unpackBlock', 'Histogram', 'Sample', 'parseDecimal']));
  const missing = readers.filter((name) => !(name in LEFT_OUT) && !new RegExp(`\\b${name}\\b`).test(fuzzed));
  expect(missing).toEqual([]);
});

it('nothing is left out that is fuzzed, or that is no reader any more', () => {
  expect(Object.keys(LEFT_OUT).filter((name) => !readers.includes(name))).toEqual([]);
  expect(Object.keys(LEFT_OUT).filter((name) => new RegExp(`\\b${name}\\b`).test(fuzzed))).toEqual([]);
});

import fc from 'fast-check';
import { between, oneOf } from '../world/random.ts';

type Random = () => number;

/** Pieces of text that parsers have stumbled over elsewhere. */
const PIECES = [
  ...[
    '',
    '0',
    '-0',
    '-1',
    '1e309',
    '1e-400',
    '9007199254740993',
    '0x10',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '[[',
    '}}',
    '"',
    '\\',
    '\\u0000',
  ],
  ...[
    '\ud800',
    '\\ud800',
    '\u202e',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\u0000',
    '\r\n',
    '\t',
    ',',
    ';',
    '="',
    "'",
    '__proto__',
    'constructor',
  ],
  ...[
    '2026-02-30T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    '2026-11-10T12:30:60Z',
    '１２',
    '٣',
    'é',
    'e\u0301',
    '💥',
  ],
];

/** Values that replace the value of a field. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.1, 1e21, 2 ** 53, Number.MAX_VALUE, '', ' ', '0', 'a'.repeat(300)],
  ...[
    [],
    {},
    [[]],
    [null],
    { length: -1 },
    { __proto__: null, toJSON: 1 },
    '\u202e',
    '\u200b',
    '\ud800',
    '2026-11-10T12:10:00.000Z',
  ],
];

const replaceIn = (random: Random, value: unknown, depth: number): unknown => {
  if (depth === 0 || typeof value !== 'object' || value === null || random() < 0.2)
    return oneOf(random, VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0) return [oneOf(random, VALUES)];
    const at = between(random, 0, value.length - 1);
    return value.map((one, i) => (i === at ? replaceIn(random, one, depth - 1) : one));
  }
  const names = Object.keys(value);
  const kind = random();
  if (names.length === 0 || kind < 0.15) return { ...value, [oneOf(random, PIECES)]: oneOf(random, VALUES) };
  const at = oneOf(random, names);
  if (kind < 0.3) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== at));
  return { ...value, [at]: replaceIn(random, (value as Record<string, unknown>)[at], depth - 1) };
};

/** A value with one to three of its fields changed, added or left out. */
export const mutatedValue = (random: Random, value: unknown): unknown => {
  let mutated = value;
  for (let left = between(random, 1, 3); left > 0; left--) mutated = replaceIn(random, mutated, 6);
  return mutated;
};

/** A text in which pieces are inserted, left out, repeated or changed. */
export const mutatedText = (random: Random, text: string): string => {
  let mutated = text;
  for (let left = between(random, 1, 4); left > 0; left--) {
    const from = between(random, 0, mutated.length);
    const to = Math.min(mutated.length, from + between(random, 0, 12));
    const middle = oneOf(random, [
      oneOf(random, PIECES),
      '',
      mutated.slice(from, to).repeat(3),
      String.fromCharCode(between(random, 0, 0xffff)),
    ]);
    mutated = mutated.slice(0, from) + middle + mutated.slice(to);
  }
  return mutated;
};

/** How many continuation bytes of a stored number to insert: sometimes more than any number has. */
const longNumber = (random: Random): number =>
  random() < 0.9 ? between(random, 1, 8) : between(random, 140, 160);

/** Bytes of which some are changed, left out or added. */
export const mutatedBytes = (random: Random, bytes: Uint8Array): Uint8Array => {
  const mutated = [...bytes];
  for (let left = between(random, 1, 4); left > 0; left--) {
    const at = between(random, 0, Math.max(0, mutated.length - 1));
    const kind = random();
    if (kind < 0.5) mutated[at] = between(random, 0, 255);
    else if (kind < 0.65) mutated[at] = (mutated[at] ?? 0) ^ (1 << between(random, 0, 7));
    else if (kind < 0.8) mutated.splice(at, between(random, 1, 8));
    else if (kind < 0.9) mutated.splice(at, 0, ...Array.from({ length: longNumber(random) }, () => 0xff));
    else mutated.length = at;
  }
  return Uint8Array.from(mutated);
};

/** `numRuns` values of a fast-check arbitrary, chosen by a seed. */
export const samplesOf = <Value>(arbitrary: fc.Arbitrary<Value>, seed: number, numRuns: number): Value[] =>
  fc.sample(arbitrary, { seed, numRuns });

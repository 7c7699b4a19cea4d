import { expect, it } from 'vitest';
import { fuzzBodies } from './bodies.ts';
import { fuzzFiles } from './files.ts';
import type { Finding } from './finding.ts';
import { fuzzParsers } from './parsers.ts';

// A small part of `npm run fuzz`. The CPU time of an input is not judged here, because other tests share the CPU.
const judged = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ what }) => !what.startsWith('took '));

it('no message body causes an exception, keeps another event from being counted, or causes a rejection too large for a message', () => {
  const { findings, accepted, refused } = fuzzBodies(7, 2_000);
  expect(judged(findings)).toEqual([]);
  expect(accepted).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(1_000);
});

it('every other parser and every reader of stored bytes accepts its samples, and accepts or refuses anything else', () => {
  for (const { parser, findings, accepted, refused } of fuzzParsers(7, 150)) {
    expect(judged(findings), parser).toEqual([]);
    expect(
      [accepted, refused].every((count) => count > 0),
      parser,
    ).toBe(true);
  }
});

it('every reader of files and of answers from outside accepts its samples, and accepts or refuses anything else', async () => {
  for (const { parser, findings, accepted, refused } of await fuzzFiles(7, 10)) {
    expect(judged(findings), parser).toEqual([]);
    expect(accepted, parser).toBeGreaterThan(0);
    expect(refused, parser).toBeGreaterThan(0);
  }
});

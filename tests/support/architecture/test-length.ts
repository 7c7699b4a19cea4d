import type { ArchitectureRule } from './sources.ts';

/** The most lines that a test's function may have, including its first and its last. */
export const MAX_TEST_LINES = 70;

const TEST_START = /^\s*it(?:\.\w+)*\(/;

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The index of the last line of the call that starts at line `first`, found by the indentation of formatted code. */
const lastLineOf = (lines: readonly string[], first: number): number => {
  const indent = indentOf(lines[first]!);
  for (let i = first + 1; i < lines.length; i++) {
    const line = lines[i]!;
    // `])('title', …` of a table of cases belongs to the call.
    if (line === '' || indentOf(line) > indent || line.trimStart().startsWith(']')) continue;
    return /^\s*[})]/.test(line) ? i : i - 1;
  }
  return lines.length - 1;
};

/**
 * Measures the functions that `it` is given. In test files the linter measures no functions, because it
 * would also measure those that `describe` is given.
 */
export const testLengthRule: ArchitectureRule = (sources) =>
  Object.entries(sources).flatMap(([path, text]) => {
    const lines = text.split('\n');
    return lines.flatMap((line, first) => {
      if (!TEST_START.test(line)) return [];
      const last = lastLineOf(lines, first);
      const body = lines.findIndex((one, i) => i >= first && one.endsWith('=> {'));
      const length = last - (body === -1 || body > last ? first : body) + 1;
      return length > MAX_TEST_LINES ? [`${path}:${first + 1}: a test of ${length} lines`] : [];
    });
  });

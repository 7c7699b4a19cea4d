import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import listed from '../../docs/mutation-survivors.json' with { type: 'json' };
import { AREAS } from './areas.ts';
import { outcomeOf, type Report } from './report.ts';
import { strykerPlugins } from './texts.ts';

const ROOT = join(import.meta.dirname, '../..');

const source = `const limit = (n: number) => {
  if (n > 3) return 3;
};
`;
const reportOf = (statuses: readonly string[]): Report => ({
  files: {
    'domain/a.ts': {
      source,
      mutants: statuses.map((status, index) => ({
        id: String(index),
        replacement: 'n >= 3',
        status,
        location: { start: { line: 2, column: 7 }, end: { line: 2, column: 12 } },
      })),
    },
  },
});

describe('a mutant', () => {
  it('is killed if tests fail or never end, survives if they pass or none reaches it, and otherwise counts nowhere', () => {
    const { killed, survivors } = outcomeOf(
      reportOf(['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError']),
    );
    expect(killed).toBe(2);
    expect(survivors.map(({ id }) => id)).toEqual(['2', '3']);
  });

  it('is named by what it changes, so that the rest of the file may change', () => {
    expect(outcomeOf(reportOf(['Survived'])).survivors[0]!.change).toEqual({
      file: 'domain/a.ts',
      line: 'if (n > 3) return 3;',
      from: 'n > 3',
      to: 'n >= 3',
    });
  });

  it('is left out if it changes the text of an error, a rejection or a log, but not if it changes anything else, such as the reason of a rejection', () => {
    const [{ value }] = strykerPlugins as [(typeof strykerPlugins)[number]];
    const node = { type: 'StringLiteral' };
    const inCall = (type: string, name: string, key: number) =>
      value.shouldIgnore({ node, key, listKey: 'arguments', parent: { type, callee: { name } } });
    expect(inCall('NewExpression', 'RangeError', 0)).toBe('text of an error');
    expect(inCall('CallExpression', 'rejection', 2)).toBe('text of an error');
    expect(inCall('CallExpression', 'rejection', 0)).toBeUndefined();
    expect(inCall('CallExpression', 'compareText', 0)).toBeUndefined();
    const callee = { object: { property: { name: 'logger' } } };
    const logged = (key: number) =>
      value.shouldIgnore({ node, key, listKey: 'arguments', parent: { type: 'CallExpression', callee } });
    expect([logged(0), logged(1)]).toEqual(['text of a log', undefined]);
  });
});

describe('the areas', () => {
  it('mutate no file twice, and name files and tests that exist', () => {
    const mutated = AREAS.flatMap((area) => area.mutated);
    expect(new Set(mutated).size).toBe(mutated.length);
    for (const path of [
      ...mutated,
      ...AREAS.flatMap(({ judges }) => judges.map((judge) => `tests/${judge}`)),
    ])
      expect({ path, exists: existsSync(join(ROOT, path)) }).toEqual({ path, exists: true });
  });

  it('hold every listed survivor, on a line that is still there', () => {
    const mutated = new Set(AREAS.flatMap((area) => area.mutated));
    for (const { file, line, why } of listed as { file: string; line: string; why: string }[]) {
      expect(mutated).toContain(file);
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      expect({ file, line, isThere: lines.some((each) => each.trim() === line) }).toMatchObject({
        isThere: true,
      });
      expect(why.length).toBeGreaterThan(10);
    }
  });
});

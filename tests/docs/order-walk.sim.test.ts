import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const REPOSITORY_URL = `${pathToFileURL(ROOT).href}/`;

/** What V8 reports about the functions of each file: where each begins, and how often it was called. */
type Coverage = {
  result: {
    url: string;
    functions: { functionName: string; ranges: [{ startOffset: number; count: number }] }[];
  }[];
};

/**
 * How often each function of the repository was called in a run of `one-order.ts`, by file and place; functions without a name,
 * and code outside of functions, are left out.
 */
const callsOf = async (...args: string[]): Promise<Map<string, number>> => {
  const directory = mkdtempSync(join(tmpdir(), 'zhihui-walk-'));
  try {
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'one-order.ts'), ...args], {
      env: { ...process.env, NODE_V8_COVERAGE: directory },
    });
    const calls = new Map<string, number>();
    for (const file of readdirSync(directory)) {
      const { result } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Coverage;
      for (const { url, functions } of result) {
        if (!url.startsWith(REPOSITORY_URL)) continue;
        for (const { functionName, ranges } of functions) {
          const [{ startOffset, count }] = ranges;
          if (functionName !== '') calls.set(`${url.slice(REPOSITORY_URL.length)} ${startOffset}`, count);
        }
      }
    }
    return calls;
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** The files of lambdas/ and domain/ with a function that is called more often with an order than if the sale is only opened. */
const filesOnTheWay = async (): Promise<string[]> => {
  const [withOrder, without] = [await callsOf(), await callsOf('--without-order')];
  const passed = [...withOrder].filter(([place, count]) => count > (without.get(place) ?? 0));
  const files = new Set(passed.map(([place]) => place.split(' ')[0]!));
  return [...files].filter((file) => /^(lambdas|domain)\//.test(file)).sort();
};

/** The files that the walk in docs/architecture.md names. */
const filesOfTheWalk = (): string[] => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const walk = text.slice(text.indexOf('## The path of one order'));
  const named = [...walk.matchAll(/\]\(\.\.\/([^)]+\.ts)\)/g)].map(([, file]) => file!);
  return [...new Set(named)].sort();
};

describe('the path of one order in docs/architecture.md', () => {
  it('names all files whose functions an order runs, and no others', async () => {
    expect(filesOfTheWalk()).toEqual(await filesOnTheWay());
  });
});

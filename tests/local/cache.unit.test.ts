import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { expect, it, vi } from 'vitest';
import { cached } from '#local/aws/cache.ts';
import { watchTree } from '../support/process-tree.ts';

/** Sources from which nothing else makes a folder. */
const SOURCES = ['tests/local/cache.unit.test.ts'];
/** A killed process has ended within this time. */
const END_MS = 2_000;

it('a folder is made once for the same sources, and esbuild’s process ends afterwards', async () => {
  let made = 0;
  const make = async (directory: string): Promise<void> => {
    made++;
    mkdirSync(directory);
    const { code } = await transform('const one: number = 1;', { loader: 'ts' });
    writeFileSync(join(directory, 'one.mjs'), code);
  };
  // A folder that an interrupted run of this test left would count as made.
  const left = await cached(SOURCES, make);
  rmSync(left, { recursive: true });
  made = 0;
  const directory = await cached(SOURCES, make);
  try {
    expect(await cached(SOURCES, make)).toBe(directory);
    expect(made).toBe(1);
    expect(readFileSync(join(directory, 'one.mjs'), 'utf8')).toBe('const one = 1;\n');
    if (!existsSync('/proc/self/stat')) return;
    const running = (): string[] => [...watchTree(process.pid).look().cpuSeconds.keys()];
    // esbuild's own function kills its process and does not wait for its end.
    await vi.waitFor(() => expect(running()).not.toContain('esbuild'), END_MS);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

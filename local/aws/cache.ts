import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { stop as stopEsbuild } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/zhihui');

/** What nobody has started for this long is deleted when something else is made. */
const CACHE_AGE_MS_MAX = 24 * 3_600_000;

/** How many are being made in this process. */
let making = 0;

/**
 * Gives a folder that `make` fills with esbuild. That takes seconds, so a folder is kept under the hash of what it is made
 * from, files of the repository by their patterns, and only made when that hash is new.
 */
export const cached = async (
  sources: readonly string[],
  make: (directory: string) => Promise<unknown>,
): Promise<string> => {
  mkdirSync(CACHE, { recursive: true });
  for (;;) {
    const hash = hashOf(sources);
    const directory = join(CACHE, hash);
    if (existsSync(directory)) {
      const now = new Date();
      utimesSync(directory, now, now);
      return directory;
    }
    dropOldFolders();
    // Not in dist/: two runs that start together must not read half a file.
    const staging = mkdtempSync(join(CACHE, 'staging-'));
    making += 1;
    try {
      await make(join(staging, 'made'));
      // If a source was saved meanwhile, it may or may not be in the folder, so the folder is not kept under a hash. Otherwise
      // it is renamed in one step, so that no other run ever finds half of it.
      if (hashOf(sources) === hash) renameUnlessThere(join(staging, 'made'), directory);
    } finally {
      making -= 1;
      // esbuild's own process would keep half a gigabyte for as long as this one runs.
      if (making === 0) await stopEsbuild();
      rmSync(staging, { recursive: true, force: true });
    }
  }
};

const hashOf = (sources: readonly string[]): string => {
  const hash = createHash('sha256').update(process.version);
  for (const file of globSync(sources, { cwd: ROOT }).sort()) {
    const content = readFileSync(join(ROOT, file));
    hash.update(`\n${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
};

const renameUnlessThere = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
};

const dropOldFolders = (): void => {
  for (const name of globSync('*', { cwd: CACHE })) {
    const path = join(CACHE, name);
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > CACHE_AGE_MS_MAX) rmSync(path, { recursive: true, force: true });
  }
};

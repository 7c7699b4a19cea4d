/** Keeps between runs what esbuild makes of the repository's files. */
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

/** A folder that no run has asked for in this time is deleted when another one is made. */
const CACHE_AGE_MS_MAX = 24 * 3_600_000;

/** How many folders are being made in this process. */
let making = 0;

/**
 * Returns a folder that `make` fills with esbuild. That takes seconds, so a folder is kept under a hash of its sources, and only
 * made when that hash is new. `sources` are patterns of files of the repository.
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
    // Each run makes the folder in a place of its own, so that two runs that start together do not write to the same files.
    const staging = mkdtempSync(join(CACHE, 'staging-'));
    making += 1;
    try {
      await make(join(staging, 'made'));
      // If a source was changed meanwhile, the folder may lack the change, so it is made again. Otherwise the folder is renamed
      // in one step, so that no other run ever finds half of it.
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

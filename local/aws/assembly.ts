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
import { Worker } from 'node:worker_threads';
import type { Assembly, Template } from './template.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/zhihui');

/** Everything that the template or a bundle is made from; packages count through their lock file. */
const SOURCES = ['cdk.json', 'package-lock.json', '{domain,events,lambdas,lib,platform}/**/*.{ts,json}'];

/** An assembly that nobody has started for this long is deleted when another one is made. */
const CACHE_AGE_MS_MAX = 24 * 3_600_000;

export type Context = Readonly<Record<string, string>>;

/**
 * Synthesizes the app of lib/ with this context and gives the assembly's directory. Synthesis and bundling take seconds, so an
 * assembly is kept under the hash of what it is made from, and only made when that hash is new.
 */
export const synthesize = async (context: Context): Promise<string> => {
  mkdirSync(CACHE, { recursive: true });
  for (;;) {
    const hash = hashOfSources(context);
    const directory = join(CACHE, hash);
    if (existsSync(directory)) {
      const now = new Date();
      utimesSync(directory, now, now);
      return directory;
    }
    dropOldAssemblies();
    const staging = mkdtempSync(join(CACHE, 'staging-'));
    try {
      await synthesizeInto(staging, context);
      // A source that was saved meanwhile may or may not be in it, so it stands for no hash. Otherwise the rename makes
      // a half-written assembly impossible to meet, whatever else synthesizes at the same time.
      if (hashOfSources(context) === hash) renameUnlessThere(join(staging, 'assembly'), directory);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
};

/** Reads the one stack of a cloud assembly. */
export const readAssembly = (directory: string): Assembly => {
  const { artifacts } = readJson<{ artifacts: Record<string, Artifact> }>(join(directory, 'manifest.json'));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    throw new Error(`assembly: expected one stack in ${directory}, got ${stacks.length}`);
  }
  const [id, { properties }] = stack;
  const assets = new Map<string, string>();
  for (const { type, properties: { file } = {} } of Object.values(artifacts)) {
    if (type !== 'cdk:asset-manifest' || file === undefined) continue;
    const { files = {} } = readJson<{ files?: Record<string, FileAsset> }>(join(directory, file));
    for (const { source, destinations } of Object.values(files)) {
      if (source.path === undefined) continue;
      for (const { objectKey } of Object.values(destinations))
        assets.set(objectKey, resolve(directory, source.path));
    }
  }
  const templateFile = properties?.templateFile ?? `${id}.template.json`;
  return {
    stackName: properties?.stackName ?? id,
    template: readJson<Template>(join(directory, templateFile)),
    assets,
  };
};

type Artifact = { type: string; properties?: { templateFile?: string; stackName?: string; file?: string } };
type FileAsset = { source: { path?: string }; destinations: Record<string, { objectKey: string }> };

/** In a thread of its own: the CDK's hundred megabytes go when it ends, and the emulators start meanwhile. */
const synthesizeInto = (staging: string, context: Context): Promise<void> => {
  return new Promise((fulfil, reject) => {
    const worker = new Worker(new URL('./assembly-worker.ts', import.meta.url), {
      workerData: { staging, context },
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code === 0) fulfil();
      else reject(new Error(`synthesis: the worker ended with code ${code}`));
    });
  });
};

const hashOfSources = (context: Context): string => {
  const hash = createHash('sha256')
    .update(process.version)
    .update(JSON.stringify(Object.entries(context).sort()));
  for (const file of globSync(SOURCES, { cwd: ROOT }).sort()) {
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

const dropOldAssemblies = (): void => {
  for (const name of globSync('*', { cwd: CACHE })) {
    const path = join(CACHE, name);
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > CACHE_AGE_MS_MAX) rmSync(path, { recursive: true, force: true });
  }
};

const readJson = <T>(file: string): T => {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
};

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
import { bundleHandlers } from '#lib/bundle.ts';
import { contextOfCdkJson } from '#lib/context.ts';
import { readSettings } from '#lib/settings.ts';
import { codeKeyOf, STACK_NAME, templateWith } from '#lib/template.ts';
import type { Assembly, Template } from './template.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/zhihui');

/** Everything that a bundle is made from; packages count through their lock file. */
const SOURCES = [
  'package-lock.json',
  'lib/{bundle,runtime}.ts',
  '{domain,events,lambdas,platform}/**/*.{ts,json}',
];

/** Bundles that nobody has started for this long are deleted when others are made. */
const CACHE_AGE_MS_MAX = 24 * 3_600_000;

export type Context = Readonly<Record<string, string>>;

/** The stack with this context, laid over that of cdk.json, and its code, bundled here. */
export const assemble = async (context: Context): Promise<Assembly> => {
  const ofCdkJson = contextOfCdkJson();
  const template = templateWith(readSettings((key) => context[key] ?? ofCdkJson[key]));
  const bundles = await bundled();
  const names = globSync('*', { cwd: bundles });
  return {
    stackName: STACK_NAME,
    template,
    assets: new Map(names.map((name) => [codeKeyOf(name), join(bundles, name)])),
  };
};

/**
 * Bundles the handlers and gives their directory. That takes seconds, so bundles are kept under the hash of what they are made
 * from, and only made when that hash is new.
 */
const bundled = async (): Promise<string> => {
  mkdirSync(CACHE, { recursive: true });
  for (;;) {
    const hash = hashOfSources();
    const directory = join(CACHE, hash);
    if (existsSync(directory)) {
      const now = new Date();
      utimesSync(directory, now, now);
      return directory;
    }
    dropOldBundles();
    // Not in dist/: two runs that start together must not read half a file.
    const staging = mkdtempSync(join(CACHE, 'staging-'));
    try {
      await bundleHandlers(join(staging, 'bundles'));
      // If a source was saved meanwhile, it may or may not be in the bundle, so the bundle is not kept under a hash. Otherwise
      // it is renamed in one step, so that no other run ever finds half a bundle.
      if (hashOfSources() === hash) renameUnlessThere(join(staging, 'bundles'), directory);
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

const hashOfSources = (): string => {
  const hash = createHash('sha256').update(process.version);
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

const dropOldBundles = (): void => {
  for (const name of globSync('*', { cwd: CACHE })) {
    const path = join(CACHE, name);
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > CACHE_AGE_MS_MAX) rmSync(path, { recursive: true, force: true });
  }
};

const readJson = <T>(file: string): T => {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
};

/** Bundles the code of all functions with esbuild. */
import { randomUUID } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { BUNDLE_TARGET } from './runtime.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Where `cdk synth` takes the functions' code from: `dist/<function>/index.mjs`. */
export const DIST = join(ROOT, 'dist');

/**
 * The names of all functions: every folder of lambdas/ with a `handler.ts`, sorted. The folders are the list, so a
 * new function is bundled without being registered anywhere.
 */
export const functionNames = (): string[] =>
  globSync('*/handler.ts', { cwd: join(ROOT, 'lambdas') })
    .map(dirname)
    .sort();

/**
 * esbuild's options for all functions at once. The same input gives the same bytes, whoever builds it, so a function
 * whose code did not change keeps its asset hash and is not redeployed.
 */
export const bundleOptions = (names: readonly string[], outDir: string): BuildOptions => ({
  absWorkingDir: ROOT,
  entryPoints: names.map((name) => ({ in: `lambdas/${name}/handler.ts`, out: `${name}/index` })),
  outdir: outDir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: BUNDLE_TARGET,
  format: 'esm',
  // Packages that ship both ES modules and CommonJS are bundled as ES modules: only those can be tree-shaken,
  // and the AWS SDK inside the bundle then loads faster than the copy that comes with the runtime.
  mainFields: ['module', 'main'],
  minify: true,
  // Stack traces need only the map's positions. The text of the sources would only cost memory to parse.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
});

/**
 * Bundles every function to `<outDir>/<function>/index.mjs` and returns the functions' names. One esbuild call takes the place of
 * the CDK's `NodejsFunction`, which starts a process for each function at every synth. The one call parses the AWS SDK once, and
 * takes about as long for all functions as for one.
 */
export const bundleHandlers = async (outDir: string = DIST): Promise<string[]> => {
  const names = functionNames();
  if (names.length === 0)
    throw new Error(`no function to bundle: ${join(ROOT, 'lambdas')} has no */handler.ts`);
  const { outputFiles } = await build({ ...bundleOptions(names, outDir), write: false });
  await Promise.all(outputFiles.map(({ path, contents }) => replaceFile(path, contents)));
  return names;
};

/** Replaces a file atomically: nobody reads half a file, even if two builds run at the same time. */
const replaceFile = async (path: string, contents: Uint8Array): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, contents);
  await rename(draft, path);
};

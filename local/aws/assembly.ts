/** The stack that a run starts, with the code of its functions: made here, or read from a cloud assembly. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleHandlers } from '#lib/bundle.ts';
import { contextOfCdkJson } from '#lib/context.ts';
import { readSettings } from '#lib/settings.ts';
import { codeKeyOf, STACK_NAME, templateWith } from '#lib/template.ts';
import { cached } from './cache.ts';
import type { Assembly, Template } from './template.ts';

/** Everything that a bundle is made from; the lock file stands for the packages. */
const SOURCES = [
  'package-lock.json',
  'lib/{bundle,runtime}.ts',
  '{domain,events,lambdas,platform}/**/*.{ts,json}',
];

export type Context = Readonly<Record<string, string>>;

/** The stack for this context, with its code, bundled on this machine. The context takes precedence over that of cdk.json. */
export const assemble = async (context: Context): Promise<Assembly> => {
  const ofCdkJson = contextOfCdkJson();
  const template = templateWith(readSettings((key) => context[key] ?? ofCdkJson[key]));
  const bundles = await cached(SOURCES, bundleHandlers);
  const names = globSync('*', { cwd: bundles });
  return {
    stackName: STACK_NAME,
    template,
    assets: new Map(names.map((name) => [codeKeyOf(name), join(bundles, name)])),
  };
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

const readJson = <T>(file: string): T => {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
};

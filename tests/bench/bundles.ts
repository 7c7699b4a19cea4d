/**
 * Compares the functions' bundles with those that the CDK's `NodejsFunction` makes by default, which leave the SDK to the
 * runtime: the bytes, and what loading one costs a new process. The second kind loads the SDK from this repository's packages.
 * Prints the medians. Run: `npm run node -- tests/bench/bundles.ts [RUNS]`.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { bundleHandlers, functionNames } from '#lib/bundle.ts';
import { readSettings } from '#lib/settings.ts';
import { templateWith } from '#lib/template.ts';
import { REPOSITORY } from '../support/run-start.ts';

const DEFAULT_RUNS = 7;
const BYTES_PER_KB = 1_000;

type Loaded = { readonly ms: number; readonly cpuMs: number };
type Bundle = { readonly file: string; readonly options: string };

/** The program of a fresh process: loads the file that it is given, and prints what that took. */
const LOADING = `
const cpu = process.cpuUsage();
const startMs = performance.now();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ ms: performance.now() - startMs, cpuMs: (user + system) / 1_000 }));
`;

const load = ({ file, options }: Bundle): Loaded =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', LOADING, pathToFileURL(file).href], {
      env: { AWS_REGION: 'us-east-1', NODE_OPTIONS: options },
      encoding: 'utf8',
    }),
  ) as Loaded;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Node's options, as the stack sets them for each of its functions. */
const optionsOf = (): string => {
  const { Resources: resources } = templateWith(readSettings(() => undefined));
  const lambda = Object.values(resources).find(({ Type: type }) => type === 'AWS::Lambda::Function')!;
  const { Variables: variables } = lambda.Properties!.Environment as { Variables: Record<string, string> };
  return variables.NODE_OPTIONS ?? '';
};

/** Bundles each folder of lambdas/ as the CDK does by default, and returns the files by the folders' names. */
const bundleByDefault = (names: readonly string[], outdir: string): Map<string, Bundle> => {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Default');
  for (const name of names)
    new NodejsFunction(stack, name, {
      runtime: Runtime.NODEJS_24_X,
      entry: join(REPOSITORY, 'lambdas', name, 'handler.ts'),
      depsLockFilePath: join(REPOSITORY, 'package-lock.json'),
      projectRoot: REPOSITORY,
    });
  app.synth();
  const files = globSync('asset.*/index.js', { cwd: outdir }).map((path) => join(outdir, path));
  // A bundle that is not minified names its entry in a comment.
  const fileOf = (name: string): string => {
    const found = files.find((file) =>
      readFileSync(file, 'utf8').includes(`// lambdas/${name}/handler.ts\n`),
    );
    if (found === undefined) throw new Error(`bundle: expected one of ${name}, got none`);
    return found;
  };
  return new Map(names.map((name) => [name, { file: fileOf(name), options: '' }]));
};

const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
const parent = join(REPOSITORY, 'node_modules/.cache');
mkdirSync(parent, { recursive: true });
// Below node_modules, so that the second kind of bundle finds the SDK.
const directory = mkdtempSync(join(parent, 'bundles-'));
try {
  const names = functionNames();
  await bundleHandlers(join(directory, 'ours'));
  const options = optionsOf();
  const ours = new Map(
    names.map((name) => [name, { file: join(directory, 'ours', name, 'index.mjs'), options }]),
  );
  const theirs = bundleByDefault(names, join(directory, 'default'));
  console.log('median of', runs, 'loads by turns\n');
  console.log('                      KB          init, ms      init, ms of CPU');
  console.log('              ours default    ours default      ours default');
  for (const name of names) {
    const both = [ours.get(name)!, theirs.get(name)!];
    const loads = Array.from({ length: runs }, () => both.map(load));
    const cells = [
      both.map(({ file }) => statSync(file).size / BYTES_PER_KB),
      both.map((_, i) => median(loads.map((one) => one[i]!.ms))),
      both.map((_, i) => median(loads.map((one) => one[i]!.cpuMs))),
    ];
    console.log(
      `${name.padEnd(12)}${cells.map((pair) => pair.map((one) => one.toFixed(0).padStart(7)).join('')).join('   ')}`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

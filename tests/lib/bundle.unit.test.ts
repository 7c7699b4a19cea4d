import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleHandlers, bundleOptions, functionNames } from '#lib/bundle.ts';
import { StackTemplate } from './template.ts';

/**
 * The SDK for one table and one queue is about 350 KB, and 200 KB more with a bucket; a bundle beyond this has taken in something
 * it should not.
 */
const BUNDLE_BYTES_MAX = 600_000;
const BUNDLE_BYTES_MAX_WITH_BUCKET = 800_000;
/** The SDK includes this command by itself and sends it only if endpoint discovery is requested. */
const UNUSED_COMMAND = 'DescribeEndpoints';
/** Commands for which DynamoDB asks for the permissions of the actions or statements in them. */
const COMPOUND_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  TransactWriteItems: ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
  TransactGetItems: ['GetItem'],
  BatchExecuteStatement: ['PartiQLInsert', 'PartiQLUpdate'],
};

const names = functionNames();
const outDir = mkdtempSync(join(tmpdir(), 'zhihui-bundle-'));
const bundleOf = (name: string) => join(outDir, name, 'index.mjs');
const template = new StackTemplate();
/** The variables of all functions together. */
const VARIABLES = [
  ...new Set(template.functions().flatMap(({ properties }) => Object.keys(properties.Environment.Variables))),
]
  .filter((key) => key !== 'NODE_OPTIONS')
  .sort();
let metafile: Metafile;
let rebuilt: Map<string, Uint8Array>;

beforeAll(async () => {
  expect(await bundleHandlers(outDir)).toEqual(names);
  const again = await build({ ...bundleOptions(names, outDir), write: false, metafile: true });
  metafile = again.metafile;
  rebuilt = new Map(again.outputFiles.map(({ path, contents }) => [path, contents]));
}, 120_000);
afterAll(() => rmSync(outDir, { recursive: true }));

/** DynamoDB's commands whose code is in a function's bundle, without the word Command. */
const commandsIn = (name: string): string[] => {
  const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`))![1];
  return Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => path.match(/@aws-sdk\/client-dynamodb\/.*\/(\w+)Command\.js$/)?.[1] ?? [])
    .filter((command) => command !== UNUSED_COMMAND)
    .sort();
};

describe.each(names)('the bundle of %s', (name) => {
  it('loads in plain Node without any other package, and exports a handler', async () => {
    const script = `console.log(typeof (await import(${JSON.stringify(pathToFileURL(bundleOf(name)))})).handler)`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: outDir,
      env: { AWS_REGION: 'us-east-1', NODE_OPTIONS: '--enable-source-maps' },
    });
    expect(stdout).toBe('function\n');
  });

  it('is small', () => {
    const max = ['draw', 'publisher'].includes(name) ? BUNDLE_BYTES_MAX_WITH_BUCKET : BUNDLE_BYTES_MAX;
    expect(statSync(bundleOf(name)).size).toBeLessThan(max);
  });

  it('has the same bytes when it is built again', () => {
    for (const file of [bundleOf(name), `${bundleOf(name)}.map`]) {
      expect(Buffer.compare(readFileSync(file), rebuilt.get(file)!), file).toBe(0);
    }
  });

  it('has a source map without the sources', () => {
    const map = JSON.parse(readFileSync(`${bundleOf(name)}.map`, 'utf8'));
    expect(map.sources).toEqual(
      expect.arrayContaining([expect.stringContaining(`lambdas/${name}/handler.ts`)]),
    );
    expect(map.sourcesContent).toBeUndefined();
  });

  it('reads exactly the variables that the stack gives it', () => {
    const code = readFileSync(bundleOf(name), 'utf8');
    const read = VARIABLES.filter((key) => new RegExp(`["'\`]${key}["'\`]`).test(code));
    const { properties } = template.functions().find((candidate) => candidate.name === name)!;
    const given = Object.keys(properties.Environment.Variables).filter((key) => key !== 'NODE_OPTIONS');
    expect(read).toEqual(given.sort());
  });

  it('holds exactly the DynamoDB commands that its role allows', () => {
    const granted = Object.values(template.grantsOf(name))
      .flat()
      .flatMap((action) => (action.startsWith('dynamodb:') ? [action.slice('dynamodb:'.length)] : []));
    const commands = commandsIn(name);
    for (const command of commands) {
      const oneOf = COMPOUND_COMMANDS[command] ?? [command];
      expect(
        granted.some((action) => oneOf.includes(action)),
        `${command} is allowed`,
      ).toBe(true);
    }
    const needed = commands.flatMap((command) => COMPOUND_COMMANDS[command] ?? [command]);
    for (const action of granted) expect(needed, `${action} is needed`).toContain(action);
  });
});

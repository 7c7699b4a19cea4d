import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE_TARGET } from '#lib/runtime.ts';
import { cached } from './cache.ts';

const NAME = 'handler-process';
/** The program, all that it imports, and the file that names the version of Node. */
const SOURCES = [`local/aws/{${NAME},handler-messages,process-clock,clock}.ts`, 'lib/runtime.ts'];

/**
 * The file that a function's process runs, as JavaScript. If each of two dozen processes removed the types itself, it would cost
 * each of them 70 ms of CPU and 11 MB.
 */
export const handlerProgram = async (): Promise<string> => {
  const directory = await cached(SOURCES, (outdir) =>
    build({
      absWorkingDir: resolve(import.meta.dirname, '../..'),
      entryPoints: [`local/aws/${NAME}.ts`],
      outdir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      target: BUNDLE_TARGET,
      format: 'esm',
      logLevel: 'warning',
    }),
  );
  return join(directory, `${NAME}.mjs`);
};

import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { bundleHandlers } from '#lib/bundle.ts';
import type { Context } from './assembly.ts';

const { staging, context } = workerData as { staging: string; context: Context };

// The bundles go to a directory of this run and not to dist/: two runs that start together must not meet half a file.
const bundles = join(staging, 'bundles');
const [{ createApp }, { Code }] = await Promise.all([
  import('#lib/synth.ts'),
  import('aws-cdk-lib/aws-lambda'),
  bundleHandlers(bundles),
]);
const code = (functionName: string) => Code.fromAsset(join(bundles, functionName));
createApp({ code, context, outDir: join(staging, 'assembly') }).app.synth();

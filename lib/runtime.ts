import { Runtime } from 'aws-cdk-lib/aws-lambda';

/** The Node version of every function and every bundle. */
export const RUNTIME = Runtime.NODEJS_24_X;

/** esbuild's name for the same Node, so that a bundle never uses syntax its runtime lacks: `nodejs24.x` is `node24`. */
export const BUNDLE_TARGET = RUNTIME.name.replace(/^nodejs(\d+)\.x$/, 'node$1');

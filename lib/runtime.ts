/**
 * The Node version that all functions run on, as esbuild names it, so that a bundle uses no syntax that this version lacks. The
 * functions' runtime is set in `pipeline-function.ts`; a test checks that the two agree.
 */
export const BUNDLE_TARGET = 'node24';

/**
 * esbuild's name for the Node of every function, so that a bundle never uses syntax its runtime lacks. The template names the
 * runtime itself; a test checks that the two agree.
 */
export const BUNDLE_TARGET = 'node24';

import fc from 'fast-check';

/**
 * Every run tries the same cases, so a mutant is killed each time or survives each time. No counterexample is
 * shrunk, because nobody reads it.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1, endOnFailure: true });

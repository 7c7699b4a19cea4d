import fc from 'fast-check';

/** A mutant is killed or survives by the same cases each time, and nobody reads its smallest counterexample. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1, endOnFailure: true });

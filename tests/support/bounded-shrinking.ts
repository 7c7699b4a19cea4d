import fc from 'fast-check';

/** Shorter than the time limit of a property test, because that limit cannot interrupt a property that never waits. */
const TIME_LIMIT_MS = 45_000;

// A counterexample in floating-point numbers may shrink by one unit in the last place at a time, for hours.
fc.configureGlobal({ interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: true });

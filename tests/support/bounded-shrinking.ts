import fc from 'fast-check';

/** Below the time limit of a property's test, which cannot interrupt what does not yield. */
const TIME_LIMIT_MS = 45_000;

// A counterexample in floating-point numbers may shrink by one unit in the last place at a time, for hours.
fc.configureGlobal({ interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: true });

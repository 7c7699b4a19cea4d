import type { Fault } from './faults.ts';

/** A run that shows a bug of the pipeline: its workload, seed and injected faults, and the invariant that it breaks. */
export type ExpectedFailure = {
  readonly invariant: string;
  /** `sale`, or a scripted workload. */
  readonly workload: string;
  readonly seed: number;
  readonly faults: 'all' | readonly Fault[];
};

const scripted = (workload: string, invariant: string, faults: readonly Fault[] = []): ExpectedFailure => ({
  invariant,
  workload,
  seed: 1,
  faults,
});

const sale = (seed: number, invariant: string): ExpectedFailure => ({
  invariant,
  workload: 'sale',
  seed,
  faults: 'all',
});

/**
 * Known bugs of the pipeline by name, each with the runs that show it. If you fix one, move its line to {@link MENDED}. The test
 * fails for a line whose run no longer breaks the invariant that it names.
 */
export const EXPECTED_FAILURES: Readonly<Record<string, readonly ExpectedFailure[]>> = {};

/** Bugs that were fixed: their runs once broke an invariant, and must not break it again. */
export const MENDED: Readonly<Record<string, readonly ExpectedFailure[]>> = {
  'money-01': [scripted('money-01', 'coupon-returns')],
  'money-02': [scripted('money-02', 'coupon-returns')],
  'money-06': [scripted('money-06', 'decisions')],
  'money-07': [scripted('money-07', 'money-freed')],
  'money-08': [scripted('money-08', 'decisions')],
  'money-09': [scripted('money-09', 'money-freed')],
  'money-10': [scripted('money-10', 'coupon-accounts')],
  'money-11': [scripted('money-11', 'drained')],
  'money-12': [
    scripted('money-12', 'watermark', ['crash', 'zombie', 'slow', 'sluggish', 'duplicate', 'lostAnswer']),
  ],
  'money-14': [scripted('money-14', 'outbox', ['crash', 'zombie', 'duplicate', 'lostAnswer', 'throttle'])],
  'money-15': [scripted('money-15', 'accounted')],
  'money-17': [scripted('money-17', 'drained')],
  'money-18': [scripted('money-18', 'drained')],
  'money-19': [scripted('money-19', 'drained')],
  'money-22': [scripted('money-22', 'draw-statement', ['slow'])],
  'money-24': [scripted('money-24', 'propensities')],
  'money-27': [scripted('money-27', 'members')],
  'attack-01': [scripted('attack-01', 'drained')],
  'attack-02': [scripted('attack-02', 'rejects-bounded')],
  'attack-03': [scripted('attack-03', 'drained')],
  'attack-05': [sale(2, 'first-content')],
};

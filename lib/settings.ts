import { Duration } from 'aws-cdk-lib';
import { metrics } from './functions/metrics.ts';
import { rollup } from './functions/rollup.ts';
import {
  CAMPAIGN_WAIT_SECONDS_DEFAULT,
  CAMPAIGN_WAIT_SECONDS_MAX,
  MAPPING_WINDOW_SECONDS_MAX,
} from './limits.ts';

/** Settings of the stack, from CDK context: `cdk deploy -c disposable=true -c rollupWindowSeconds=5`. */
export interface Settings {
  /** How long an order waits for its campaign to open before it counts as bad. */
  readonly campaignWait: Duration;
  /** How long metrics waits for a fuller batch: later figures, cheaper orders. */
  readonly metricsWindow: Duration;
  /** How long rollup waits for a fuller batch: later figures, fewer recomputations. */
  readonly rollupWindow: Duration;
  /** Whether deleting the stack deletes its data: yes in a sandbox, no where a sale runs. */
  readonly disposable: boolean;
  /** Whether a draw may name a recorded round, which everybody knows: yes for trials, no where a sale runs. */
  readonly allowRehearsals: boolean;
}

/** Reads the settings from CDK context; `lookup` gives a key's value, a string when it came from the command line. */
export const readSettings = (lookup: (key: string) => unknown): Settings => {
  // A window of at least one second, because a mapping without one takes no more than ten messages at a time.
  const windowSeconds = { min: 1, max: MAPPING_WINDOW_SECONDS_MAX };
  return {
    campaignWait: seconds(lookup, 'campaignWaitSeconds', CAMPAIGN_WAIT_SECONDS_DEFAULT, {
      min: 0,
      max: CAMPAIGN_WAIT_SECONDS_MAX,
    }),
    metricsWindow: seconds(lookup, 'metricsWindowSeconds', metrics.tuning.windowSeconds, windowSeconds),
    rollupWindow: seconds(lookup, 'rollupWindowSeconds', rollup.tuning.windowSeconds, windowSeconds),
    disposable: flag(lookup, 'disposable'),
    allowRehearsals: flag(lookup, 'allowRehearsals'),
  };
};

const seconds = (
  lookup: (key: string) => unknown,
  key: string,
  fallback: number,
  range: { min: number; max: number },
): Duration => {
  const value = lookup(key) ?? fallback;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isInteger(number) || (number as number) < range.min || (number as number) > range.max) {
    throw new Error(
      `context ${key}: expected a whole number of seconds from ${range.min} to ${range.max}, got ${JSON.stringify(value)}`,
    );
  }
  return Duration.seconds(number as number);
};

const flag = (lookup: (key: string) => unknown, key: string): boolean => {
  const value = lookup(key) ?? false;
  if (value !== true && value !== false && value !== 'true' && value !== 'false') {
    throw new Error(`context ${key}: expected true or false, got ${JSON.stringify(value)}`);
  }
  return value === true || value === 'true';
};

import type { Sizes } from '#domain/capacity/sizes.ts';
import type { TableName } from '#domain/capacity/unit-costs.ts';
import { capacityOf } from './capacity.ts';
import { metrics } from './functions/metrics.ts';
import { rollup } from './functions/rollup.ts';
import {
  CAMPAIGN_WAIT_SECONDS_DEFAULT,
  CAMPAIGN_WAIT_SECONDS_MAX,
  ERASURE_WAIT_SECONDS_DEFAULT,
  ERASURE_WAIT_SECONDS_MAX,
  MAPPING_WINDOW_SECONDS_MAX,
  QUIET_SLOT_SECONDS_DEFAULT,
  QUIET_SLOT_SECONDS_MAX,
} from './limits.ts';
import { DEFAULT_STAGE, STAGES } from './stages/index.ts';
import type { Stage } from './stages/stage.ts';

/** Settings of the stack: its stage's, and more from CDK context, such as `-c stage=sandbox -c rollupWindowSeconds=5`. */
export interface Settings extends Stage {
  /** The shards, segments, concurrency and pollers that the stage's peak needs. */
  readonly sizes: Sizes;
  /** Write units/s that tables take without warming up, if that is more than a new table takes. */
  readonly warmWriteUnits: Readonly<Partial<Record<TableName, number>>>;
  /** Seconds that an order waits for its campaign to open before it is refused. */
  readonly campaignWaitSeconds: number;
  /**
   * Seconds from the moment a member counts as erased until its id is removed from everything else: by default as long as any
   * invocation may take.
   */
  readonly erasureWaitSeconds: number;
  /** Seconds that metrics waits for a fuller batch. A longer wait makes figures later and orders cheaper. */
  readonly metricsWindowSeconds: number;
  /** Seconds that rollup waits for a fuller batch. A longer wait makes figures later and recomputations fewer. */
  readonly rollupWindowSeconds: number;
  /** Whether an event's place in a file counts as the time of its sending: yes in replays, no where producers send. */
  readonly readsPlaces: boolean;
  /** Seconds between refreshes of a quiet sale; with 0 it is refreshed as often as a busy one. */
  readonly quietSlotSeconds: number;
  /**
   * In US dollars: the budget for the account's costs of a month. The alarms' topic gets a message when the
   * costs reach certain shares of it. Left out if the costs are not watched.
   */
  readonly monthlyBudgetUsd?: number;
}

/** Reads the settings from CDK context; `lookup` gives a key's value, a string when it came from the command line. */
export const readSettings = (lookup: (key: string) => unknown): Settings => {
  // The window is at least one second, because a mapping without one takes at most ten messages at a time.
  const windowSeconds = { min: 1, max: MAPPING_WINDOW_SECONDS_MAX };
  const stage = stageOf(lookup);
  const { sizes, tables } = capacityOf(stage);
  const warm = Object.entries(tables).filter(([, { warmWriteUnits }]) => warmWriteUnits > 0);
  return {
    ...stage,
    sizes,
    warmWriteUnits: Object.fromEntries(warm.map(([name, { warmWriteUnits }]) => [name, warmWriteUnits])),
    campaignWaitSeconds: seconds(lookup, 'campaignWaitSeconds', CAMPAIGN_WAIT_SECONDS_DEFAULT, {
      min: 0,
      max: CAMPAIGN_WAIT_SECONDS_MAX,
    }),
    erasureWaitSeconds: seconds(lookup, 'erasureWaitSeconds', ERASURE_WAIT_SECONDS_DEFAULT, {
      min: 0,
      max: ERASURE_WAIT_SECONDS_MAX,
    }),
    metricsWindowSeconds: seconds(
      lookup,
      'metricsWindowSeconds',
      metrics.tuning.windowSeconds,
      windowSeconds,
    ),
    rollupWindowSeconds: seconds(lookup, 'rollupWindowSeconds', rollup.tuning.windowSeconds, windowSeconds),
    quietSlotSeconds: seconds(lookup, 'quietSlotSeconds', QUIET_SLOT_SECONDS_DEFAULT, {
      min: 0,
      max: QUIET_SLOT_SECONDS_MAX,
    }),
    senders: senders(lookup('senders') ?? stage.senders),
    allowRehearsals: flag(lookup, 'allowRehearsals', stage.allowRehearsals),
    readsPlaces: flag(lookup, 'readsPlaces', false),
    ...monthlyBudget(lookup('monthlyBudgetUsd')),
  };
};

const seconds = (
  lookup: (key: string) => unknown,
  key: string,
  fallback: number,
  range: { min: number; max: number },
): number => {
  const value = lookup(key) ?? fallback;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isInteger(number) || (number as number) < range.min || (number as number) > range.max) {
    throw new Error(
      `context ${key}: expected a whole number of seconds from ${range.min} to ${range.max}, got ${JSON.stringify(value)}`,
    );
  }
  return number as number;
};

const monthlyBudget = (value: unknown): Pick<Settings, 'monthlyBudgetUsd'> => {
  if (value === undefined) return {};
  const usd = typeof value === 'string' ? Number(value) : value;
  if (typeof usd === 'number' && usd > 0) return { monthlyBudgetUsd: usd };
  throw new Error(
    `context monthlyBudgetUsd: expected an amount in US dollars above 0, got ${JSON.stringify(value)}`,
  );
};

const stageOf = (lookup: (key: string) => unknown): Stage => {
  const name = lookup('stage') ?? DEFAULT_STAGE;
  const stage = typeof name === 'string' && Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (stage === undefined)
    throw new Error(
      `context stage: expected one of ${Object.keys(STAGES).join(', ')}, got ${JSON.stringify(name)}`,
    );
  for (const key of ['disposable', 'protected', 'isProtected'])
    if (lookup(key) !== undefined)
      throw new Error(
        `context ${key}: expected nothing, since lib/stages/${String(name)}.ts says it, got ${JSON.stringify(lookup(key))}`,
      );
  return stage;
};

const flag = (lookup: (key: string) => unknown, key: string, fallback: boolean): boolean => {
  const value = lookup(key) ?? fallback;
  if (value !== true && value !== false && value !== 'true' && value !== 'false') {
    throw new Error(`context ${key}: expected true or false, got ${JSON.stringify(value)}`);
  }
  return value === true || value === 'true';
};

/** Reads `{"urn:shop": ["AROA…:"]}`, as an object of cdk.json or as the command line's text. */
const senders = (value: unknown): Settings['senders'] => {
  const refuse = (): never => {
    throw new Error(
      `context senders: expected an object of lists of texts by source, got ${JSON.stringify(value)}`,
    );
  };
  let read: unknown = value;
  try {
    if (typeof value === 'string') read = JSON.parse(value);
  } catch {
    refuse();
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return refuse();
  for (const list of Object.values(read)) {
    const isList = Array.isArray(list) && list.every((prefix) => typeof prefix === 'string' && prefix !== '');
    if (!isList) refuse();
  }
  return read as Settings['senders'];
};

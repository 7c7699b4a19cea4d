/** Makes alarms, each of which names its entry in the runbook. */
import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { gaugeDimensions, NAMESPACE } from '#platform/gauges.ts';
import { BACKLOG_AGE_ALARM_SECONDS } from './limits.ts';

/** The metrics that SQS and Lambda publish themselves come once a minute. */
const PERIOD = Duration.minutes(1);
/** A backlog has to last this many periods before it raises an alarm: a single late batch is harmless. */
const BACKLOG_PERIODS = 3;
/** A crash is followed by a redelivery; crashes in this many minutes in a row are no accident. */
const ERROR_PERIODS = 3;
/**
 * While a function is throttled, its messages just wait in the queue. A function that is throttled for this
 * many minutes needs more concurrency.
 */
const THROTTLE_PERIODS = 5;
/** Debits that conflict are tried again on another shard. More conflicts a minute than this mean too few shards. */
const CONFLICTS_A_MINUTE = 1_000;

/** An entry of docs/runbook.md, by its heading in lower case with dashes. */
export type RunbookEntry =
  | 'beacon-unreachable'
  | 'conflicting-contents'
  | 'coupon-overdrafts'
  | 'dead-letters'
  | 'figures-behind'
  | 'function-errors'
  | 'function-throttles'
  | 'grants-not-taken'
  | 'lost-segments'
  | 'lost-ticks'
  | 'overdue-draws'
  | 'paused-campaign'
  | 'queue-behind'
  | 'refused-events'
  | 'sample-ratio'
  | 'spending-off-plan'
  | 'table-throttles'
  | 'transaction-conflicts';

/** What is wrong in one line, and where to read what to do. */
const described = (what: string, entry: RunbookEntry): string => `${what}: docs/runbook.md#${entry}`;

type AlarmProps = {
  what: string;
  entry: RunbookEntry;
  /** The alarm starts when the metric is above this value. */
  threshold: number;
  periods: number;
};

const alarm = (
  scope: Construct,
  id: string,
  metric: IMetric,
  { what, entry, threshold, periods }: AlarmProps,
): Alarm =>
  (metric as Metric | MathExpression).createAlarm(scope, id, {
    alarmDescription: described(what, entry),
    threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });

/** Alarms at the first message in a queue that should stay empty: a dead-letter queue or the rejects queue. */
export const alarmWhenNotEmpty = (
  scope: Construct,
  id: string,
  queue: IQueue,
  { what, entry }: Pick<AlarmProps, 'what' | 'entry'>,
): Alarm =>
  alarm(scope, id, queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }), {
    what,
    entry,
    threshold: 0,
    periods: 1,
  });

/** Alarms when a gauge that a function prints is above a threshold, 0 by default, for `periods` minutes. */
export const alarmOnGauge = (
  scope: Construct,
  id: string,
  {
    of,
    gauge,
    threshold = 0,
    ...props
  }: { of: string; gauge: string; threshold?: number } & Omit<AlarmProps, 'threshold'>,
): Alarm =>
  alarm(
    scope,
    id,
    new Metric({
      namespace: NAMESPACE,
      metricName: gauge,
      dimensionsMap: gaugeDimensions(of),
      period: PERIOD,
      statistic: 'Maximum',
    }),
    { ...props, threshold },
  );

/**
 * Alarms when a queue's oldest message has waited too long. Age shows what depth cannot: a deep queue that
 * drains means a busy sale, but an old message means that something is stuck.
 */
export const alarmWhenBehind = (
  scope: Construct,
  id: string,
  queue: IQueue,
  entry: RunbookEntry = 'queue-behind',
): Alarm =>
  alarm(scope, id, queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }), {
    what: 'messages of this queue are not processed in time',
    entry,
    threshold: BACKLOG_AGE_ALARM_SECONDS,
    periods: BACKLOG_PERIODS,
  });

/** Alarms when a function crashes, or finds no free concurrency, for several minutes in a row. */
export const alarmsOfFunction = (scope: Construct, id: string, lambda: IFunction): Alarm[] => [
  alarm(scope, `${id}ErrorAlarm`, lambda.metricErrors({ period: PERIOD, statistic: 'Sum' }), {
    what: 'this function crashes or runs out of time',
    entry: 'function-errors',
    threshold: 0,
    periods: ERROR_PERIODS,
  }),
  alarm(scope, `${id}ThrottleAlarm`, lambda.metricThrottles({ period: PERIOD, statistic: 'Sum' }), {
    what: 'the account has no free concurrency for this function',
    entry: 'function-throttles',
    threshold: 0,
    periods: THROTTLE_PERIODS,
  }),
];

/** Alarms when tables throttle, and when transactions conflict more often than a few retries can explain. */
export const alarmsOfTables = (scope: Construct, tables: Readonly<Record<string, ITable>>): Alarm[] => {
  const sumOf = (metricName: string): MathExpression => {
    const metrics = Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [
        name,
        new Metric({
          namespace: 'AWS/DynamoDB',
          metricName,
          dimensionsMap: { TableName: table.tableName },
          period: PERIOD,
          statistic: 'Sum',
        }),
      ]),
    );
    const sum = Object.keys(metrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + ');
    return new MathExpression({ expression: sum, usingMetrics: metrics, period: PERIOD });
  };
  const throttled = (kind: 'Read' | 'Write'): Alarm =>
    alarm(scope, `${kind}ThrottleAlarm`, sumOf(`${kind}ThrottleEvents`), {
      what: `tables refuse ${kind.toLowerCase()}s, which are tried again`,
      entry: 'table-throttles',
      threshold: 0,
      periods: THROTTLE_PERIODS,
    });
  return [
    throttled('Read'),
    throttled('Write'),
    alarm(scope, 'TransactionConflictAlarm', sumOf('TransactionConflict'), {
      what: 'transactions conflict on the same items far more often than usual',
      entry: 'transaction-conflicts',
      threshold: CONFLICTS_A_MINUTE,
      periods: THROTTLE_PERIODS,
    }),
  ];
};

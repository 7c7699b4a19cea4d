import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { gaugeDimensions, NAMESPACE } from '#platform/gauges.ts';
import { BACKLOG_AGE_ALARM_SECONDS } from './limits.ts';

/** SQS publishes its metrics once a minute. */
const PERIOD = Duration.minutes(1);
/** A backlog has to last this many periods before it alarms: one late batch is not news. */
const BACKLOG_PERIODS = 3;

/** Alarms at the first message in a queue that should stay empty: a dead-letter queue or the rejects queue. */
export const alarmWhenNotEmpty = (scope: Construct, id: string, queue: IQueue): Alarm =>
  queue
    .metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' })
    .createAlarm(scope, id, {
      alarmDescription: 'a message waits here for a person: read its reason, then delete or redrive it',
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });

/** Alarms when a gauge that a function prints is not 0 for this many minutes. */
export const alarmOnGauge = (
  scope: Construct,
  id: string,
  { of, gauge, minutes, description }: { of: string; gauge: string; minutes: number; description: string },
): Alarm =>
  new Metric({
    namespace: NAMESPACE,
    metricName: gauge,
    dimensionsMap: gaugeDimensions(of),
    period: PERIOD,
    statistic: 'Maximum',
  }).createAlarm(scope, id, {
    alarmDescription: description,
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: minutes,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });

/**
 * Alarms when a queue's oldest message has waited too long. Age shows what depth cannot: a deep queue that drains is a busy
 * sale, an old message is a stuck one.
 */
export const alarmWhenBehind = (scope: Construct, id: string, queue: IQueue): Alarm =>
  queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }).createAlarm(scope, id, {
    alarmDescription:
      "messages of this queue are not worked off in time: look at its function's errors and concurrency",
    threshold: BACKLOG_AGE_ALARM_SECONDS,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: BACKLOG_PERIODS,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });

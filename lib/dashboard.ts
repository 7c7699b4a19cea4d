/** Makes the operator's dashboard. */
import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';
import type { QueueFunction } from './queue-function.ts';

export interface DashboardProps {
  /** Workers by the name shown, in the order shown. */
  readonly workers: Readonly<Record<string, QueueFunction>>;
  /** Functions without a queue, by the name shown. */
  readonly watchers: Readonly<Record<string, PipelineFunction>>;
  readonly rejects: Queue;
  /** The queue from which other systems take grants. */
  readonly outbox: Queue;
  /** Queues whose messages wait for a person, by the name shown. */
  readonly kept: Readonly<Record<string, Queue>>;
  readonly tables: Readonly<Record<string, Table>>;
  readonly alarms: readonly Alarm[];
}

/** CloudWatch's dashboards are 24 columns wide; three graphs share a row. */
const GRAPH_WIDTH_COLUMNS = 8;
const PERIOD = Duration.minutes(1);

/** The operator's dashboard: a row of alarms, one of queues, two of functions, and one of tables. */
export const operationsDashboard = (scope: Construct, id: string, props: DashboardProps): Dashboard => {
  const queues = Object.entries(props.workers).flatMap(([label, worker]) => [
    [label, worker] as const,
    ...Object.entries(worker.sideQueues).map(
      ([name, side]) => [`${label}, ${name.toLowerCase()}`, side] as const,
    ),
  ]);
  const watched = [
    ...queues.map(([label, { queue }]) => [label, queue] as const),
    ['grants', props.outbox] as const,
  ];
  const functions = Object.entries<PipelineFunction>({ ...props.workers, ...props.watchers });
  const graph = (title: string, left: IMetric[]): IWidget =>
    new GraphWidget({ title, left, width: GRAPH_WIDTH_COLUMNS, leftYAxis: { min: 0, showUnits: false } });
  const ofFunctions = (
    metric: 'metricErrors' | 'metricDuration' | 'metricInvocations' | 'metricThrottles',
    statistic: string,
  ): IMetric[] => functions.map(([label, one]) => one.function[metric]({ label, statistic, period: PERIOD }));
  const ofTables = (metricName: string, suffix = ''): IMetric[] =>
    Object.entries(props.tables).map(([label, table]) =>
      table.metric(metricName, { label: `${label}${suffix}`, statistic: 'Sum', period: PERIOD }),
    );

  const dashboard = new Dashboard(scope, id, { defaultInterval: Duration.hours(3) });
  dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: 24 }));
  dashboard.addWidgets(
    graph(
      'Messages waiting',
      [...watched, ...Object.entries(props.kept)].map(([label, queue]) => depth(queue, label)),
    ),
    graph(
      'Oldest message (s)',
      watched.map(([label, queue]) =>
        queue.metricApproximateAgeOfOldestMessage({ label, statistic: 'Maximum', period: PERIOD }),
      ),
    ),
    graph('Rejects and dead letters', [
      depth(props.rejects, 'rejects'),
      ...queues.map(([label, { deadLetterQueue }]) => depth(deadLetterQueue, label)),
    ]),
  );
  dashboard.addWidgets(
    graph('Function errors', ofFunctions('metricErrors', 'Sum')),
    graph('Function duration, p99 (ms)', ofFunctions('metricDuration', 'p99')),
    graph(
      'Concurrent executions',
      functions.map(([label, one]) =>
        one.function.metric('ConcurrentExecutions', { label, statistic: 'Maximum', period: PERIOD }),
      ),
    ),
  );
  dashboard.addWidgets(
    graph('Function invocations', ofFunctions('metricInvocations', 'Sum')),
    graph('Throttled function invocations', ofFunctions('metricThrottles', 'Sum')),
  );
  dashboard.addWidgets(
    graph('Write units a minute', ofTables('ConsumedWriteCapacityUnits')),
    graph('Read units a minute', ofTables('ConsumedReadCapacityUnits')),
    graph('Throttled requests of tables', [
      ...ofTables('WriteThrottleEvents', ', writes'),
      ...ofTables('ReadThrottleEvents', ', reads'),
    ]),
  );
  return dashboard;
};

const depth = (queue: Queue, label: string): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ label, statistic: 'Maximum', period: PERIOD });

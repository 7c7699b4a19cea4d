/** The alarms of the pipeline, the topic that they send to, and the budget for costs. */
import { Validations } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  alarmOnGauge,
  alarmsOfFunction,
  alarmsOfTables,
  alarmWhenBehind,
  alarmWhenNotEmpty,
} from './alarms.ts';
import type { Parts } from './functions/definition.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/** In percent of the budget. The pacer keeps spending within a few percent of its plan. */
const OFF_PLAN_PERCENT = 10;
/** In seconds: how far a screen may lag before somebody should know. */
const FIGURES_BEHIND_SECONDS = 300;
/** Shares of the month's budget, in percent, at which a message about the account's costs is sent. */
const COST_SHARES = [50, 80, 100];

const alarmsOnGauges = (scope: Construct): Alarm[] => [
  alarmOnGauge(scope, 'OverdueDrawAlarm', {
    of: 'draw',
    gauge: 'OverdueDraws',
    periods: 3,
    what: 'a slot that should have been drawn ten minutes ago is not',
    entry: 'overdue-draws',
  }),
  alarmOnGauge(scope, 'BeaconAlarm', {
    of: 'draw',
    gauge: 'BeaconUnreachable',
    periods: 5,
    what: 'no relay of the beacon answers; slots are drawn only once one does',
    entry: 'beacon-unreachable',
  }),
  alarmOnGauge(scope, 'LostSegmentsAlarm', {
    of: 'pacer',
    gauge: 'LostSegments',
    periods: 1,
    what: 'segments of a presale stood still for minutes and were started again',
    entry: 'lost-segments',
  }),
  alarmOnGauge(scope, 'ConflictAlarm', {
    of: 'rollup',
    gauge: 'ConflictingContents',
    periods: 1,
    what: 'orders of different contents came under one id, and the one sent first counts',
    entry: 'conflicting-contents',
  }),
  alarmOnGauge(scope, 'OverdraftAlarm', {
    of: 'rollup',
    gauge: 'CouponOverdrafts',
    periods: 1,
    what: 'coupons were used in time, but the use was known only after their money was freed',
    entry: 'coupon-overdrafts',
  }),
  alarmOnGauge(scope, 'FiguresAlarm', {
    of: 'health',
    gauge: 'WatermarkLagSeconds',
    threshold: FIGURES_BEHIND_SECONDS,
    periods: 5,
    what: 'orders have waited for minutes to be in the figures',
    entry: 'figures-behind',
  }),
  alarmOnGauge(scope, 'PlanAlarm', {
    of: 'health',
    gauge: 'SpendOffPlanPercent',
    threshold: OFF_PLAN_PERCENT,
    periods: 5,
    what: `coupon spending is more than ${OFF_PLAN_PERCENT} % of its budget off its plan`,
    entry: 'spending-off-plan',
  }),
  alarmOnGauge(scope, 'SampleRatioAlarm', {
    of: 'health',
    gauge: 'SampleRatioMismatches',
    periods: 5,
    what: 'the arms do not hold the shares of members that were assigned to them, so they cannot be compared',
    entry: 'sample-ratio',
  }),
  alarmOnGauge(scope, 'PausedAlarm', {
    of: 'health',
    gauge: 'PausedCampaigns',
    periods: 15,
    what: 'a campaign has been paused for a quarter of an hour',
    entry: 'paused-campaign',
  }),
];

/** All alarms, except those of the functions' queues, which are made with the queues. */
export const pipelineAlarms = (
  scope: Construct,
  { tables, rejects, grantsOutbox, deadGrants, deadTicks }: Parts,
  functions: Readonly<Record<string, PipelineFunction>>,
): Alarm[] => [
  alarmWhenNotEmpty(scope, 'RejectsAlarm', rejects, {
    what: 'events were refused',
    entry: 'refused-events',
  }),
  alarmWhenBehind(scope, 'GrantsAlarm', grantsOutbox, 'grants-not-taken'),
  alarmWhenNotEmpty(scope, 'DeadGrantsAlarm', deadGrants, {
    what: 'no system takes these grants',
    entry: 'grants-not-taken',
  }),
  alarmWhenNotEmpty(scope, 'DeadTicksAlarm', deadTicks, {
    what: 'scheduled calls of a function were lost',
    entry: 'lost-ticks',
  }),
  ...alarmsOnGauges(scope),
  ...Object.entries(functions).flatMap(([name, { function: lambda }]) =>
    alarmsOfFunction(scope, name.charAt(0).toUpperCase() + name.slice(1), lambda),
  ),
  ...alarmsOfTables(scope, { ...tables }),
];

/** The topic that gets a message when an alarm begins and when it ends. People who need to know subscribe to it. */
export const alarmTopic = (scope: Construct, id: string): Topic => {
  const topic = new Topic(scope, id, { displayName: 'Alarms of a sale', enforceSSL: true });
  Validations.of(topic).acknowledge({
    id: 'Serverless-SNSRedrivePolicy',
    reason: 'subscriptions are made by the people who need to know, with a redrive policy of their own',
  });
  return topic;
};

export const sendAlarmsTo = (scope: Construct, topic: Topic): void => {
  const action = new SnsAction(topic);
  for (const one of scope.node.findAll()) {
    if (!(one instanceof Alarm)) continue;
    one.addAlarmAction(action);
    one.addOkAction(action);
  }
};

/** Sends a message to the topic when the account's costs of a month reach certain shares of a budget, in US dollars. */
export const costBudget = (scope: Construct, id: string, topic: Topic, monthlyUsd: number): void => {
  const permission = topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('budgets.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
    }),
  );
  const budget = new CfnBudget(scope, id, {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyUsd, unit: 'USD' },
    },
    notificationsWithSubscribers: COST_SHARES.map((threshold) => ({
      notification: {
        notificationType: 'ACTUAL',
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    })),
  });
  // AWS sends a test message to the topic when the budget is created, so the permission must exist before that.
  if (permission.policyDependable !== undefined) budget.node.addDependency(permission.policyDependable);
};

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate({ monthlyBudgetUsd: '5000' });
const alarms = template.all('AWS::CloudWatch::Alarm');
const [[topicId] = []] = template.all('AWS::SNS::Topic') as [string, Json][];

/** The runbook's entries by the anchors that GitHub gives their headings. */
const entries = new Map(
  readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading.trim().toLowerCase().replaceAll(' ', '-'), lines.join('\n')] as const;
    }),
);

const anchorOf = ({ Properties }: Json): string | undefined =>
  /: docs\/runbook\.md#([a-z-]+)$/.exec(Properties.AlarmDescription)?.[1];

/** The metrics of AWS that the alarms may watch, as the services document them. */
const OF_SERVICES: Readonly<Record<string, readonly string[]>> = {
  'AWS/SQS': ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
  'AWS/Lambda': ['Errors', 'Throttles'],
  'AWS/DynamoDB': ['ReadThrottleEvents', 'WriteThrottleEvents', 'TransactionConflict'],
};

type Watched = { Namespace: string; MetricName: string };

const watchedBy = ({ Properties }: Json): Watched[] =>
  Properties.MetricName === undefined
    ? Properties.Metrics.flatMap(({ MetricStat: stat }: Json) => (stat === undefined ? [] : [stat.Metric]))
    : [Properties];

describe('every alarm', () => {
  it('sends a message to the topic when it begins and when it ends', () => {
    for (const [id, { Properties }] of alarms) {
      expect(Properties.AlarmActions, id).toEqual([{ Ref: topicId }]);
      expect(Properties.OKActions, id).toEqual([{ Ref: topicId }]);
    }
    expect(alarms.length).toBeGreaterThan(50);
  });

  it('leads to an entry of the runbook that says what it means, where to look and what to do; only the entry on cost has no alarm', () => {
    const anchors = new Set(alarms.map(([id, alarm]) => anchorOf(alarm) ?? `none of ${id}`));
    expect([...anchors, 'cost'].sort()).toEqual([...entries.keys()].sort());
    for (const [anchor, text] of entries)
      for (const part of ['Means', 'Look', 'Do'])
        expect(text, `${anchor}: ${part}`).toMatch(new RegExp(`^\\*\\*${part}\\*\\*: .`, 'm'));
  });

  it('watches a metric that its service has, or one of our own', () => {
    for (const [id, alarm] of alarms) {
      for (const { Namespace, MetricName } of watchedBy(alarm)) {
        if (Namespace === 'Zhihui') continue;
        expect(OF_SERVICES[Namespace], id).toContain(MetricName);
      }
    }
  });
});

it.each(['Errors', 'Throttles'])('each function has an alarm for its %s', (metric) => {
  const functions = template.all('AWS::Lambda::Function').map(([id]) => id);
  const watched = alarms.flatMap(([, { Properties }]) =>
    Properties.MetricName === metric
      ? (Properties.Dimensions as Json[]).map(({ Value }) => Value.Ref as string)
      : [],
  );
  expect(watched.sort()).toEqual(functions.sort());
});

describe('the account’s costs', () => {
  it('are reported at shares of the monthly budget, to a topic that accepts the messages', () => {
    const [[, budget] = []] = template.all('AWS::Budgets::Budget') as [string, Json][];
    expect(budget!.Properties.Budget).toMatchObject({
      BudgetType: 'COST',
      TimeUnit: 'MONTHLY',
      BudgetLimit: { Amount: 5_000, Unit: 'USD' },
    });
    const told = budget!.Properties.NotificationsWithSubscribers as Json[];
    expect(told.map(({ Notification }) => Notification.Threshold)).toEqual([50, 80, 100]);
    for (const { Subscribers } of told)
      expect(Subscribers).toEqual([{ SubscriptionType: 'SNS', Address: { Ref: topicId } }]);
    const [[, policy] = []] = template.all('AWS::SNS::TopicPolicy') as [string, Json][];
    const allowed = policy!.Properties.PolicyDocument.Statement.filter(
      ({ Effect }: Json) => Effect === 'Allow',
    );
    expect(allowed).toMatchObject([
      { Action: 'sns:Publish', Principal: { Service: 'budgets.amazonaws.com' } },
    ]);
  });

  it('are watched only if a monthly budget is given, which must be a number', () => {
    expect(new StackTemplate().all('AWS::Budgets::Budget')).toEqual([]);
    expect(() => new StackTemplate({ monthlyBudgetUsd: 'much' })).toThrow(
      'context monthlyBudgetUsd: expected',
    );
  });
});

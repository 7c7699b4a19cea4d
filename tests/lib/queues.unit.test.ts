import { describe, expect, it } from 'vitest';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate();
const workers = template.workers();
const queues = template.all('AWS::SQS::Queue');

const DAY_SECONDS = 24 * 60 * 60;

describe('a queue', () => {
  it('that a function processes moves messages that keep failing to a dead-letter queue of its own', () => {
    const deadLetterQueues = workers.map(
      ({ queue }) => queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0],
    );
    expect(new Set(deadLetterQueues).size).toBe(workers.length);
    for (const { queue } of workers) expect(queue.RedrivePolicy.maxReceiveCount).toBe(30);
    for (const id of deadLetterQueues) expect(template.get(id).Properties.RedrivePolicy).toBeUndefined();
  });

  it('keeps dead letters and rejects for 14 days, and work for at least four days', () => {
    const retention = Object.fromEntries(
      queues.map(([id, queue]) => [
        template.pathOf(id),
        queue.Properties.MessageRetentionPeriod / DAY_SECONDS,
      ]),
    );
    expect(retention).toEqual({
      RejectsQueue: 14,
      GrantsQueue: 14,
      DeadGrantsQueue: 14,
      DeadTicksQueue: 14,
      'Events/DeadLetterQueue': 14,
      'Events/Queue': 4,
      'Events/ControlDeadLetterQueue': 14,
      'Events/ControlQueue': 4,
      'Events/WaitingDeadLetterQueue': 14,
      'Events/WaitingQueue': 4,
      'Presale/DeadLetterQueue': 14,
      'Presale/Queue': 4,
      'Audience/DeadLetterQueue': 14,
      'Audience/Queue': 4,
      'Coupon/DeadLetterQueue': 14,
      'Coupon/Queue': 4,
      'FreeOrder/DeadLetterQueue': 14,
      'FreeOrder/Queue': 4,
      'Draw/DeadLetterQueue': 14,
      'Draw/Queue': 4,
      'Publisher/DeadLetterQueue': 14,
      'Publisher/Queue': 4,
      'Pacer/DeadLetterQueue': 14,
      'Pacer/Queue': 4,
      'Metrics/DeadLetterQueue': 14,
      'Metrics/Queue': 4,
      'Rollup/DeadLetterQueue': 14,
      'Rollup/Queue': 4,
    });
  });

  it('refuses every request without TLS, whether the queue is for work, dead letters or rejects', () => {
    const refusing = template.all('AWS::SQS::QueuePolicy').flatMap(([, { Properties }]) => {
      const denies = Properties.PolicyDocument.Statement.some(
        (statement: Json) =>
          statement.Effect === 'Deny' &&
          statement.Action === 'sqs:*' &&
          statement.Principal.AWS === '*' &&
          statement.Condition.Bool['aws:SecureTransport'] === 'false',
      );
      return denies ? Properties.Queues.map((queue: Json) => queue.Ref) : [];
    });
    expect(refusing.sort()).toEqual(queues.map(([id]) => id).sort());
  });

  it('is encrypted', () => {
    for (const [, queue] of queues) expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
  });

  it('hides a message for six timeouts of its function and one batching window', () => {
    for (const { queue, properties, mapping } of workers) {
      expect(queue.VisibilityTimeout).toBe(6 * properties.Timeout + mapping.MaximumBatchingWindowInSeconds);
    }
  });

  it('raises an alarm when a message is old, or at the first message if the queue should be empty', () => {
    const ofQueues = template
      .all('AWS::CloudWatch::Alarm')
      .filter(([, { Properties }]) => Properties.Namespace === 'AWS/SQS');
    const alarms = ofQueues.map(([, { Properties }]) => ({
      queue: template.pathOf(Properties.Dimensions[0].Value['Fn::GetAtt'][0]),
      metric: Properties.MetricName,
    }));
    const isWork = (path: string) =>
      /^Events.*(?<!DeadLetter)Queue$|\/Queue$/.test(path) || path === 'GrantsQueue';
    const expected = queues.map(([id]) => ({
      queue: template.pathOf(id),
      metric: isWork(template.pathOf(id))
        ? 'ApproximateAgeOfOldestMessage'
        : 'ApproximateNumberOfMessagesVisible',
    }));
    expect(alarms).toHaveLength(expected.length);
    expect(alarms).toEqual(expect.arrayContaining(expected));
  });
});

/** Makes the kinds of queue that the stack has. */
import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEAD_LETTER_RETENTION_DAYS, OUTBOX_RECEIVE_COUNT_MAX, QUEUE_RETENTION_DAYS } from './limits.ts';

/** A queue that refuses requests without TLS and encrypts what it holds; the caller's properties override the defaults. */
export const secureQueue = (scope: Construct, id: string, props: QueueProps = {}): Queue =>
  new Queue(scope, id, {
    enforceSSL: true,
    encryption: QueueEncryption.SQS_MANAGED,
    retentionPeriod: Duration.days(QUEUE_RETENTION_DAYS),
    ...props,
  });

/** A queue that no function of the stack processes: its messages are kept as long as SQS can keep them. */
export const keptQueue = (scope: Construct, id: string): Queue => {
  const queue = secureQueue(scope, id, { retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS) });
  const reason = 'nothing receives from this queue by itself, so there is no failed delivery to redrive';
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason });
  Validations.of(queue).acknowledge({ id: 'Serverless-SQSRedrivePolicy', reason });
  return queue;
};

/**
 * The queue from which other systems read grants. A grant that they fail to process too often goes to a dead-letter queue, so
 * that it does not come back for ever.
 */
export const outboxQueue = (scope: Construct, id: string, deadLetterQueue: Queue): Queue =>
  secureQueue(scope, id, {
    retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: OUTBOX_RECEIVE_COUNT_MAX },
  });

/** Asks how many messages queues hold. */
import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Runtime } from './runtime.ts';

/** Messages in flight and delayed messages are still in the queue. */
const COUNTS: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

const countIn = async (
  runtime: Runtime,
  queueUrl: string,
  counts: readonly QueueAttributeName[],
): Promise<number> => {
  const { Attributes: attributes = {} } = await runtime.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...counts] }),
  );
  return counts.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
};

/** About how many messages a queue holds: SQS asks only some of its servers. */
export const depthOf = (runtime: Runtime, queueUrl: string): Promise<number> =>
  countIn(runtime, queueUrl, COUNTS);

/** About how many messages of a queue wait for a consumer. */
export const waitingIn = (runtime: Runtime, queueUrl: string): Promise<number> =>
  countIn(runtime, queueUrl, ['ApproximateNumberOfMessages']);

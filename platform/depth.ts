import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Runtime } from './runtime.ts';

/** Messages in flight and delayed messages are still in the queue. */
const COUNTS: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** About how many messages a queue holds: SQS asks only some of its servers. */
export const depthOf = async (runtime: Runtime, queueUrl: string): Promise<number> => {
  const { Attributes: attributes = {} } = await runtime.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: COUNTS }),
  );
  return COUNTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
};

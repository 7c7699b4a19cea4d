import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Runtime } from './runtime.ts';

/** A message that somebody has received and not deleted, or that is delayed, is still there. */
const COUNTS: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** How many messages a queue holds, about: SQS counts on the machines that it happens to ask. */
export const depthOf = async (runtime: Runtime, queueUrl: string): Promise<number> => {
  const { Attributes: attributes = {} } = await runtime.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: COUNTS }),
  );
  return COUNTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
};

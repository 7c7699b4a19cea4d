import { GetQueueAttributesCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';

/** A message that somebody has received and not deleted, or that is delayed, is still there. */
const COUNTS: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

const client = new SQSClient({});

/** How many messages a queue holds, about: SQS counts on the machines that it happens to ask. */
export const depthOf = async (queueUrl: string): Promise<number> => {
  const { Attributes: attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: COUNTS }),
  );
  return COUNTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
};

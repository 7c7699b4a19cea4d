import type { Pipeline } from '#local/aws/pipeline.ts';

/** How to go on with a pipeline that stays up. */
export const invitation = (pipeline: Pipeline, boardUrl: string): string => {
  const queueUrl = pipeline.output('EventsQueueUrl');
  return `The pipeline is up; Ctrl-C stops it. Send it events with any AWS client:

  live screen        ${boardUrl}
  SQS endpoint       ${pipeline.sqsEndpoint}
  events queue       ${queueUrl}
  control queue      ${pipeline.output('ControlQueueUrl')}
  rejects queue      ${pipeline.output('RejectsQueueUrl')}
  DynamoDB endpoint  ${pipeline.dynamodbEndpoint}

  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1 aws sqs send-message \\
    --endpoint-url ${pipeline.sqsEndpoint} --queue-url ${queueUrl} \\
    --message-body file://events/order.paid.json
`;
};

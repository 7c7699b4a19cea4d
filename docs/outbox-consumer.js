import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';

/** What a grant is worth after an event, in fen: nothing once it is revoked, less once it is reduced. */
const worthFen = ({ type, data: { amountFen } }) => {
  switch (type.slice(type.indexOf('.') + 1)) {
    case 'granted':
    case 'reduced':
      return amountFen;
    case 'revoked':
      return 0;
    default:
      throw new Error(`type: expected granted, reduced or revoked, got ${type}`);
  }
};

/**
 * Takes one batch of grants from the outbox. `lower(grant, fen)` stores a grant's worth where it is not known, or known to be
 * more, in one conditional write. A message is deleted once all in it is stored; after a crash it comes again.
 */
export const takeGrants = async (sqs, QueueUrl, lower) => {
  const { Messages: messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
  );
  for (const { Body: body, ReceiptHandle } of messages) {
    for (const event of JSON.parse(body)) await lower(event.data, worthFen(event));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return messages.length;
};

/** Keeps the times at which messages left by an earlier run were first sent: fauxqs gives all messages the present time. */
import type { Message } from '@aws-sdk/client-sqs';

/** What fauxqs's server offers of Fastify: a hook that sees each answer before it is written. */
type Answers = {
  addHook(
    name: 'preSerialization',
    hook: (
      request: { headers: Record<string, unknown> },
      reply: unknown,
      payload: unknown,
    ) => Promise<unknown>,
  ): unknown;
};

/** Times in ms since 1970 by message id. */
export type SentTimes = Map<string, number>;

/** Makes receivers see the times that the returned map holds, which the caller fills. Call it before the server listens. */
export const sentTimesOf = (app: Answers): SentTimes => {
  const times: SentTimes = new Map();
  app.addHook('preSerialization', async ({ headers }, _reply, payload) => {
    if (headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return payload;
    const { Messages: messages = [] } = payload as { Messages?: Message[] };
    for (const { MessageId: id, Attributes: attributes } of messages) {
      const sentMs = times.get(id!);
      if (sentMs !== undefined && attributes?.SentTimestamp !== undefined)
        attributes.SentTimestamp = String(sentMs);
    }
    return payload;
  });
  return times;
};

import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import type { AudienceMessage } from '#domain/presale/segment.ts';
import { makeHandler as makeAudience } from '#lambdas/audience/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import type { Clients } from '#platform/runtime.ts';
import { definition } from '../coupons/factories.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { coupons, presaleStarted } from '../support/presale-world.ts';
import { consumerOf, eventOf } from '../support/queues.ts';
import { testOutside } from '../support/runtime.ts';

const SEVERAL = coupons({
  budgets: [
    { pool: 'platform', totalFen: 200_000, presaleShare: 0.5 },
    { pool: 'brand', totalFen: 100_000, presaleShare: 0.5 },
  ],
});

it.each([
  ['plan', 'issue', coupons()],
  ['plan', 'correct', SEVERAL],
  ['correct', 'issue', SEVERAL],
] as const)(
  'when the pass "%s" is complete, the pass "%s" begins as soon as its messages can be sent, and no redelivery begins it again',
  async (before, after, section) => {
    const sent: Record<AudienceMessage['pass'], AudienceMessage[]> = {
      start: [],
      plan: [],
      correct: [],
      issue: [],
    };
    let isDown = true;
    const send = async ({ input: { QueueUrl, Entries } }: SendMessageBatchCommand): Promise<object> => {
      if (QueueUrl !== 'audience') return {};
      const messages = Entries!.map(({ MessageBody }) => JSON.parse(MessageBody!) as AudienceMessage);
      if (isDown && messages[0]!.pass === after) throw new Error('the queue is down');
      for (const message of messages) sent[message.pass].push(message);
      return {};
    };
    const outside = testOutside({
      clients: { dynamodb: emulatedTables(), sqs: { send } as unknown as Clients['sqs'] },
      environment: { OWN_QUEUE_URLS: '' },
    });
    const consume = consumerOf(makeAudience(outside));
    const deliver = async (pass: AudienceMessage['pass'] = before): Promise<number> => {
      const responses = await Promise.all(sent[pass].map((message) => consume(eventOf(message))));
      return responses.filter(({ batchItemFailures }) => batchItemFailures.length > 0).length;
    };
    await consumerOf(makePresale(outside))(eventOf(presaleStarted(definition('sale', section))));
    await deliver('start');
    const segments = sent.plan.length;
    if (before === 'correct') await deliver('plan');

    // No message of the later pass can be sent yet. So a message fails if its worker sees that the earlier
    // pass is complete.
    expect(await deliver()).toBeGreaterThan(0);
    expect(sent[after]).toEqual([]);
    isDown = false;
    expect(await deliver()).toBe(0);
    const begun = sent[after].length;
    expect(begun % segments).toBe(0);
    expect(new Set(sent[after].map((message) => JSON.stringify(message))).size).toBe(segments);

    await deliver();
    expect(sent[after]).toHaveLength(begun);
  },
);

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

it('the second pass begins once, however many workers see the plan complete, and again if its messages were not sent', async () => {
  const sent: Record<AudienceMessage['pass'], AudienceMessage[]> = { start: [], plan: [], issue: [] };
  let isDown = true;
  const send = async ({ input: { QueueUrl, Entries } }: SendMessageBatchCommand): Promise<object> => {
    if (QueueUrl !== 'audience') return {};
    const messages = Entries!.map(({ MessageBody }) => JSON.parse(MessageBody!) as AudienceMessage);
    if (isDown && messages[0]!.pass === 'issue') throw new Error('the queue is down');
    for (const message of messages) sent[message.pass].push(message);
    return {};
  };
  const outside = testOutside({
    clients: { dynamodb: emulatedTables(), sqs: { send } as unknown as Clients['sqs'] },
    environment: { OWN_QUEUE_URLS: '' },
  });
  const consume = consumerOf(makeAudience(outside));
  const deliver = async (): Promise<number> => {
    const responses = await Promise.all(sent.plan.map((message) => consume(eventOf(message))));
    return responses.filter(({ batchItemFailures }) => batchItemFailures.length > 0).length;
  };
  await consumerOf(makePresale(outside))(eventOf(presaleStarted(definition('sale', coupons()))));
  for (const message of sent.start) await consume(eventOf(message));
  const segments = sent.plan.length;

  // No message of the second pass was sent. So the messages of segments whose workers saw the plan complete fail, and come again.
  expect(await deliver()).toBeGreaterThan(0);
  expect(sent.issue).toEqual([]);
  isDown = false;
  expect(await deliver()).toBe(0);
  const begun = sent.issue.length;
  expect(begun % segments).toBe(0);
  expect(new Set(sent.issue.map((message) => JSON.stringify(message))).size).toBe(segments);

  await deliver();
  expect(sent.issue).toHaveLength(begun);
});

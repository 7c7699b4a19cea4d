import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { isListed, readListing } from '#domain/campaigns/campaigns-table.ts';
import { startPresaleWhenDue } from '#domain/presale/start-presale.ts';
import { makeHandler } from '#lambdas/presale/handler.ts';
import { type Clients, makeRuntime } from '#platform/runtime.ts';
import { definition } from '../coupons/factories.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { presaleStarted } from '../support/presale-world.ts';
import { consumerOf, eventOf } from '../support/queues.ts';
import { testOutside } from '../support/runtime.ts';

it.each([true, false])(
  'a presale begins only once its campaign takes orders; if its first message cannot be sent, a redelivery or a tick sends it (the tick first: %s)',
  async (isTickFirst) => {
    const listedWhenSent: boolean[] = [];
    let isDown = true;
    const send = async ({ input }: SendMessageBatchCommand): Promise<object> => {
      listedWhenSent.push(await isListed(runtime, 'sale'));
      if (isDown) throw new Error(`queue ${input.QueueUrl} is down`);
      return {};
    };
    const outside = testOutside({
      clients: { dynamodb: emulatedTables(), sqs: { send } as unknown as Clients['sqs'] },
      environment: { OWN_QUEUE_URLS: '' },
    });
    const runtime = makeRuntime(outside);
    const consume = consumerOf(makeHandler(outside));
    const deliver = async (): Promise<number> =>
      (await consume(eventOf(presaleStarted(definition('sale'))))).batchItemFailures.length;
    expect(await deliver()).toBe(1);
    isDown = false;
    const failed = listedWhenSent.length;
    const [listed] = await readListing(runtime);
    const tick = () => startPresaleWhenDue(runtime, listed!, Date.now());
    const begin: (() => Promise<unknown>)[] = isTickFirst ? [tick, deliver] : [deliver, tick];
    for (const again of begin) {
      await again();
      expect(listedWhenSent).toHaveLength(failed + 1);
    }
    expect(new Set(listedWhenSent)).toEqual(new Set([true]));
  },
);

it('a worker that has read that a presale has started does not read it again', async () => {
  const tables = emulatedTables();
  const outside = testOutside({
    clients: { dynamodb: tables, sqs: { send: async () => ({}) } as unknown as Clients['sqs'] },
    environment: { OWN_QUEUE_URLS: '' },
  });
  await consumerOf(makeHandler(outside))(eventOf(presaleStarted(definition('sale'))));
  let calls = 0;
  const dynamodb = {
    send: ((command: never) => {
      calls++;
      return tables.send(command);
    }) as typeof tables.send,
  };
  const runtime = makeRuntime({ ...outside, clients: { ...outside.clients, dynamodb } });
  const [listed] = await readListing(runtime);
  calls = 0;
  for (let tick = 0; tick < 3; tick++) await startPresaleWhenDue(runtime, listed!, Date.now());
  expect(calls).toBe(1);
});

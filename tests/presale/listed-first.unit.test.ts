import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { isListed, readListing } from '#domain/campaigns/campaigns-table.ts';
import { openCampaign } from '#domain/presale/open-campaign.ts';
import { startPresaleWhenDue } from '#domain/presale/start-presale.ts';
import { type Clients, makeRuntime } from '#platform/runtime.ts';
import { definition } from '../coupons/factories.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testOutside } from '../support/runtime.ts';

it('a presale begins only once its campaign takes orders, and with the next tick if the opening crashes in between', async () => {
  const listedWhenSent: boolean[] = [];
  let isDown = true;
  const send = async ({ input }: SendMessageBatchCommand): Promise<object> => {
    listedWhenSent.push(await isListed(runtime, 'sale'));
    if (isDown) throw new Error(`queue ${input.QueueUrl} is down`);
    return {};
  };
  const runtime = makeRuntime(
    testOutside({ clients: { dynamodb: emulatedTables(), sqs: { send } as unknown as Clients['sqs'] } }),
  );
  await expect(openCampaign(runtime, definition('sale'))).rejects.toThrow('queue audience is down');
  isDown = false;
  const failed = listedWhenSent.length;
  const [listed] = await readListing(runtime);
  await startPresaleWhenDue(runtime, listed!, Date.now());
  expect(listedWhenSent.length).toBeGreaterThan(failed);
  await openCampaign(runtime, definition('sale'));
  await startPresaleWhenDue(runtime, listed!, Date.now());
  expect(listedWhenSent).toHaveLength(failed + 4);
  expect(new Set(listedWhenSent)).toEqual(new Set([true]));
});

import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { sendRouted } from '#domain/intake/deliver.ts';
import { testRuntime } from '../support/runtime.ts';
import { delivery, NOW_MS, order, receive, sale } from './deliveries.ts';

it('a failure to send to one queue is reported only when the sends to all other queues have ended', async () => {
  const sent: string[] = [];
  const send = async ({ input }: SendMessageBatchCommand) => {
    if (input.QueueUrl === 'metrics') throw new Error('no metrics');
    await new Promise((resolve) => setTimeout(resolve, 20));
    sent.push(input.QueueUrl!);
    return { Successful: [], Failed: [] };
  };
  const runtime = testRuntime({
    clients: { sqs: { send: send as never } },
    environment: { WAITING_QUEUE_URL: 'waiting' },
  });
  const routed = receive([delivery(order())], [sale(), sale({ campaignId: 'coupons' })]);
  await expect(sendRouted(runtime, routed, NOW_MS)).rejects.toThrow('no metrics');
  expect(sent).toEqual(['coupon']);
});

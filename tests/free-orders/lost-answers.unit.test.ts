import { describe, expect, it } from 'vitest';
import { requireLayout } from '#domain/campaigns/campaigns-table.ts';
import { budgetOf, QUOTA_KEY } from '#domain/campaigns/layout.ts';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { refreshView } from '#domain/grants/debit-planning.ts';
import type { MetricEventTuple } from '#domain/metrics/metric-event.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { leftOf, openCampaign, orderEvent, secrets } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { instantRules } from './factory.ts';

describe('a win whose answer was lost', () => {
  it('is reported as won, even if its process has meanwhile read that no place is left (the win itself took the last one)', async () => {
    const sent: { url: string; body: string }[] = [];
    let isOpen = false;
    let lost = 0;
    const after: Hooks['after'] = async ({ name, input }) => {
      const isClaim = name === 'TransactWriteItems' && JSON.stringify(input).includes('free/quota');
      if (!isOpen || !isClaim || lost++ > 0) return;
      await refreshView(runtime, budgetOf(await requireLayout(runtime, 'sale'), QUOTA_KEY));
      throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    };
    const runtime: Runtime = testRuntime({
      clients: {
        dynamodb: emulatedTables({ after }),
        sqs: {
          send: (async ({ input }: { input: { QueueUrl: string; Entries: { MessageBody: string }[] } }) => {
            for (const { MessageBody: body } of input.Entries) sent.push({ url: input.QueueUrl, body });
            return {};
          }) as never,
        },
        secrets,
      },
      clock: { nowMs: () => Date.now(), wait: async () => {} },
    });
    await openCampaign(runtime, 'sale', instantRules({ odds: { win: 1, in: 1 }, quota: 1 }));
    isOpen = true;
    await takePart(runtime, 'sale', [orderEvent(1)], Date.now());
    expect(lost).toBe(1);
    expect((await leftOf(runtime, 'sale')).quota).toBe(0);
    const labels = sent
      .filter(({ url }) => url === 'metrics')
      .flatMap(({ body }) => (JSON.parse(body) as { events: MetricEventTuple[] }).events)
      .map(([, , label]) => label);
    expect(labels).toEqual(['free-order/won']);
    expect(sent.filter(({ url }) => url === 'grants')).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { makeHandler } from '#lambdas/draw/handler.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { HOUR_MS, openCampaign, orderEvent, RELAY, START_MS, secrets } from '../support/free-order-world.ts';
import { gaugesPrintedBy } from '../support/gauges.ts';
import { emptyBucket } from '../support/objects.ts';
import { testOutside } from '../support/runtime.ts';
import { slotRules } from './factory.ts';

const DELAY_SECONDS = 30;
const RULES = slotRules({ slotSeconds: 3_600, beacon: { chain: 'quicknet', delaySeconds: DELAY_SECONDS } });
const CLOSES_MS = START_MS + HOUR_MS + RULES.graceSeconds * 1_000;

/**
 * A draw with one order in its one slot; the beacon's relays answer as `ask` does. Returns a function that handles the tick of a
 * given time and returns the gauges that are printed then.
 */
const ticks = async (ask: typeof fetch) => {
  let nowMs = START_MS - HOUR_MS;
  const outside = testOutside({
    clients: { dynamodb: emulatedTables(), sqs: { send: (async () => ({})) as never }, secrets },
    clock: { nowMs: () => nowMs, wait: async () => {} },
    environment: { BEACON_RELAYS: RELAY },
    fetch: ask,
  });
  const runtime = makeRuntime(outside);
  await openCampaign(runtime, 'sale', RULES);
  await takePart(runtime, 'sale', [orderEvent(1)], nowMs);
  const handler = makeHandler(outside, emptyBucket);
  return async (atMs: number) => {
    nowMs = atMs;
    const body = JSON.stringify({ time: new Date(atMs).toISOString() });
    const context = { functionName: 'draw', awsRequestId: '1', getRemainingTimeInMillis: () => 300_000 };
    const gauges = await gaugesPrintedBy(() =>
      handler({ Records: [{ messageId: '1', body }] } as never, context as never),
    );
    return gauges.map(({ Function: of, OverdueDraws: overdue, BeaconUnreachable: unreachable }) => [
      of,
      overdue,
      unreachable,
    ]);
  };
};

describe('the gauges of the draws', () => {
  it('show a slot that is not drawn more than ten minutes after its round', async () => {
    const tick = await ticks(async () => new Response(null, { status: 404 }));
    const dueMs = CLOSES_MS + DELAY_SECONDS * 1_000 + 10 * MINUTE_MS;
    expect(await tick(CLOSES_MS)).toEqual([['draw', 0, 0]]);
    expect(await tick(dueMs)).toEqual([['draw', 0, 0]]);
    expect(await tick(dueMs + 1)).toEqual([['draw', 1, 0]]);
  });

  it('show that no relay answers, but not that a relay has no round yet', async () => {
    const answers: (() => Promise<Response>)[] = [
      () => Promise.reject(new TypeError('fetch failed')),
      async () => new Response(null, { status: 502 }),
    ];
    for (const answer of answers) {
      const tick = await ticks(answer as typeof fetch);
      expect(await tick(CLOSES_MS)).toEqual([['draw', 0, 1]]);
    }
    const tick = await ticks(async () => new Response(null, { status: 404 }));
    expect(await tick(CLOSES_MS)).toEqual([['draw', 0, 0]]);
  });
});

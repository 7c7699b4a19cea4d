import { describe, expect, it } from 'vitest';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { fromTuple, type MetricsMessage } from '#domain/metrics/metric-event.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import { allGrants } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { openCampaign, orderEvent, secrets } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { instantRules } from './factory.ts';

const ORDER = orderEvent(1);
const REFUND: OrderEvent = { ...ORDER, kind: 'refunded', id: 'refund'.padEnd(16, '.') };
const CLOCK = { nowMs: () => Date.now(), wait: async () => {} };

/** What all the workers sent. */
type Sent = { url: string; body: string }[];

const queueOf = (sent: Sent) => ({
  send: (async ({ input }: { input: { QueueUrl: string; Entries: { MessageBody: string }[] } }) => {
    for (const { MessageBody: body } of input.Entries) sent.push({ url: input.QueueUrl, body });
    return {};
  }) as never,
});

const labelsIn = (sent: Sent): string[] =>
  sent
    .filter(({ url }) => url === 'metrics')
    .flatMap(({ body }) =>
      (JSON.parse(body) as MetricsMessage).events.map((tuple) => fromTuple(tuple).label),
    );

const idsIn = (sent: Sent): string[] =>
  sent
    .filter(({ url }) => url === 'grants')
    .flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));

/**
 * One worker takes the order. Before its call with the number `at`, the order is refunded in full and a second worker takes the
 * same order. Then the first goes on, or dies and is followed by a third. `isReached` says whether the first came to that call.
 */
const raced = async (at: number, dies: boolean) => {
  const sent: Sent = [];
  const tables = emulatedTables();
  const worker = (dynamodb: Clients['dynamodb']): Runtime =>
    testRuntime({ clients: { dynamodb, sqs: queueOf(sent), secrets }, clock: CLOCK });
  const take = (runtime: Runtime, event: OrderEvent) => takePart(runtime, 'sale', [event], Date.now());

  const opener = worker(tables);
  await openCampaign(opener, 'sale', instantRules({ odds: { win: 1, in: 1 } }));
  let calls = 0;
  const interrupted = async (command: never) => {
    if (calls++ === at) {
      await take(worker(tables), REFUND);
      await take(worker(tables), ORDER);
      if (dies) throw new Error('the worker died');
    }
    return tables.send(command);
  };
  const first = take(worker({ send: interrupted as Clients['dynamodb']['send'] }), ORDER);
  await (dies ? first.catch(() => take(worker(tables), ORDER)) : first);
  return { sent, isReached: calls > at, grants: await allGrants(tables, 'sale') };
};

describe('an order that is refunded while two workers judge it', () => {
  it.each([false, true])(
    'has one outcome, and its win, if any, is published and revoked (the first worker dies: %s)',
    async (dies) => {
      const ends = new Set<string>();
      for (let at = 0; ; at++) {
        const { sent, isReached, grants } = await raced(at, dies);
        if (!isReached) break;
        const outcomes = new Set(labelsIn(sent).filter((label) => label !== 'free-revoked'));
        expect([...outcomes], `call ${at}`).toHaveLength(1);
        for (const outcome of outcomes) ends.add(outcome);
        expect(grants, `call ${at}`).toHaveLength(outcomes.has('free-order/won') ? 1 : 0);
        for (const { id, state } of grants) {
          expect(state, `call ${at}`).toBe('revoked');
          expect(new Set(idsIn(sent)), `call ${at}`).toEqual(new Set([id, `${id}.revoked`]));
          expect(labelsIn(sent), `call ${at}`).toContain('free-revoked');
        }
      }
      expect(ends).toEqual(new Set(['free-order/won', 'free-refused/refunded']));
    },
  );
});

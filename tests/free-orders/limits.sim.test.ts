import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DrawVerifier } from '#domain/free-orders/audit/verify-draw.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { type Dynoxide, hasDynoxide } from '../support/dynoxide.ts';
import { Weather } from '../support/faults.ts';
import {
  exportAndVerify,
  grantsOf,
  HOUR_MS,
  keysOf,
  leftOf,
  messageOf,
  openCampaign,
  orderEvent,
  START_MS,
  startWorld,
} from '../support/free-order-world.ts';
import { type Consumer, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { instantRules } from './factory.ts';

const random = seededRandom(5);
const queues = new Queues(random, new Weather(random));
vi.mock('#platform/queue.ts', () => ({
  sendAll: (...parameters: Parameters<typeof queues.sendAll>) => queues.sendAll(...parameters),
}));
vi.mock('#domain/free-orders/draw/master-key.ts', () => ({ drawKeys: keysOf }));

const WORKERS = 20;
const QUOTA = 1_000;

describe.skipIf(!hasDynoxide)('quota and budget', () => {
  let dynoxide: Dynoxide;
  let workers: Consumer[];

  beforeAll(async () => {
    dynoxide = await startWorld();
    workers = [];
    for (let i = 0; i < WORKERS; i++) {
      // Each worker has modules of its own, as a process has: what one has heard of a budget no other knows.
      vi.resetModules();
      const { handler } = await import('#lambdas/free-order/handler.ts');
      workers.push(async (event) => (await handler(event, {} as Context))!);
    }
  });
  afterAll(() => dynoxide.stop());

  /** Hands every worker its share of the orders at once; what a worker fails is delivered again. */
  const flood = async (campaignId: string, orders: readonly OrderEvent[]): Promise<void> => {
    await Promise.all(
      workers.map(async (work, worker) => {
        const share = orders.filter((_, i) => i % WORKERS === worker);
        for (let first = 0; first < share.length; first += 25) {
          const body = JSON.stringify(messageOf([campaignId], share.slice(first, first + 25)));
          const record = { messageId: 'm', body, messageAttributes: {}, attributes: {} };
          let isDone = false;
          while (!isDone) {
            const { batchItemFailures } = await work({ Records: [record] } as unknown as SQSEvent);
            isDone = batchItemFailures.length === 0;
          }
        }
      }),
    );
  };

  const everyOrder = { odds: { win: 1, in: 1 } };

  test('a quota of 1,000 gives 1,000 wins to 20 workers at once, never 1,001 and never one less', async () => {
    const rules = instantRules({ ...everyOrder, quota: QUOTA, budgetFen: 1_000_000_000 });
    await openCampaign('quota', rules);
    await flood(
      'quota',
      Array.from({ length: QUOTA + 500 }, (_, i) => orderEvent(i, { member: `m-${i}` })),
    );
    const grants = await grantsOf(dynoxide.client, 'quota');
    expect(grants).toHaveLength(QUOTA);
    expect((await leftOf('quota')).quota).toBe(0);
    expect(new Set(grants.map(({ trigger }) => trigger)).size).toBe(QUOTA);
  });

  test('a budget is given to the last fen by 20 workers at once while orders come that it can pay for', async () => {
    const budgetFen = 1_000_003;
    const rules = instantRules({ ...everyOrder, quota: 100_000, budgetFen });
    await openCampaign('budget', rules);
    const large = Array.from({ length: 600 }, (_, i) => orderEvent(i, { member: `m-${i}` }));
    await flood('budget', large);
    const before = await leftOf('budget');
    // What no single shard can pay is put together from several, so less than the smallest order is left.
    expect(before.budgetFen).toBeLessThan(Math.min(...large.map(({ amountFen }) => amountFen)));
    const small = Array.from({ length: before.budgetFen + 200 }, (_, i) =>
      orderEvent(10_000 + i, { member: `s-${i}`, amountFen: 1 }),
    );
    await flood('budget', small);
    const grants = await grantsOf(dynoxide.client, 'budget');
    expect(grants.reduce((sum, { faceFen }) => sum + faceFen, 0)).toBe(budgetFen);
    expect((await leftOf('budget')).budgetFen).toBe(0);
  });

  test('a refund that comes between the look for one and the win still takes the win back', async () => {
    await openCampaign('race', instantRules(everyOrder));
    vi.resetModules();
    const { dynamodb } = await import('#platform/dynamodb.ts');
    const { takePart } = await import('#domain/free-orders/draw/take-part.ts');
    const order = orderEvent(1, { member: 'racer' });
    let isFirst = true;
    dynamodb.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (context.commandName === 'BatchGetItemCommand' && isFirst) {
          isFirst = false;
          await takePart('race', [{ ...order, kind: 'refunded', id: 'refund' }], Date.now(), random);
        }
        return result;
      },
      { step: 'initialize', name: 'race' },
    );
    await takePart('race', [order], Date.now(), random);
    expect(isFirst).toBe(false);
    expect((await grantsOf(dynoxide.client, 'race')).map(({ state }) => state)).toEqual(['revoked']);
  });

  test('an exported run is verified, and every tampering with it is found', async () => {
    await openCampaign('tampered', instantRules({ odds: { win: 1, in: 4 }, quota: 30 }));
    await flood(
      'tampered',
      Array.from({ length: 200 }, (_, i) => orderEvent(i, { member: `m-${i}` })),
    );
    const { advanceDraw } = await import('#domain/free-orders/draw/advance.ts');
    await advanceDraw('tampered', {
      nowMs: START_MS + 100 * HOUR_MS,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [],
      random,
    });
    const { lines, verdict, facts } = await exportAndVerify('tampered');
    expect(verdict).toMatchObject({ ok: true, counts: { entries: 200, outcomes: { won: 30 } } });
    const isOk = (changed: readonly string[]): boolean => {
      const verifier = new DrawVerifier({ facts, root: verdict.root! });
      for (const line of changed) verifier.line(line.trimEnd());
      return verifier.finish().ok;
    };
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    const changed = (index: number, from: string | RegExp, to: string): string[] =>
      lines.with(index, lines[index]!.replace(from, to));
    const winner = at('"outcome":"won"');
    const loser = at('"outcome":"not-drawn"');
    const orderIdOf = (index: number): string => JSON.parse(lines[index]!).entry[0];
    expect(isOk(lines)).toBe(true);
    expect(isOk(changed(winner, '"outcome":"won"', '"outcome":"not-drawn"'))).toBe(false);
    expect(isOk(lines.toSpliced(loser, 1))).toBe(false);
    expect(
      isOk(
        changed(winner, orderIdOf(winner), orderIdOf(loser)).with(
          loser,
          lines[loser]!.replace(orderIdOf(loser), orderIdOf(winner)),
        ),
      ),
    ).toBe(false);
    expect(isOk(changed(0, /"seed":"[0-9a-f]{64}"/, `"seed":"${'ab'.repeat(32)}"`))).toBe(false);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DrawVerifier } from '#domain/free-orders/audit/verify-draw.ts';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { makeHandler } from '#lambdas/free-order/handler.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { allGrants } from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { Weather } from '../support/faults.ts';
import {
  exportAndVerify,
  HOUR_MS,
  leftOf,
  messageOf,
  openCampaign,
  orderEvent,
  RELAY,
  START_MS,
  secrets,
} from '../support/free-order-world.ts';
import { emptyBucket } from '../support/objects.ts';
import { type Consumer, consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { instantRules } from './factory.ts';

const random = seededRandom(5);
const queues = new Queues(random, new Weather(random));

const WORKERS = 20;
const QUOTA = 1_000;

describe('an instant draw', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let workers: Consumer[];

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    const outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs, secrets } });
    runtime = makeRuntime(outside);
    // Each worker has its own memory, like a process: what it knows of a budget, no other worker knows.
    workers = Array.from({ length: WORKERS }, () => consumerOf(makeHandler(outside)));
  });
  afterAll(() => dynoxide.stop());

  /** Gives every worker its share of the orders at once. A message that fails is delivered again. */
  const flood = async (campaignId: string, orders: readonly OrderEvent[]): Promise<void> => {
    await Promise.all(
      workers.map(async (work, worker) => {
        const share = orders.filter((_, i) => i % WORKERS === worker);
        for (let first = 0; first < share.length; first += 25) {
          const event = eventOf(messageOf([campaignId], share.slice(first, first + 25)));
          let isDone = false;
          while (!isDone) {
            const { batchItemFailures } = await work(event);
            isDone = batchItemFailures.length === 0;
          }
        }
      }),
    );
  };

  const everyOrder = { odds: { win: 1, in: 1 } };

  it('gives exactly 1,000 wins for a quota of 1,000, with 20 workers at once', async () => {
    const rules = instantRules({ ...everyOrder, quota: QUOTA, budgetFen: 1_000_000_000 });
    await openCampaign(runtime, 'quota', rules);
    await flood(
      'quota',
      Array.from({ length: QUOTA + 500 }, (_, i) => orderEvent(i, { member: `m-${i}` })),
    );
    const grants = await allGrants(dynoxide.client, 'quota');
    expect(grants).toHaveLength(QUOTA);
    expect((await leftOf(runtime, 'quota')).quota).toBe(0);
    expect(new Set(grants.map(({ trigger }) => trigger)).size).toBe(QUOTA);
  });

  it('spends its budget to the last fen with 20 workers at once, as long as there are orders that it can pay', async () => {
    const budgetFen = 1_000_003;
    const rules = instantRules({ ...everyOrder, quota: 100_000, budgetFen });
    await openCampaign(runtime, 'budget', rules);
    const large = Array.from({ length: 600 }, (_, i) => orderEvent(i, { member: `m-${i}` }));
    await flood('budget', large);
    const before = await leftOf(runtime, 'budget');
    // An amount that no single shard can pay is taken from several, so less than the smallest order is left.
    expect(before.budgetFen).toBeLessThan(Math.min(...large.map(({ amountFen }) => amountFen)));
    const small = Array.from({ length: before.budgetFen + 200 }, (_, i) =>
      orderEvent(10_000 + i, { member: `s-${i}`, amountFen: 1 }),
    );
    await flood('budget', small);
    const grants = await allGrants(dynoxide.client, 'budget');
    expect(grants.reduce((sum, { faceFen }) => sum + faceFen, 0)).toBe(budgetFen);
    expect((await leftOf(runtime, 'budget')).budgetFen).toBe(0);
  });

  it('revokes a win even if the refund arrives between the check for refunds and the win', async () => {
    await openCampaign(runtime, 'race', instantRules(everyOrder));
    const order = orderEvent(1, { member: 'racer' });
    let isFirst = true;
    dynoxide.client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (context.commandName === 'BatchGetItemCommand' && isFirst) {
          isFirst = false;
          await takePart(runtime, 'race', [{ ...order, kind: 'refunded', id: 'refund' }], Date.now());
        }
        return result;
      },
      { step: 'initialize', name: 'race' },
    );
    await takePart(runtime, 'race', [order], Date.now());
    expect(isFirst).toBe(false);
    // A check that is slow sees the refund itself, and then there is no win.
    const states = (await allGrants(dynoxide.client, 'race')).map(({ state }) => state);
    expect(states.filter((state) => state !== 'revoked')).toEqual([]);
  });

  it('has an export that passes verification, and any tampering with the export is found', async () => {
    await openCampaign(runtime, 'tampered', instantRules({ odds: { win: 1, in: 4 }, quota: 30 }));
    await flood(
      'tampered',
      Array.from({ length: 200 }, (_, i) => orderEvent(i, { member: `m-${i}` })),
    );
    await advanceDraw(runtime, 'tampered', {
      nowMs: START_MS + 100 * HOUR_MS,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [RELAY],
      objects: emptyBucket(),
    });
    const { lines, verdict, facts } = await exportAndVerify(runtime, 'tampered');
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

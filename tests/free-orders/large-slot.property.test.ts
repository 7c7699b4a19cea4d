import fc from 'fast-check';
import { expect, it } from 'vitest';
import { putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import { exportDraw } from '#domain/free-orders/audit/export-draw.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import { closeSlot } from '#domain/free-orders/draw/close-slot.ts';
import { slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { drawSlot } from '#domain/free-orders/draw/draw.ts';
import { drawClosedSlot } from '#domain/free-orders/draw/draw-slot.ts';
import { seedItem } from '#domain/free-orders/draw/facts-item.ts';
import { allPrizes, WinLedger } from '#domain/free-orders/draw/ledger.ts';
import { merkleRoot } from '#domain/free-orders/draw/merkle.ts';
import { type OpenSlotDraw, openDraw } from '#domain/free-orders/draw/open-draw.ts';
import type { SlotSizes } from '#domain/free-orders/draw/sort-slot.ts';
import { TicketDrawer } from '#domain/free-orders/draw/ticket.ts';
import { participationOf } from '#domain/free-orders/draw/win.ts';
import { readSlot } from '#domain/free-orders/entries/draws-table.ts';
import { type KeptOrder, toEntry } from '#domain/free-orders/entries/kept-order.ts';
import { keepOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { putRefunds } from '#domain/free-orders/entries/refund-notes.ts';
import { entryText } from '#domain/free-orders/rules/entry.ts';
import { RECORDED_ROUNDS } from '#local/aws/recorded-beacon.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { HOUR_MS, openCampaign, START_MS, secrets, verifyStored } from '../support/free-order-world.ts';
import { MemoryObjects } from '../support/objects.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';
import { closedSet } from './closed-set.ts';
import { slotRules } from './factory.ts';

/** The recorded rounds. Their signatures are checked once, by the verifier. */
const BEACON = { round: async (wanted: number) => RECORDED_ROUNDS.find(({ round }) => round === wanted) };
const CLOSE_MS = START_MS + 2 * HOUR_MS;
const ROUND = 1_000;
/** Many more attempts than a slot of this size takes. */
const CALLS_MAX = 2_000;
/** The share of calls that fail, before they happen or after. */
const FAILURES = 0.03;

/** So small that each shard has runs of its own, a pass is saved every few records, and few tickets are candidates. */
const SMALL: SlotSizes = { runOrders: 1, pieceRecords: 3, candidatesMin: 1 };

const order = fc
  .record({
    number: fc.nat(25),
    member: fc.nat(6),
    paidFen: fc.integer({ min: 1, max: 8_000 }),
    late: fc.nat(HOUR_MS - 1),
    isFar: fc.boolean(),
  })
  .map(
    ({ number, member, paidFen, late, isFar }): KeptOrder => ({
      orderId: `order-${number}`,
      timeMs: START_MS + late,
      channel: isFar && number % 5 === 0 ? 'far' : 'near',
      storeId: isFar && number % 5 === 0 ? '' : `store-${number % 3}`,
      paidFen,
      tier: '',
      firstOrder: false,
      memberId: `member-${member}`,
    }),
  );

const slot = fc.record({
  // Different contents under one order id, and repetitions of one content, may be in the same block or in different ones.
  batches: fc.array(fc.array(order, { minLength: 1, maxLength: 12 }), { maxLength: 12 }),
  repeated: fc.array(fc.nat(11), { maxLength: 4 }),
  refunds: fc.array(
    fc.record({ number: fc.nat(25), member: fc.nat(6), fen: fc.integer({ min: 1, max: 8_000 }) }),
    { maxLength: 8 },
  ),
  prizes: fc.integer({ min: 1, max: 8 }),
  quota: fc.integer({ min: 8, max: 20 }),
  budgetFen: fc.integer({ min: 5_000, max: 60_000 }),
  perMember: fc.option(fc.integer({ min: 2, max: 4 }), { nil: undefined }),
  seed: fc.nat(),
});

type SlotCase = typeof slot extends fc.Arbitrary<infer Case> ? Case : never;

const judgedAt = (batch: number): number => START_MS + batch;

const batchesOf = ({ batches, repeated }: SlotCase): KeptOrder[][] => [
  ...batches,
  ...repeated.flatMap((index) => (batches[index] === undefined ? [] : [batches[index]])),
];

const refundsOf = ({ refunds }: SlotCase, { rules, pseudonyms }: OpenSlotDraw) =>
  refunds.map(({ number, member, fen }, i) => ({
    participation: participationOf(rules, {
      orderId: `order-${number}`,
      member: pseudonyms.of(`member-${member}`),
    }),
    eventId: `refund-${i}`.padEnd(16, '.'),
    fen,
  }));

/**
 * Draws a slot that is over, with a new worker for each attempt. Unless `isCalm`, some calls for tables and objects fail,
 * and attempts run out of time.
 */
const drawn = async (given: SlotCase, sizes: SlotSizes, isCalm: boolean) => {
  const random = seededRandom(given.seed);
  const tables = emulatedTables();
  let isArmed = false;
  const around = async <Result>(happen: () => Promise<Result>): Promise<Result> => {
    const fails = isArmed && random() < FAILURES;
    if (fails && random() < 0.5) throw new Error('struck before');
    const result = await happen();
    if (fails) throw new Error('struck after');
    return result;
  };
  const dynamodb = {
    send: (command: never) => around(() => tables.send(command)),
  } as unknown as typeof tables;
  const objects = new MemoryObjects(around);
  const sqs = { send: async () => ({ Successful: [], Failed: [] }) as never };
  const clock = { nowMs: () => CLOSE_MS, wait: async () => {} };
  const worker = (): Runtime => testRuntime({ clients: { dynamodb, sqs, secrets }, clock });
  const opener = worker();
  const { prizes, quota, budgetFen, perMember } = given;
  const limits = perMember === undefined ? {} : { perMember };
  await openCampaign(
    opener,
    'sale',
    slotRules({ slotSeconds: 3_600, prizes, quota, budgetFen, ...limits, minimumPaidFen: 100 }),
  );
  const draw = (await openDraw(opener, 'sale')) as OpenSlotDraw;
  await Promise.all(
    batchesOf(given).map((orders, batch) =>
      keepOrders(opener, draw, orders, judgedAt(batch % given.batches.length)),
    ),
  );
  await putRefunds(opener, 'sale', refundsOf(given, draw));
  isArmed = !isCalm;
  for (let kind = '', calls = 0; kind !== 'drawn'; calls++) {
    if (calls === CALLS_MAX) throw new Error(`slot: expected to be drawn within ${calls} calls, got ${kind}`);
    try {
      const runtime = worker();
      // Even if the time is always over, an attempt takes one step.
      const isOver = () => !isCalm && (given.seed % 2 === 0 || random() < 0.7);
      const work = { runtime, objects, draw, slot: 0, isOver, sizes };
      const state = await closeSlot(work, () => CLOSE_MS);
      if (state.kind === 'closed') {
        await drawClosedSlot(work, state.statement, BEACON);
      }
      ({ kind } = await readSlot(runtime, 'sale', 0));
    } catch (error) {
      if (!/struck/.test(String(error))) throw error;
    }
  }
  isArmed = false;
  await putItemsOnce(opener, 'sale', [seedItem(draw.seed)]);
  const place = { campaignId: 'sale', revision: 'first' };
  await exportDraw(opener, objects, place);
  return {
    draw,
    state: await readSlot(opener, 'sale', 0),
    text: objects.text(exportObject(place)),
    verify: () => verifyStored(objects, place).verdict.findings,
    work: [...objects.stored.keys()].filter((key) => key.startsWith('work/sale/slots-')),
  };
};

/** The result that the definition of a draw gives for the slot, computed in memory. */
const model = (given: SlotCase, draw: OpenSlotDraw, randomness: string | null) => {
  const { rules, pseudonyms } = draw;
  const givenBack = new Map<string, number>();
  for (const { participation, fen } of refundsOf(given, draw))
    givenBack.set(participation, (givenBack.get(participation) ?? 0) + fen);
  const judged = given.batches.flatMap((orders, batch) =>
    orders.map((one) => ({
      entry: toEntry(one, rules, pseudonyms, 0),
      judgedMs: judgedAt(batch),
    })),
  );
  const entries = closedSet(judged, rules.format).map(({ entry }) => ({
    ...entry,
    givenBackFen: givenBack.get(participationOf(rules, entry)) ?? 0,
  }));
  const root = merkleRoot(entries.map((entry) => entryText(entry, rules.format)));
  const seed = slotSeed(draw.seed, { index: 0, root, randomness: randomness ?? '0'.repeat(64) });
  const before = { ledger: new WinLedger(), remaining: allPrizes(rules) };
  return { root, entries, ...drawSlot(entries, rules, new TicketDrawer(seed), before) };
};

it('a slot is drawn as its definition says, and drawing it in parts by any workers gives the same bytes', async () => {
  let inParts = 0;
  await fc.assert(
    fc.asyncProperty(slot, async (given) => {
      const whole = await drawn(given, {}, true);
      if (whole.state.kind !== 'drawn') throw new Error(`expected a drawn slot, got ${whole.state.kind}`);
      const { statement, randomness, remaining } = whole.state;
      const expected = model(given, whole.draw, randomness);
      expect(statement.root).toBe(expected.root);
      expect(statement.entries).toBe(expected.entries.length);
      expect(statement.round).toBe(expected.entries.length === 0 ? null : ROUND);
      expect(remaining).toEqual(expected.remaining);
      const outcomes = whole.text.split('\n').flatMap((line) => /"outcome":"([^"]+)"/.exec(line)?.[1] ?? []);
      expect(outcomes).toEqual(expected.drawn.map(({ outcome }) => outcome));
      expect(whole.verify()).toEqual([]);
      expect(whole.work).toEqual([]);

      const parts = await drawn(given, SMALL, false);
      expect(parts.state).toEqual(whole.state);
      expect(parts.text).toBe(whole.text);
      if (parts.work.length > 0) inParts += 1;
    }),
    { numRuns: 25 },
  );
  expect(inParts).toBeGreaterThan(10);
});

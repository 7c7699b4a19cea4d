import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { allGrants } from '../support/coupon-world.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import {
  type FreeOrderFunctions,
  LONG_AFTER_MS,
  STORM,
  startFreeOrderFunctions,
} from '../support/free-order-functions.ts';
import {
  exportAndVerify,
  leftOf,
  openCampaign,
  orderEvent,
  outboxOf,
  publishedOf,
  START_MS,
} from '../support/free-order-world.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { instantRules, slotRules } from './factory.ts';

const random = seededRandom(11);
const weather = new Weather(random);
const queues = new Queues(random, weather);

/** Several seeds, so that the faults strike in different places. */
const SEEDS = [1, 2, 3, 4];
const ORDERS = 240;

type ExportedEntry = {
  entry: [orderId: string, member: string, timeMs: number];
  ticket: string | null;
  outcome: string;
  revoked: boolean;
};

const outcomeOf = (outcome: string, tookPart: boolean): string =>
  `${tookPart ? 'free-order' : 'free-refused'}/${outcome}`;

const shuffled = <Item>(items: readonly Item[]): Item[] => {
  const rest = [...items];
  return Array.from({ length: rest.length }, () => rest.splice(Math.floor(random() * rest.length), 1)[0]!);
};

const refundOf = (order: OrderEvent): OrderEvent => ({
  ...order,
  kind: 'refunded',
  id: `refund-${order.orderId.slice(-6)}`.padEnd(16, '.'),
  timeMs: order.timeMs + 1,
});

describe('free orders from order to export', () => {
  let functions: FreeOrderFunctions;

  beforeAll(async () => {
    functions = await startFreeOrderFunctions(random, weather, queues);
  });
  afterAll(() => functions.dynoxide.stop());
  afterEach(() => functions.clear());

  /** Does the work that is left while faults may still strike, and then ends the draw without faults. */
  const finish = async (): Promise<void> => {
    const { tick, work } = functions;
    await work();
    weather.rates = NO_FAULTS;
    await work();
    tick(LONG_AFTER_MS);
    await work();
  };

  /** What must hold of every finished draw, whatever happened on the way. */
  const expectSound = async (campaignId: string, rules: FreeOrders, orderIds: readonly string[]) => {
    const { dynoxide, runtime } = functions;
    const exported = await exportAndVerify(runtime, campaignId);

    expect(exported.verdict.findings).toEqual([]);
    expect(exported.verdict.ok).toBe(true);
    const entries: ExportedEntry[] = exported.lines
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === 'entry');
    expect(entries.map(({ entry }) => entry[0]).sort()).toEqual([...orderIds].sort());
    const grants = await allGrants(dynoxide.client, campaignId);
    const won = entries.filter(({ outcome }) => outcome === 'won');
    expect(grants.map(({ trigger }) => trigger)).toHaveLength(won.length);
    const spentFen = grants.reduce((sum, { faceFen }) => sum + faceFen, 0);
    expect(spentFen).toBe(exported.verdict.counts.awardedFen);
    expect(await leftOf(runtime, campaignId)).toEqual({
      quota: rules.quota - grants.length,
      budgetFen: rules.budgetFen - spentFen,
    });
    const published = outboxOf(queues);
    for (const { id, state } of grants) {
      expect(published).toContain(id);
      expect(published.has(`${id}.revoked`)).toBe(state === 'revoked');
    }
    return { ...exported, entries, won, grants };
  };

  it.each(SEEDS)(
    'slots draw exactly their prizes, even if orders are late, doubled, at the edges and refunded, and workers die (%i)',
    async (seed) => {
      const { runtime, send, tick, work } = functions;
      for (let skipped = 0; skipped < seed * 7; skipped++) random();
      const campaignId = `slots-${seed}`;
      const rules = slotRules({ slotSeconds: 900, prizes: 4, perMember: 2, minimumPaidFen: 1_200 });
      await openCampaign(runtime, campaignId, rules);
      const edges = [0, 1, 2, 3].flatMap((slot) => [
        orderEvent(1_000 + slot, { timeMs: START_MS + slot * 900_000 }),
        orderEvent(2_000 + slot, { timeMs: START_MS + (slot + 1) * 900_000 - 1 }),
      ]);
      const orders = [...Array.from({ length: ORDERS }, (_, i) => orderEvent(i)), ...edges];
      const refunds = orders.filter((_, i) => i % 9 === 0).map(refundOf);
      weather.rates = STORM;
      const events = shuffled([...orders, ...refunds, ...orders.slice(0, 60)]);
      for (const slot of [0, 1, 2, 3]) {
        send(campaignId, events.slice((slot * events.length) / 4, ((slot + 1) * events.length) / 4));
        tick(START_MS + (slot + 1) * 900_000 + 60_000 * (slot + 1));
        await work(12);
      }
      await finish();
      const { entries, won, verdict } = await expectSound(
        campaignId,
        rules,
        orders.map(({ orderId }) => orderId),
      );
      expect(verdict.slots).toBe(4);
      const slotOf = (line: ExportedEntry): number => Math.floor((line.entry[2] - START_MS) / 900_000);
      const offered = Map.groupBy(
        entries.filter(({ ticket }) => ticket !== null),
        slotOf,
      );
      const wonIn = Map.groupBy(won, slotOf);
      for (const [slot, candidates] of offered) {
        const limited = candidates.filter(({ outcome }) => outcome === 'member-campaign-limit').length;
        expect(wonIn.get(slot)?.length ?? 0).toBe(Math.min(rules.prizes, candidates.length - limited));
      }
      const { counts, members, conflicts } = publishedOf(queues, campaignId);
      expect(conflicts).toBe(0);
      const { 'free-revoked': revoked, ...ended } = counts;
      const byOutcome = Map.groupBy(entries, ({ outcome, ticket }) => outcomeOf(outcome, ticket !== null));
      expect(ended).toEqual(Object.fromEntries([...byOutcome].map(([label, { length }]) => [label, length])));
      expect(revoked ?? 0).toBe(won.filter((win) => win.revoked).length);
      // At this size a sketch is almost exact.
      const tookPart = new Set(entries.flatMap(({ entry, ticket }) => (ticket === null ? [] : [entry[1]])));
      expect(Math.abs(members - tookPart.size)).toBeLessThanOrEqual(1);
      expect(weather.struck.death).toBeGreaterThan(0);
    },
  );

  it.each(SEEDS)(
    'an instant draw gives exactly once what the rules say, even if orders are doubled and refunded, and workers die (%i)',
    async (seed) => {
      const { runtime, send } = functions;
      for (let skipped = 0; skipped < seed * 5; skipped++) random();
      const campaignId = `instant-${seed}`;
      const rules = instantRules({
        odds: { win: 1, in: 2 },
        quota: 70,
        budgetFen: 150_000,
        perMember: 2,
        perMemberPerDay: 1,
      });
      await openCampaign(runtime, campaignId, rules);
      const orders = Array.from({ length: ORDERS }, (_, i) => orderEvent(i));
      const refunds = orders.filter((_, i) => i % 2 === 0).map(refundOf);
      weather.rates = STORM;
      send(campaignId, shuffled([...orders, ...refunds, ...orders.slice(0, 60)]));
      await finish();
      const { grants, entries } = await expectSound(
        campaignId,
        rules,
        orders.map(({ orderId }) => orderId),
      );
      expect(grants.length).toBeGreaterThan(20);
      const refunded = new Set(refunds.map(({ orderId }) => orderId));
      for (const { entry, outcome, revoked } of entries) {
        if (outcome === 'won') expect(revoked).toBe(refunded.has(entry[0]));
      }
    },
  );
});

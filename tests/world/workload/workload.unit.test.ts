import { describe, expect, it } from 'vitest';
import { Ledger } from '../oracle/ledger.ts';
import { scriptedWorkload, workloadOf } from './index.ts';
import { SCRIPTED } from './scripted/index.ts';
import type { OutboxGrant, Workload } from './workload.ts';

type Sent = { readonly text: string; readonly atMs: number };

/** What a workload sends by itself, and in answer to these grants, which are published to it as soon as it has started. */
const sentBy = ({ startMs, start }: Workload, grants: readonly OutboxGrant[] = []): Sent[] => {
  const sent: Sent[] = [];
  const listeners: ((grant: OutboxGrant) => void)[] = [];
  const later: (() => void)[] = [];
  start({
    scheduler: { nowMs: startMs, at: (_, happen) => later.push(happen) },
    send: (body, atMs) => sent.push({ text: typeof body === 'string' ? body : JSON.stringify(body), atMs }),
    onGrant: (listen) => listeners.push(listen),
    redrive: () => {},
  });
  for (const grant of grants) for (const listen of listeners) listen(grant);
  for (const happen of later) happen();
  return sent;
};

const MINUTE_MS = 60_000;
const EXPIRY_MS = Date.parse('2026-11-10T16:10:00.000Z');

const grantOf = (i: number): OutboxGrant => ({
  type: 'coupon.granted',
  id: `main-1.00.member${i}`,
  time: '2026-11-10T15:10:00.000Z',
  data: {
    campaignId: 'main-1',
    memberId: `member-${i}`,
    offerId: 'offer-0',
    amountFen: 500,
    budget: 'engine/platform',
    expiresAt: new Date(EXPIRY_MS).toISOString(),
  },
});

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed);

describe('a sale', () => {
  it('is the same again for the same seed, and different for another seed', () => {
    const grants = Array.from({ length: 20 }, (_, i) => grantOf(i));
    expect(sentBy(workloadOf(7), grants)).toEqual(sentBy(workloadOf(7), grants));
    expect(sentBy(workloadOf(7))).not.toEqual(sentBy(workloadOf(8)));
  });

  it('has more than 200 events, mistakes among them, before its members use a coupon', () => {
    for (const seed of SEEDS) {
      const ledger = new Ledger();
      for (const { text, atMs } of sentBy(workloadOf(seed))) ledger.note(text, atMs);
      expect(ledger.events).toBeGreaterThan(200);
      expect(ledger.bad.length).toBeGreaterThan(15);
    }
  });

  it('answers a coupon in the same way, however often it is published, and whatever is published with it', () => {
    const [a, b] = [grantOf(1), grantOf(2)];
    const answers = (grants: readonly OutboxGrant[]) =>
      sentBy(workloadOf(1), grants)
        .slice(sentBy(workloadOf(1)).length)
        .flatMap(({ text, atMs }) =>
          [JSON.parse(text) as unknown].flat().map((event) => `${atMs} ${JSON.stringify(event)}`),
        )
        .sort();
    expect(answers([a, b, a])).toEqual(answers([b, a]));
  });

  it('sends each use of a coupon before the shortest settlement ends, an hour after the expiry', () => {
    // One coupon expires at each minute of an hour, because late events are sent at full and half hours.
    const grants = Array.from({ length: 60 }, (_, i): OutboxGrant => {
      const { data, ...grant } = grantOf(i);
      return { ...grant, data: { ...data, expiresAt: new Date(EXPIRY_MS + i * MINUTE_MS).toISOString() } };
    });
    const latenesses = SEEDS.flatMap((seed) => {
      const ledger = new Ledger();
      for (const { text, atMs } of sentBy(workloadOf(seed), grants)) ledger.note(text, atMs);
      return grants.flatMap(({ id, data }) =>
        (ledger.byCoupon.get(id) ?? [])
          .filter(({ kind, timeMs }) => kind === 'paid' && timeMs < Date.parse(data.expiresAt))
          .map(({ sentMs }) => (sentMs - Date.parse(data.expiresAt)) / MINUTE_MS),
      );
    });
    expect(Math.max(...latenesses)).toBeGreaterThan(30);
    expect(Math.max(...latenesses)).toBeLessThan(55);
  });

  it('has in some seeds late and contradictory orders, coupons that several members name, and a member with many orders', () => {
    const ledger = new Ledger();
    for (const seed of SEEDS)
      for (const { text, atMs } of sentBy(workloadOf(seed), SEEDS.map(grantOf))) ledger.note(text, atMs);
    const orders = [...ledger.orders.values()].flat();
    const late = orders.map(({ sentMs, timeMs }) => sentMs - timeMs);
    expect(late.some((ms) => ms > 86_400_000)).toBe(true);
    expect(late.some((ms) => ms > 1_200_000 && ms < 86_400_000)).toBe(true);
    expect([...ledger.orders.values()].some((contents) => contents.length > 1)).toBe(true);
    expect(
      [...ledger.byCoupon.values()].some((named) => new Set(named.map(({ member }) => member)).size > 1),
    ).toBe(true);
    expect(Math.max(...[...ledger.byMember.values()].map((sent) => sent.length))).toBeGreaterThan(100);
  });
});

describe('scripted workloads', () => {
  it('are found by their names, and send the same messages each time', () => {
    for (const name of Object.keys(SCRIPTED)) {
      const workload = scriptedWorkload(name);
      expect(workload.name).toBe(name);
      expect(sentBy(workload)).toEqual(sentBy(scriptedWorkload(name)));
      expect(sentBy(workload).length).toBeGreaterThan(1);
    }
    expect(() => scriptedWorkload('money-99')).toThrow('expected one of');
  });
});

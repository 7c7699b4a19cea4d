import { describe, expect, it } from 'vitest';
import { parseEvent } from '#events/contract.ts';
import { SCALE_MIN } from '#simulator/announced.ts';
import { EVERYDAY_END_MS, EVERYDAY_MS } from '#simulator/calendar.ts';
import { EVERYDAY, everydayDefinition, SALE } from '#simulator/campaigns.ts';
import { type Simulation, simulate } from '#simulator/simulator.ts';

type Order = {
  id: string;
  time: string;
  data: { orderId: string; memberId: string; couponId?: string; amountFen: number };
};

/** A simulation whose history has been read to its end, and the everyday order of each member. */
const prepared = (seed: number): { simulation: Simulation; everyday: Map<string, Order> } => {
  const simulation = simulate(seed, SCALE_MIN);
  const everyday = new Map<string, Order>();
  for (const text of [...simulation.history.texts].flat()) {
    const event = JSON.parse(text) as Order;
    if (event.data.orderId?.startsWith('everyday-')) everyday.set(event.data.memberId, event);
  }
  return { simulation, everyday };
};

const couponOf = (memberId: string, campaignId = EVERYDAY) => ({
  grantId: `grant-${memberId}`,
  campaignId,
  memberId,
  offerId: '3-off-30',
  budget: 'engine/thanks',
});

const ordersOf = ({ history }: Simulation): Order[] => history.trial.take().map((text) => JSON.parse(text));

describe('the coupons of the trial between the sales', () => {
  const { simulation, everyday } = prepared(5);
  const members = [...everyday.keys()];
  simulation.tell(
    members.map((member) => couponOf(member)),
    EVERYDAY_END_MS,
  );
  const orders = ordersOf(simulation);

  it('lead some members to order once more, after the order that brought the coupon', () => {
    const share = orders.length / members.length;
    expect(share).toBeGreaterThan(0.005);
    expect(share).toBeLessThan(0.3);
    const { thresholdFen } = everydayDefinition().coupons!.offers[0]!;
    for (const { time, data } of orders) {
      expect(data.couponId).toBe(`grant-${data.memberId}`);
      expect(data.amountFen).toBeGreaterThanOrEqual(thresholdFen);
      const atMs = Date.parse(time);
      expect(atMs).toBeGreaterThanOrEqual(Date.parse(everyday.get(data.memberId)!.time));
      expect(atMs).toBeGreaterThanOrEqual(EVERYDAY_MS);
      expect(atMs).toBeLessThan(EVERYDAY_END_MS);
    }
    expect(new Set(orders.map(({ id }) => id)).size).toBe(orders.length);
  });

  it('lead to orders that the contract accepts', () => {
    const refused = orders.filter((order) => !parseEvent(order, EVERYDAY_END_MS).ok);
    expect(refused).toEqual([]);
  });

  it('lead to the same orders whichever comes first, and to none for a repeated coupon, an unknown member or another campaign', () => {
    const again = prepared(5).simulation;
    for (const member of members.toReversed()) again.tell([couponOf(member)], EVERYDAY_END_MS);
    const byId = (some: Order[]) => some.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(byId(ordersOf(again))).toEqual(byId(orders));
    again.tell(
      members.map((member) => couponOf(member)),
      EVERYDAY_END_MS,
    );
    again.tell([couponOf('nobody')], EVERYDAY_END_MS);
    expect(ordersOf(again)).toEqual([]);
    const other = prepared(5).simulation;
    other.tell(
      members.map((member) => couponOf(member, SALE)),
      EVERYDAY_END_MS,
    );
    expect(ordersOf(other)).toEqual([]);
  });
});

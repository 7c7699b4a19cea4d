import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readout } from '#domain/experiment/readout.ts';
import type { BlockEvent } from '#domain/metrics/block-event.ts';
import { memberHashOf } from '#domain/metrics/member-hash.ts';
import { appendInto, emptyRow, type Row, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { COUPONS } from './population.ts';

const eventOf = (id: string, label: string, changes: Partial<BlockEvent> = {}): BlockEvent => ({
  id,
  timeMs: 1,
  label,
  brand: '',
  amountFen: 0,
  count: 1,
  contributions: [],
  memberHash: 0,
  sentMs: 0,
  store: '',
  ...changes,
});

/** A row of counts that no order belongs to, such as `assigned/engine`. */
const rowOfCounts = (counts: Readonly<Record<string, number>>): Row =>
  rowOfEvents(Object.entries(counts).map(([label, count]) => eventOf(label, label, { count })));

const BALANCED = { 'assigned/engine': 70_000, 'assigned/baseline': 15_000, 'assigned/control': 15_000 };

/** The orders of an arm's members: `each` orders of every member, at 100 CNY an order. */
const ordersOf = (arm: string, members: number, each = 1): BlockEvent[] =>
  Array.from({ length: members * each }, (_, i) =>
    eventOf(`${arm}-${i}`, `paid/${i % 2 === 0 ? 'far' : 'near'}/${arm}`, {
      amountFen: 10_000,
      memberHash: memberHashOf(`${arm}-${i % members}`),
    }),
  );

describe('an experiment’s readout', () => {
  it('exists only for campaigns with more than one arm', () => {
    const { arms: _, ...withoutArms } = COUPONS;
    expect(readout(emptyRow(), withoutArms)).toBeUndefined();
    expect(
      readout(emptyRow(), { ...COUPONS, arms: { engine: 100, baseline: 0, control: 0 } }),
    ).toBeUndefined();
    const { arms } = readout(emptyRow(), { ...COUPONS, arms: { engine: 80, baseline: 0, control: 20 } })!;
    expect(arms.map(({ arm }) => arm)).toEqual(['engine', 'control']);
  });

  it('has no estimates for a sale that has not begun', () => {
    const none = { engine: undefined, baseline: undefined };
    expect(readout(emptyRow(), COUPONS)).toMatchObject({
      confidence: 0.95,
      conversionLift: undefined,
      ordersPerMember: none,
      netFenPerMember: none,
      sampleRatio: { pValue: 1, isMismatched: false },
      membersNeeded: undefined,
    });
  });

  it('counts coupons that are redeemed now: a returned one does not count, and one used again counts once', () => {
    const row = rowOfCounts({
      ...BALANCED,
      'coupon-issued/engine/a': 600,
      'coupon-issued/engine/b': 400,
      'coupon-redeemed/engine/a': 170,
      'coupon-redeemed/engine/b': 80,
      'coupon-returned/engine/a': 50,
      'coupon-issued/baseline/a': 1_000,
      'coupon-redeemed/baseline/a': 160,
    });
    const { arms, conversionLift } = readout(row, COUPONS)!;
    expect(arms[0]).toMatchObject({ arm: 'engine', issued: 1_000, redeemed: 200 });
    expect(conversionLift!.estimate).toBeCloseTo(0.25, 12);
  });

  it('compares orders and net amounts per member assigned to an arm, over all channels, with refunds taken off', () => {
    const row = rowOfCounts(BALANCED);
    appendInto(
      row,
      rowOfEvents([
        ...ordersOf('engine', 1_400),
        ...ordersOf('control', 150),
        eventOf('back', 'refunded/far/engine', {
          amountFen: 7_000,
          memberHash: memberHashOf('engine-0'),
        }),
      ]),
    );
    const { arms, ordersPerMember, netFenPerMember } = readout(row, COUPONS)!;
    expect(arms[0]).toMatchObject({ orders: 1_400, netFen: 13_993_000 });
    expect(ordersPerMember.engine!.estimate).toBeCloseTo(0.02 - 0.01, 12);
    expect(netFenPerMember.engine!.estimate).toBeCloseTo(13_993_000 / 70_000 - 1_500_000 / 15_000, 9);
    expect(ordersPerMember.baseline).toBeUndefined();
  });

  it('is less certain if fewer members made the same number of orders', () => {
    const widthOf = (members: number, each: number): number => {
      const row = rowOfCounts(BALANCED);
      appendInto(
        row,
        rowOfEvents([...ordersOf('engine', members, each), ...ordersOf('control', members, each)]),
      );
      const { low, high } = readout(row, COUPONS)!.ordersPerMember.engine!;
      return high - low;
    };
    expect(widthOf(100, 9) / widthOf(900, 1)).toBeCloseTo(3, 10);
  });

  it('warns if the arms do not have the shares of members that the campaign gives them', () => {
    const { sampleRatio } = readout(rowOfCounts({ ...BALANCED, 'assigned/control': 13_000 }), COUPONS)!;
    expect(sampleRatio.isMismatched).toBe(true);
    expect(readout(rowOfCounts(BALANCED), COUPONS)!.sampleRatio.isMismatched).toBe(false);
  });

  it('says how many members are needed, until there are enough', () => {
    const neededOf = (issued: number): number | undefined =>
      readout(
        rowOfCounts({
          'assigned/engine': 2 * issued,
          'assigned/baseline': 2 * issued,
          'coupon-issued/engine/a': issued,
          'coupon-redeemed/engine/a': issued / 10,
          'coupon-issued/baseline/a': issued,
          'coupon-redeemed/baseline/a': issued / 10,
        }),
        COUPONS,
      )!.membersNeeded;
    // 6,690 coupons per arm are enough for a single look. Any number of looks takes (3.04 + 0.84)² / (1.96 + 0.84)² times as
    // many, and only every other member has a coupon.
    const needed = neededOf(1_000)!;
    expect(needed).toBeCloseTo(2 * 6_690 * (3.88 / 2.8) ** 2, -2);
    const enough = Math.ceil(needed / 20) * 10;
    expect(neededOf(enough - 10)).toBe(needed);
    expect(neededOf(enough)).toBeUndefined();
  });

  it('is the same in whatever order the events are counted', () => {
    const events = [
      ...Object.entries(BALANCED).map(([label, count]) => eventOf(label, label, { count })),
      ...ordersOf('engine', 300, 2),
      ...ordersOf('control', 60),
    ];
    const expected = readout(rowOfEvents(events), COUPONS);
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        expect(readout(rowOfEvents(shuffled), COUPONS)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('has wider intervals for more confidence', () => {
    const row = rowOfCounts(BALANCED);
    appendInto(row, rowOfEvents([...ordersOf('engine', 400), ...ordersOf('control', 80)]));
    const [usual, sure] = [0.95, 0.999].map((confidence) => readout(row, COUPONS, confidence)!);
    expect(sure!.confidence).toBe(0.999);
    expect(sure!.ordersPerMember.engine!.low).toBeLessThan(usual!.ordersPerMember.engine!.low);
  });
});

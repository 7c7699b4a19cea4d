import { describe, expect, it } from 'vitest';
import { excludesZero } from '#domain/board/render/sentence.ts';
import { armOf } from '#domain/campaigns/arms.ts';
import { newcomerEvents } from '#domain/experiment/assigned.ts';
import { readout } from '#domain/experiment/readout.ts';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { appendInto, emptyRow, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { paid, START_MS, settings } from '../metrics/factories.ts';
import { FIGURES, type SaleResult, watchSale } from './coverage.ts';
import { COUPONS } from './population.ts';

const SALES = 200;
const MEMBERS = 3_000;
const LOOKS = 60;
const MOST_WRONG = 0.05 * SALES;

const watchAll = (newcomers: number, hasEffect: boolean): SaleResult[] =>
  Array.from({ length: SALES }, (_, i) =>
    watchSale({ seed: 5_000_000 + i, members: MEMBERS, looks: LOOKS, hasEffect, newcomers }),
  );

/** All figures but the first, the conversion of coupons: newcomers get no coupons here. */
const PER_MEMBER = FIGURES.map(({ name }, index) => ({ name, index })).slice(1);

describe.each([0, 0.5, 1])('sales in which a share of %d of the members are newcomers', (newcomers) => {
  it('show a difference in at most 5 % of them if there is none, however often one looks', () => {
    const sales = watchAll(newcomers, false);
    for (const { index, name } of PER_MEMBER) {
      const shown = sales.filter(({ figures }) => figures[index]!.shownAt !== undefined);
      expect(shown.length, name).toBeLessThanOrEqual(MOST_WRONG);
      expect(sales.some(({ figures }) => figures[index]!.shown > LOOKS / 2)).toBe(true);
    }
    expect(sales.some(({ isMismatched }) => isMismatched)).toBe(false);
  });

  it('have intervals that contain the truth at every look, in at least 95 % of the sales with an effect', () => {
    const sales = watchAll(newcomers, true);
    for (const { index, name } of PER_MEMBER) {
      const missed = sales.filter(({ figures }) => !figures[index]!.isCovered);
      expect(missed.length, name).toBeLessThanOrEqual(MOST_WRONG);
    }
  });
});

describe('sales in which almost nobody was known before, and everybody orders once', () => {
  const KNOWN = 60;
  const NEWCOMERS = 3_000;
  const SALES_ALIKE = 40;

  it('show a difference in at most 5 % of them, however often one looks', () => {
    const shown = new Set<number>();
    for (let sale = 0; sale < SALES_ALIKE; sale++) {
      const coupons: Coupons = {
        ...COUPONS,
        salt: `sale-${sale}`,
        arms: { engine: 50, baseline: 0, control: 50 },
      };
      const campaign = settings({ campaignId: `sale-${sale}` });
      const row = emptyRow();
      const known = Array.from({ length: KNOWN }, (_, i) => armOf(coupons, `known-${i}`));
      for (const arm of ['engine', 'control'] as const) {
        const count = known.filter((one) => one === arm).length;
        const assigned = paid({ order: `plan-${arm}`, label: `assigned/${arm}`, brand: '', amountFen: 0 });
        appendInto(row, rowOfEvents([toBlockEvent({ ...assigned, member: '', count })]));
      }
      for (let i = 0; i < NEWCOMERS; i++) {
        const member = `new-${i}`;
        const timeMs = START_MS + i;
        const order = paid({
          order: `o${i}`,
          timeMs,
          label: `paid/far/${armOf(coupons, member)}`,
          member,
          amountFen: 10_000,
        });
        const events = [order, ...newcomerEvents(campaign, coupons, member, timeMs)];
        appendInto(row, rowOfEvents(events.map(toBlockEvent)));
        if (i % 50 !== 49) continue;
        const { ordersPerMember, netFenPerMember } = readout(row, coupons)!;
        for (const interval of [ordersPerMember.engine, netFenPerMember.engine])
          if (interval !== undefined && excludesZero(interval)) shown.add(sale);
      }
    }
    expect(shown.size).toBeLessThanOrEqual(0.05 * SALES_ALIKE);
  });
});

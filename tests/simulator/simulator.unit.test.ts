import { describe, expect, it } from 'vitest';
import { CouponIdKey, couponIdOf } from '#domain/grants/coupon-id.ts';
import { parseBody, parseEvent } from '#events/contract.ts';
import { BRANDS_ABOVE_LINE, BRANDS_DOUBLED, SCALE_MIN, sizeAt } from '#simulator/announced.ts';
import { EVERYDAY_END_MS, PRESALE_MS, SALE_END_MS, SALE_MS } from '#simulator/calendar.ts';
import { SALE } from '#simulator/campaigns.ts';
import { headlineOf } from '#simulator/ledger.ts';
import { type Simulation, simulate } from '#simulator/simulator.ts';
import { truthOf } from '#simulator/truth.ts';

const headline = ({ hour, history, size }: Simulation) =>
  headlineOf(hour.ledger, history.lastYear, size.lineFen);

describe('the sizes of a simulated sale', () => {
  it('are a thousandth of what was announced, but the numbers of brands are unchanged', () => {
    expect(sizeAt(1)).toMatchObject({ topTierMembers: 53_000, participants: 8_000, lineFen: 10_000_000 });
    expect([BRANDS_ABOVE_LINE, BRANDS_DOUBLED]).toEqual([35, 1_802]);
  });

  it.each([0.1, 11, Number.NaN])('refuse the scale %s', (scale) => {
    expect(() => sizeAt(scale)).toThrow(`scale: expected a number from ${SCALE_MIN} to 10, got ${scale}`);
  });
});

describe('a simulated sale', () => {
  it('has the announced figures at scale 1, and more members than last year', {
    timeout: 20_000,
  }, () => {
    const simulation = simulate(1, 1);
    simulation.hour.due(SALE_END_MS);
    const found = headline(simulation);
    expect(found).toMatchObject({ participants: 8_000, brandsAtLine: 35, brandsDoubled: 1_802 });
    expect(found.members).toBeGreaterThan(found.lastYearMembers);
    expect(found.refunds).toBeGreaterThan(100);
    expect(found.orders).toBeGreaterThan(25_000);
    expect(simulation.hour.isOver).toBe(true);
  });

  it('consists of events that the contract takes, and of a few bodies that it refuses', () => {
    const { earlierOpenings, opening, history, hour } = simulate(7, SCALE_MIN);
    const refused = (texts: Iterable<string>, nowMs: number): number => {
      let count = 0;
      for (const text of texts) {
        const body = parseBody(text);
        const result = body.ok ? parseEvent(body.events[0], nowMs) : body;
        if (!result.ok) count += 1;
      }
      return count;
    };
    expect(refused([...earlierOpenings, opening], PRESALE_MS)).toBe(0);
    expect(refused([...history.texts].flat(), EVERYDAY_END_MS)).toBe(0);
    const due = hour.due(SALE_END_MS);
    expect(
      refused(
        due.filter(({ alone }) => !alone).map(({ text }) => text),
        SALE_END_MS,
      ),
    ).toBe(0);
    const alone = due.filter((event) => event.alone).map(({ text }) => text);
    expect(refused(alone, SALE_END_MS)).toBe(alone.length);
    expect(hour.malformed).toBe(alone.length);
    expect(alone.length).toBeGreaterThan(5);
  });

  it('sends every event once its time has come and never before', () => {
    const { hour } = simulate(3, SCALE_MIN);
    const early = hour.due(SALE_MS + 600_500);
    const times = early.flatMap(({ text, alone }) => (alone ? [] : [Date.parse(JSON.parse(text).time)]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(SALE_MS + 600_500);
    expect(hour.due(SALE_MS + 600_500)).toEqual([]);
    const rest = hour.due(SALE_END_MS).flatMap(({ text, alone }) => (alone ? [] : [JSON.parse(text)]));
    expect(Math.min(...rest.map(({ time }) => Date.parse(time)))).toBeGreaterThanOrEqual(SALE_MS + 600_000);
  });

  it('ignores coupons of unknown members, coupons of other campaigns, and coupons that it was told of before', () => {
    const { hour, members } = simulate(3, SCALE_MIN);
    const coupon = {
      grantId: 'double11-2026.00.aaaaaaaaaaaa',
      campaignId: 'double11-2026',
      memberId: members[0]!.member,
      offerId: '10-off-99',
      budget: 'engine/platform',
    };
    hour.tell([coupon, coupon, { ...coupon, grantId: 'b', campaignId: 'everyday-2026' }], SALE_MS);
    hour.tell([coupon, { ...coupon, grantId: 'c', memberId: 'nobody' }], SALE_MS);
    expect(hour.effects).toHaveLength(1);
    expect(hour.effects[0]).toMatchObject({ arm: 'engine', offer: '10-off-99', isPresale: true });
  });
});

describe('a coupon', () => {
  const key = new CouponIdKey(new Uint8Array(32), SALE);

  it.each([
    ['keyed', 0, key, true],
    ['former', 0, undefined, true],
    ['keyed', 1, key, false],
    ['former', 1, undefined, false],
  ] as const)(
    'under a %s id of slot %i is taken as the presale’s only if the slot is 0',
    (_, slot, ofKey, is) => {
      const { hour, members } = simulate(3, SCALE_MIN);
      const { member } = members[0]!;
      const grantId = couponIdOf({ campaignId: SALE, slot, member, trigger: 'order-1' }, ofKey);
      const offer = { offerId: '10-off-99', budget: 'engine/platform' };
      hour.tell([{ grantId, campaignId: SALE, memberId: member, ...offer }], SALE_MS);
      expect(hour.effects).toMatchObject([{ isPresale: is }]);
    },
  );
});

describe('the truth of a sale', () => {
  it('is how much better the engine’s coupons convert, and what coupons brought for each eligible member', () => {
    const effect = { offer: 'o', isPresale: true };
    const truth = truthOf(
      [
        { ...effect, arm: 'engine', conversion: 0.6, orders: 0.1, netFen: 300 },
        { ...effect, arm: 'engine', conversion: 0.3, orders: 0.3, netFen: 700 },
        { ...effect, arm: 'baseline', conversion: 0.3, orders: 0, netFen: 0 },
      ],
      { engine: 4, baseline: 2, control: 2 },
    );
    expect(truth.conversionLift).toBeCloseTo(0.5, 12);
    expect(truth.ordersPerMember).toEqual({ engine: 0.1, baseline: 0, control: 0 });
    expect(truth.netFenPerMember).toEqual({ engine: 250, baseline: 0, control: 0 });
  });
});

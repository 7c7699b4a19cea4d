import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidatesOfMember, memberHash } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { Histogram, PLAN_BITS } from '#domain/allocation/histogram.ts';
import { priceBand, priceFor } from '#domain/allocation/price.ts';
import { TieCells } from '#domain/allocation/tie-cells.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';

const MEMBERS = 4_000;
const COST_FEN = 500;
const OFFER = { value: 3, costFen: COST_FEN, pool: 0 };

const newcomer = (member: number) => candidatesOfMember(memberHash(`newcomer-${member}`), [OFFER]);

type Counted = { histogram: Histogram; ties: TieCells };

const countedOf = (members: readonly number[]): Counted => {
  const counted = { histogram: new Histogram(PLAN_BITS), ties: new TieCells() };
  for (const member of members) counted.histogram.add(newcomer(member), counted.ties);
  return counted;
};

const ALL = Array.from({ length: MEMBERS }, (_, member) => member);

const stored = ({ histogram, ties }: Counted): Counted => {
  const writer = new ByteWriter();
  ties.encode(writer, histogram);
  return {
    histogram: Histogram.decode(histogram.encode()),
    ties: TieCells.decode(new ByteReader(writer.bytes())),
  };
};

const spentOf = ({ histogram, ties }: Counted, budgetFen: number): number => {
  const band = priceBand(histogram, budgetFen, ties);
  const served = ALL.filter((member) => {
    const candidates = newcomer(member);
    return choose(candidates, 0, [priceFor(band, candidates.hash[0]!)]) !== NONE;
  });
  return served.length * COST_FEN;
};

describe('members of whom nothing is known', () => {
  it('are served until the budget is spent, give or take 0.2 % of what all of them cost', () => {
    const counted = stored(countedOf(ALL));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MEMBERS * COST_FEN }), (budgetFen) => {
        const missedFen = Math.abs(spentOf(counted, budgetFen) - budgetFen);
        expect(missedFen).toBeLessThanOrEqual((MEMBERS * COST_FEN) / 500);
      }),
    );
  });

  it('are served alike, in whatever parts they were counted', () => {
    const whole = countedOf(ALL);
    const cuts = fc.tuple(fc.integer({ min: 1, max: MEMBERS - 1 }), fc.integer({ min: 1, max: 1_999_999 }));
    fc.assert(
      fc.property(cuts, ([cut, budgetFen]) => {
        const merged = countedOf(ALL.slice(0, cut));
        const rest = countedOf(ALL.slice(cut));
        merged.histogram.merge(rest.histogram);
        merged.ties.merge(rest.ties);
        const { place } = priceBand(merged.histogram, budgetFen, merged.ties);
        expect(place).toBe(priceBand(whole.histogram, budgetFen, whole.ties).place);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a band of the previous version, which names no place', () => {
  it('serves its share of the members', () => {
    const band = { low: 1, high: 2, share: 0.25, surelyFen: 0, bound: 0 };
    const served = ALL.filter((member) => priceFor(band, memberHash(`m-${member}`)) === 1).length;
    expect(Math.abs(served / MEMBERS - 0.25)).toBeLessThan(0.03);
  });
});

describe('the cells of ties', () => {
  it('are written only for buckets that hold much of the money', () => {
    const histogram = new Histogram(PLAN_BITS);
    const ties = new TieCells();
    for (let member = 0; member < 100_000; member++) {
      const value = 10 ** ((member % 6_000) / 1_000);
      histogram.add(candidatesOfMember(memberHash(`m-${member}`), [{ ...OFFER, value }]), ties);
    }
    const writer = new ByteWriter();
    ties.encode(writer, histogram);
    expect(writer.bytes().length).toBe(1);
  });

  it('treat money that is in no cell as spread evenly', () => {
    const ties = new TieCells();
    ties.add(7, 0.75, 400);
    // Of 1,200 fen, 800 are spread evenly: 600 of them before the place of the other 400.
    expect(ties.placeBefore(7, 600, 1_200)).toBeCloseTo(0.75, 9);
    expect(ties.placeBefore(8, 300, 1_200)).toBe(0.25);
  });
});

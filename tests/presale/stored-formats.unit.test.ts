import { describe, expect, it } from 'vitest';
import { decodeTallies, encodeTallies, limitsOfSegment } from '#domain/presale/audience-tallies.ts';
import type { Coupons } from '#events/sections/coupons.ts';

const COUPONS: Coupons = {
  budgets: [{ pool: 'a', totalFen: 1_000, presaleShare: 1 }],
  offers: [],
  salt: 's',
  objective: 'conversions',
  perMemberLimit: 1,
  epsilon: 0,
};

/**
 * Tallies of three members with one offer, written in November 2026: without the cells of ties (see domain/allocation), with
 * these cells, and with these cells and the cost of random choices.
 */
const TALLIES_1 = 'Y2BgYGBgYWRgYBBh5GRmZoACxp4FTHe4d3sCAA==';
const TALLIES_1_TIES = 'Y2BgYGBgYWRgYBBh5GRmZoACxp4FTHe4d3uCaAaC4AszYTW0NYDGNgIA';
const TALLIES_1_RANDOM = 'Y2BgYGBgYWRgYBBh5GRmZoACxp4FTHe4d3uCaAaC4AszYTW0NYDGNu5hBQA=';

const read = (base64: string) => decodeTallies(COUPONS, Buffer.from(base64, 'base64'), limitsOfSegment(32));

describe('the tallies of an audience', () => {
  it.each([TALLIES_1, TALLIES_1_TIES])('are read with and without the cells of ties (%s)', (base64) => {
    const tally = read(base64).arms.get('engine')!;
    expect(tally.kind === 'histogram' && tally.histogram.allFen).toBe(1_500);
  });

  it('are written with the cells of ties and what random choices cost, byte for byte', () => {
    const tallies = read(TALLIES_1_TIES);
    const tally = tallies.arms.get('engine')!;
    expect(tally).toMatchObject({ randomFen: 0 });
    Object.assign(tally, { randomFen: 700 });
    expect(Buffer.from(encodeTallies(tallies)).toString('base64')).toBe(TALLIES_1_RANDOM);
    expect(read(TALLIES_1_RANDOM).arms.get('engine')).toMatchObject({ randomFen: 700 });
  });
});

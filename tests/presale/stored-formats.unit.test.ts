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

/** Written in November 2026, of three members with one offer: without and with the cells of ties. */
const TALLIES_1 = 'Y2BgYGBgYWRgYBBh5GRmZoACxp4FTHe4d3sCAA==';
const TALLIES_1_TIES = 'Y2BgYGBgYWRgYBBh5GRmZoACxp4FTHe4d3uCaAaC4AszYTW0NYDGNgIA';

const read = (base64: string) => decodeTallies(COUPONS, Buffer.from(base64, 'base64'), limitsOfSegment(32));

describe('the tallies of an audience', () => {
  it.each([TALLIES_1, TALLIES_1_TIES])('are read in both forms (%s)', (base64) => {
    const tally = read(base64).arms.get('engine')!;
    expect(tally.kind === 'histogram' && tally.histogram.allFen).toBe(1_500);
  });

  it('are written with the cells of ties, byte by byte', () => {
    expect(Buffer.from(encodeTallies(read(TALLIES_1_TIES))).toString('base64')).toBe(TALLIES_1_TIES);
  });
});

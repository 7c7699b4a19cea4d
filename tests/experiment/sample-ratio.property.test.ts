import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MISMATCH_P_VALUE, sampleRatioPValue } from '#domain/experiment/sample-ratio.ts';
import { seededRandom } from '../support/random.ts';

const SHARES = [0.7, 0.15, 0.15];
const PRIOR_MEMBERS = 1_000;

const pValueOf = (counts: readonly number[]): number =>
  sampleRatioPValue(counts.map((count, i) => ({ count, share: SHARES[i]! })));

describe('the sample-ratio check', () => {
  it('gives one over a product: for each member, the share predicted from those before divided by the planned share', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 300 }), (arms) => {
        const counts = [0, 0, 0];
        let logFactor = 0;
        for (const [before, arm] of arms.entries()) {
          const share = SHARES[arm]!;
          const predicted = (PRIOR_MEMBERS * share + counts[arm]!) / (PRIOR_MEMBERS + before);
          logFactor += Math.log(predicted / share);
          counts[arm]!++;
        }
        expect(pValueOf(counts)).toBeCloseTo(Math.min(1, Math.exp(-logFactor)), 8);
      }),
    );
  });

  it('warns of sound arms in fewer sales than the level allows, although it looks after every 20th member', () => {
    const random = seededRandom(1);
    const sales = 1_000;
    const level = 0.05;
    let faulted = 0;
    for (let sale = 0; sale < sales; sale++) {
      const counts = [0, 0, 0];
      for (let member = 1; member <= 5_000; member++) {
        const position = random();
        counts[position < 0.7 ? 0 : position < 0.85 ? 1 : 2]!++;
        if (member % 20 !== 0 || pValueOf(counts) >= level) continue;
        faulted++;
        break;
      }
    }
    expect(faulted / sales).toBeLessThan(level);
  });

  it.each([
    ['one percentage point too few members in the control arm', [42_600, 9_000, 8_400]],
    ['half of a small sale’s baseline lost', [700, 75, 150]],
    ['a member in an arm that is to have none', [0, 0, 0, 1]],
  ])('detects %s', (_, counts) => {
    const arms = counts.map((count, i) => ({ count, share: SHARES[i] ?? 0 }));
    expect(sampleRatioPValue(arms)).toBeLessThan(MISMATCH_P_VALUE);
  });

  it.each([
    ['a sale without members', [0, 0, 0]],
    ['exact shares', [42_000, 9_000, 9_000]],
    ['differences by chance', [42_150, 8_900, 8_950]],
  ])('lets %s pass', (_, counts) => {
    expect(pValueOf(counts)).toBeGreaterThan(0.1);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Example, fromExampleTuple, toExampleTuple } from '#domain/learning/example.ts';
import { packExamples, unpackExamples } from '#domain/learning/example-block.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import {
  decodeUseStatistics,
  emptyUseStatistics,
  encodeUseStatistics,
  issuedIn,
  mergeUseStatistics,
  USE_FEATURES,
  useStatisticsOf,
} from '#domain/learning/use-statistics.ts';
import { seededRandom } from '../support/random.ts';
import { consistent, examples, taught } from './examples.ts';

const hexOf = (some: readonly Example[]): string =>
  Buffer.from(encodeUseStatistics(useStatisticsOf(some))).toString('hex');

/** Examples in random order, some of them twice. */
const shuffledWithRepeats = (some: readonly Example[], seed: number): Example[] => {
  const random = seededRandom(seed);
  return [...some, ...some.filter(() => random() < 0.3)]
    .map((example) => ({ example, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ example }) => example);
};

describe('statistics of use', () => {
  it('are the same bytes in any order and with repetitions, even if one id has several contents', () => {
    fc.assert(
      fc.property(examples(), fc.nat(), (some, seed) => {
        expect(hexOf(shuffledWithRepeats(some, seed))).toBe(hexOf(some));
      }),
    );
  });

  it('are the same bytes, and give the same model, whatever parts without common ids they are merged from', () => {
    fc.assert(
      fc.property(examples(60), fc.integer({ min: 1, max: 5 }), (some, parts) => {
        const [all] = consistent([some]);
        const byId = [...new Map(all!.map((example) => [example.id, example])).values()];
        const sum = emptyUseStatistics();
        for (let part = parts - 1; part >= 0; part--) {
          const ofPart = byId.filter((_, i) => i % parts === part);
          mergeUseStatistics(sum, decodeUseStatistics(encodeUseStatistics(useStatisticsOf(ofPart))));
        }
        const whole = useStatisticsOf(byId);
        expect(Buffer.from(encodeUseStatistics(sum)).toString('hex')).toBe(hexOf(byId));
        const about = { version: 1, incrementalShare: 0.2 };
        expect(JSON.stringify(solveUseModel(sum, about))).toBe(JSON.stringify(solveUseModel(whole, about)));
      }),
      { numRuns: 40 },
    );
  });

  it('are, by occasion and fold, the sum of products of features over the coupons issued, and the sum of features over uses minus that over returns', () => {
    fc.assert(
      fc.property(examples(), (some) => {
        const [all] = consistent([some]);
        const byId = [...new Map(all!.map((example) => [example.id, example])).values()];
        const { cells, used, conflicts } = useStatisticsOf(all!);
        expect(conflicts).toBe(0);
        const signs = { issued: 0, redeemed: 1, returned: -1 };
        expect(used).toBe(byId.reduce((sum, { kind }) => sum + signs[kind], 0));
        for (const occasion of ['presale', 'order'] as const) {
          for (const [fold, cell] of cells[occasion].entries()) {
            const own = byId.filter((example) => example.occasion === occasion && example.fold === fold);
            const issued = own.filter(({ kind }) => kind === 'issued');
            expect(cell.rows).toBe(issued.length);
            for (const [i, j] of [
              [0, 0],
              [7, 3],
              [USE_FEATURES - 1, USE_FEATURES - 1],
            ] as const) {
              const expected = issued.reduce((sum, { features }) => sum + features[i]! * features[j]!, 0);
              expect(cell.products[(i * (i + 1)) / 2 + j]! + 0).toBe(expected + 0);
            }
            const b = own.reduce((sum, { kind, features }) => sum + signs[kind] * features[5]!, 0);
            expect(cell.sums[5]! + 0).toBe(b + 0);
          }
        }
      }),
    );
  });

  it('take less than 1.5 KB a fold', () => {
    const { said } = taught(5_000, seededRandom(3), () => 0.3);
    const dense = said.map((example, n) => ({
      ...example,
      features: example.features.map((feature, i) => (i > 2 ? ((n * (i + 7)) % 401) - 200 : feature)),
    }));
    const statistics = useStatisticsOf(dense);
    expect(issuedIn(statistics)).toBe(5_000);
    expect(encodeUseStatistics(statistics).length / 5).toBeLessThan(1_500);
  });

  it('leave out examples with another number of features', () => {
    const { said } = taught(10, seededRandom(4), () => 1);
    const others = said.map((example) => ({ ...example, features: [...example.features, 1] }));
    expect(issuedIn(useStatisticsOf(others))).toBe(0);
  });
});

describe('a block of examples', () => {
  it('is read back as the set that was packed, and has the same bytes in any order', () => {
    fc.assert(
      fc.property(examples(), fc.nat(), (some, seed) => {
        const blocks = packExamples(some);
        const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
        expect(ids(packExamples(shuffledWithRepeats(some, seed)))).toEqual(ids(blocks));
        expect(hexOf(blocks.flatMap(({ body }) => unpackExamples(body)))).toBe(hexOf(some));
      }),
    );
  });

  it('takes less than 50 bytes an example', () => {
    const { said } = taught(1_000, seededRandom(5), () => 0.3);
    const bytes = packExamples(said).reduce((sum, { body }) => sum + body.length, 0);
    expect(bytes / said.length).toBeLessThan(50);
  });
});

describe('an example', () => {
  it('comes through a message unchanged', () => {
    fc.assert(
      fc.property(examples(), (some) => {
        expect(JSON.parse(JSON.stringify(some.map(toExampleTuple))).map(fromExampleTuple)).toEqual(
          JSON.parse(JSON.stringify(some)),
        );
      }),
    );
  });
});

/** Turns the rows of a trial into features. */
import { STEPS_PER_UNIT } from '#domain/learning/fixed-point.ts';
import type { FeatureSet } from '#domain/learning/ridge.ts';
import type { Column } from './column.ts';
import { columnCode } from './column-code.ts';
import type { Pair } from './pairs.ts';
import { FIRST_FEATURE } from './trial.ts';

export type Feature = {
  readonly name: string;
  readonly group: 'main' | 'bins' | 'products';
  /** The indexes of the columns that it is made of. */
  readonly columns: readonly number[];
};

/** Turns a stored row into features, in steps of 1 / {@link STEPS_PER_UNIT}; feature 0 is the constant. */
export type Encoder = {
  readonly features: readonly Feature[];
  readonly encode: (numbers: Float64Array, at: number, into: Int32Array) => void;
};

/** The most features for quantiles over all columns, and the most for texts. With many columns, each of them gets fewer. */
const BINS_MAX = 200;
const LEVELS_MAX = 300;
const BINS_A_COLUMN = 7;
const LEVELS_A_COLUMN = { least: 4, most: 20 };
const CONSTANT: Feature = { name: 'constant', group: 'main', columns: [] };

/** Learns how to code each column from a sample of training rows. */
export const fitEncoder = (
  sample: readonly Float64Array[],
  columns: readonly Column[],
  useful: readonly number[],
): Encoder => {
  const numeric = useful.filter((c) => columns[c]!.numbers > 0).length;
  const textual = useful.filter((c) => columns[c]!.textCells > 0).length;
  const limits = {
    bins: Math.min(BINS_A_COLUMN, Math.floor(BINS_MAX / Math.max(1, numeric))),
    levels: Math.min(
      LEVELS_A_COLUMN.most,
      Math.max(LEVELS_A_COLUMN.least, Math.floor(LEVELS_MAX / Math.max(1, textual))),
    ),
  };
  const codes = useful.map((c) => {
    const cells = sample.map((row) => row[FIRST_FEATURE + c]!);
    return { column: c, code: columnCode(columns[c]!, cells, limits) };
  });
  const features: Feature[] = [CONSTANT];
  const starts = codes.map(({ column, code }) => {
    const start = features.length;
    for (const { name, group } of code.features) features.push({ name, group, columns: [column] });
    return start;
  });
  return {
    features,
    encode: (numbers, at, into) => {
      into[0] = STEPS_PER_UNIT;
      for (let k = 0; k < codes.length; k++) {
        const { column, code } = codes[k]!;
        code.encode(numbers[at + FIRST_FEATURE + column]!, into, starts[k]!);
      }
    },
  };
};

/** All pairs of main features that belong to two different columns, both of them in `columns`. */
export const mainPairs = ({ features }: Encoder, columns: ReadonlySet<number>): Pair[] => {
  const mains = features.flatMap(({ group, columns: [own] }, f) =>
    group === 'main' && own !== undefined && columns.has(own) ? [f] : [],
  );
  return mains.flatMap((a) =>
    mains.flatMap((b) => (features[a]!.columns[0]! < features[b]!.columns[0]! ? [[a, b] as const] : [])),
  );
};

/** Keeps the features of some columns of another encoder, and adds the products of these pairs of its features. */
export const extendEncoder = (base: Encoder, kept: ReadonlySet<number>, pairs: readonly Pair[]): Encoder => {
  const own = base.features.flatMap(({ columns }, f) => (columns.every((c) => kept.has(c)) ? [f] : []));
  const scratch = new Int32Array(base.features.length);
  return {
    features: [
      ...own.map((f) => base.features[f]!),
      ...pairs.map(([a, b]): Feature => {
        const [left, right] = [base.features[a]!, base.features[b]!];
        return {
          name: `${left.name} × ${right.name}`,
          group: 'products',
          columns: [...left.columns, ...right.columns],
        };
      }),
    ],
    encode: (numbers, at, into) => {
      base.encode(numbers, at, scratch);
      for (let k = 0; k < own.length; k++) into[k] = scratch[own[k]!]!;
      for (let k = 0; k < pairs.length; k++) {
        const [a, b] = pairs[k]!;
        into[own.length + k] = Math.round((scratch[a]! * scratch[b]!) / STEPS_PER_UNIT);
      }
    },
  };
};

/** Sets of features, from few to all; the training folds choose among them. */
export const featureSets = ({ features }: Encoder): FeatureSet[] => {
  const kept = (...groups: Feature['group'][]): number[] =>
    features.flatMap(({ group }, f) => (groups.includes(group) ? [f] : []));
  const sets = [
    { name: 'main', kept: kept('main') },
    { name: 'bins', kept: kept('main', 'bins') },
    { name: 'products', kept: kept('main', 'products') },
    { name: 'all', kept: kept('main', 'bins', 'products') },
  ];
  return sets.filter(({ kept }, s) => s === 0 || kept.length > sets[0]!.kept.length);
};

import type { MetricsMessage } from '#domain/metrics/metric-event.ts';
import { compareText } from '#platform/collections.ts';
import { digestOf, eventIdOf } from '#platform/hash.ts';

/**
 * What a model learns from: a coupon was given, a coupon was used, or a use was taken back. Each example carries the features x
 * that were known when the coupon was given. The three kinds are added up separately, so that no example has to be joined with
 * another: Σ x·xᵀ over coupons given, and Σ x over uses less Σ x over returns.
 */
export const EXAMPLE_KINDS = ['issued', 'redeemed', 'returned'] as const;
export type ExampleKind = (typeof EXAMPLE_KINDS)[number];

/** When a coupon was given: in a presale, or after an order. A model learns separate weights for each of the two. */
export const OCCASIONS = ['presale', 'order'] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** Members are split into this many folds. Each fold is held out once, to test weights that were learned from the others. */
export const FOLDS = 5;

export type Example = {
  /** 96 bits as 16 base64url characters, see `eventIdOf`. */
  id: string;
  /**
   * When the coupon expires. All examples of the coupon lie in the window of this time, so that late uses are
   * not missing when the window is added up.
   */
  timeMs: number;
  kind: ExampleKind;
  occasion: Occasion;
  fold: number;
  /** In whole steps (`fixed-point.ts`). */
  features: readonly number[];
};

/** An example as a JSON array. Its kind and occasion are indexes into the lists above. */
export type ExampleTuple = [
  id: string,
  timeMs: number,
  kind: number,
  occasion: number,
  fold: number,
  features: readonly number[],
];

/** A message on the metrics queue that carries examples, with settings as `examplesSettings` gives them. */
export type ExamplesMessage = MetricsMessage & { examples: ExampleTuple[] };

export const foldOf = (member: string): number => digestOf('fold', member).readUInt32LE(0) % FOLDS;

/** The id of an example. `trigger` distinguishes several of one kind for one grant. */
export const exampleIdOf = (kind: ExampleKind, grantId: string, trigger: string): string =>
  eventIdOf(`/zhihui/examples/${kind}`, `${grantId}/${trigger}`);

export const toExampleTuple = ({ id, timeMs, kind, occasion, fold, features }: Example): ExampleTuple => [
  id,
  timeMs,
  EXAMPLE_KINDS.indexOf(kind),
  OCCASIONS.indexOf(occasion),
  fold,
  features,
];

export const fromExampleTuple = ([id, timeMs, kind, occasion, fold, features]: ExampleTuple): Example => ({
  id,
  timeMs,
  kind: EXAMPLE_KINDS[kind]!,
  occasion: OCCASIONS[occasion]!,
  fold,
  features,
});

/** All but the id, as text whose order decides between different examples of one id. */
export const exampleText = ({ timeMs, kind, occasion, fold, features }: Example): string =>
  `${timeMs}/${kind}/${occasion}/${fold}/${features.join()}`;

/** A total order: equal means equal in every field. */
export const compareExamples = (a: Example, b: Example): number =>
  compareText(a.id, b.id) || compareText(exampleText(a), exampleText(b));

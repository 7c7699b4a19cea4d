/** A model as data: features in, one number out, the same on every machine. */
export type Scorer = {
  /** How many features a row has. */
  readonly size: number;
  /** Their names in order, if the model carries them. */
  readonly names: readonly string[] | undefined;
  /** The score of a row of `size` features. NaN stands for a missing feature; a shorter row lacks its last features. */
  readonly score: (features: ArrayLike<number>) => number;
};

/** A model that cannot be used. The message names the path within the model, what was expected and what was found. */
export class ModelError extends Error {}

/** Throws a ModelError for the value at a path. */
export const refuse = (path: string, expected: string, got: unknown): never => {
  const text = JSON.stringify(got) ?? String(got);
  throw new ModelError(
    `${path}: expected ${expected}, got ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`,
  );
};

export type JsonObject = { readonly [key: string]: unknown };

/** The object at a path; throws a ModelError for anything else. */
export const objectAt = (value: unknown, path: string): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : refuse(path, 'an object', value);

/** The array at a path; throws a ModelError for anything else. */
export const arrayAt = (value: unknown, path: string): readonly unknown[] =>
  Array.isArray(value) ? value : refuse(path, 'an array', value);

/** The finite number at a path; throws a ModelError for anything else. */
export const numberAt = (value: unknown, path: string): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(path, 'a number', value);

import type { Refusal } from './refusals.ts';

/** A row that cannot be read: the field, its value, and what was expected. */
export class Refused extends Error {
  readonly refusal: Omit<Refusal, 'line'>;

  constructor(field: string, value: unknown, expected: string) {
    super(expected);
    this.refusal = { field, value, expected };
  }
}

/** A row that does not count, and why. */
export class Ignored extends Error {}

/** The items of a partition that a key condition selects. */
import { validationError } from './exceptions.ts';
import type { KeyCondition, SortRange } from './expressions/key-conditions.ts';
import type { Candidate } from './page-source.ts';
import type { KeySchema } from './table-keys.ts';
import { compareValues, type Item } from './values.ts';

const isInRange = (range: SortRange | undefined, item: Item, { sort }: KeySchema): boolean => {
  if (range === undefined) return true;
  const value = item[sort!.name]!;
  switch (range.kind) {
    case 'between':
      return compareValues(value, range.low)! >= 0 && compareValues(value, range.high)! <= 0;
    case 'begins_with':
      return value.S !== undefined
        ? value.S.startsWith(range.prefix.S!)
        : Buffer.compare(value.B!.subarray(0, range.prefix.B!.length), range.prefix.B!) === 0;
    case 'compare': {
      const order = compareValues(value, range.value)!;
      const { comparator } = range;
      if (comparator === '=') return order === 0;
      return comparator.startsWith('<')
        ? order < 0 || (comparator === '<=' && order === 0)
        : order > 0 || (comparator === '>=' && order === 0);
    }
    default:
      return range satisfies never;
  }
};

/** The items of a partition that a key condition asks for. They are next to each other, so reading stops after them. */
export const inRange = function* (
  candidates: Iterable<Candidate>,
  range: SortRange | undefined,
  schema: KeySchema,
): Generator<Candidate> {
  let wasInRange = false;
  for (const candidate of candidates) {
    const isWanted = isInRange(range, candidate.item, schema);
    if (isWanted) yield candidate;
    else if (wasInRange) return;
    wasInRange = isWanted;
  }
};

/** Throws a ValidationException for a condition that compares a key with a value of another type. */
export const checkKeyTypes = (schema: KeySchema, { partition, range }: KeyCondition): void => {
  const values =
    range === undefined
      ? []
      : range.kind === 'between'
        ? [range.low, range.high]
        : [range.kind === 'compare' ? range.value : range.prefix];
  const fits =
    partition[schema.partition.type] !== undefined &&
    values.every((value) => value[schema.sort!.type] !== undefined);
  if (!fits)
    throw validationError(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    );
};

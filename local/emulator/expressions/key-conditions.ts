import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validationError } from '../exceptions.ts';
import type { Condition, Operand } from './conditions.ts';
import { type Bindings, resolvePath } from './paths.ts';

/** Which sort keys of a partition are asked for. */
export type SortRange =
  | {
      readonly kind: 'compare';
      readonly comparator: '=' | '<' | '<=' | '>' | '>=';
      readonly value: AttributeValue;
    }
  | { readonly kind: 'between'; readonly low: AttributeValue; readonly high: AttributeValue }
  | { readonly kind: 'begins_with'; readonly prefix: AttributeValue };

export type KeyCondition = { readonly partition: AttributeValue; readonly range: SortRange | undefined };

const unsupported = (): Error => validationError('Query key condition not supported');

const conjuncts = (condition: Condition): Condition[] =>
  condition.kind === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition];

/** The attribute that a condition is about, and the range that it allows. */
const rangeOf = (condition: Condition, bindings: Bindings): { name: string; range: SortRange } => {
  const attribute = (operand: Operand): string => {
    if (operand.kind !== 'path') throw unsupported();
    const path = resolvePath(operand.path, bindings.names);
    if (path.length !== 1) throw unsupported();
    return path[0] as string;
  };
  const constant = (operand: Operand): AttributeValue => {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind !== 'placeholder') throw unsupported();
    return bindings.values[operand.name]!;
  };
  switch (condition.kind) {
    case 'compare': {
      const { comparator, left, right } = condition;
      if (comparator === '<>') throw unsupported();
      return { name: attribute(left), range: { kind: 'compare', comparator, value: constant(right) } };
    }
    case 'between': {
      const { operand, low, high } = condition;
      return {
        name: attribute(operand),
        range: { kind: 'between', low: constant(low), high: constant(high) },
      };
    }
    case 'begins_with':
      return {
        name: attribute(condition.operand),
        range: { kind: 'begins_with', prefix: constant(condition.part) },
      };
    default:
      throw unsupported();
  }
};

/**
 * What a key condition asks for, given the names of the key's attributes. Throws a ValidationException if the condition is not a
 * key condition.
 */
export const keyConditionOf = (
  condition: Condition,
  { partition, sort }: { partition: string; sort: string | undefined },
  bindings: Bindings,
): KeyCondition => {
  const parts = conjuncts(condition).map((part) => rangeOf(part, bindings));
  const first = parts.find(({ name }) => name === partition);
  if (first === undefined) {
    throw validationError(`Query condition missed key schema element: ${partition}`);
  }
  if (first.range.kind !== 'compare' || first.range.comparator !== '=') throw unsupported();
  const others = parts.filter((part) => part !== first);
  if (others.length > 1) {
    throw validationError('Conditions can be of length 1 or 2 only');
  }
  const [second] = others;
  if (second !== undefined && second.name !== sort) {
    throw validationError(
      sort === undefined ? unsupported().message : `Query condition missed key schema element: ${sort}`,
    );
  }
  return { partition: first.range.value, range: second?.range };
};

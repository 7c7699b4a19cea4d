/** Decides whether an item fulfils a condition. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validationError } from '../exceptions.ts';
import { areEqual, compareValues, hexOf, type Item, setElements, typeOf } from '../values.ts';
import type { Comparator, Condition, Operand } from './conditions.ts';
import { type Bindings, resolvePath, valueAt } from './paths.ts';

const sizeOf = (value: AttributeValue | undefined): AttributeValue | undefined => {
  if (value === undefined) return undefined;
  const length =
    value.S?.length ??
    value.B?.length ??
    value.L?.length ??
    setElements(value)?.length ??
    (value.M === undefined ? undefined : Object.keys(value.M).length);
  return length === undefined ? undefined : { N: String(length) };
};

const operandValue = (
  operand: Operand,
  item: Item | undefined,
  bindings: Bindings,
): AttributeValue | undefined => {
  switch (operand.kind) {
    case 'path':
      return valueAt(item, resolvePath(operand.path, bindings.names));
    case 'placeholder':
      return bindings.values[operand.name];
    case 'literal':
      return operand.value;
    case 'size':
      return sizeOf(operandValue(operand.of, item, bindings));
    default:
      return operand satisfies never;
  }
};

const compare = (
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean => {
  // An attribute that does not exist equals nothing: it differs from everything.
  if (comparator === '=') return left !== undefined && right !== undefined && areEqual(left, right);
  if (comparator === '<>') return left === undefined || right === undefined || !areEqual(left, right);
  const order = left === undefined || right === undefined ? undefined : compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return comparator satisfies never;
  }
};

const beginsWith = (value: AttributeValue | undefined, part: AttributeValue | undefined): boolean => {
  if (value?.S !== undefined && part?.S !== undefined) return value.S.startsWith(part.S);
  if (value?.B !== undefined && part?.B !== undefined)
    return Buffer.compare(value.B.subarray(0, part.B.length), part.B) === 0;
  return false;
};

const contains = (value: AttributeValue | undefined, part: AttributeValue | undefined): boolean => {
  if (value === undefined || part === undefined) return false;
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S);
  if (value.B !== undefined)
    return part.B !== undefined && Buffer.from(value.B).includes(Buffer.from(part.B));
  if (value.SS !== undefined) return part.S !== undefined && value.SS.includes(part.S);
  if (value.NS !== undefined) return part.N !== undefined && value.NS.includes(part.N);
  if (value.BS !== undefined) return part.B !== undefined && value.BS.map(hexOf).includes(hexOf(part.B));
  return value.L?.some((element) => areEqual(element, part)) ?? false;
};

/** Whether an item fulfils a condition; `item` is undefined if the item does not exist. */
export const fulfils = (condition: Condition, item: Item | undefined, bindings: Bindings): boolean => {
  const value = (operand: Operand) => operandValue(operand, item, bindings);
  switch (condition.kind) {
    case 'and':
      return fulfils(condition.left, item, bindings) && fulfils(condition.right, item, bindings);
    case 'or':
      return fulfils(condition.left, item, bindings) || fulfils(condition.right, item, bindings);
    case 'not':
      return !fulfils(condition.condition, item, bindings);
    case 'compare':
      return compare(condition.comparator, value(condition.left), value(condition.right));
    case 'between': {
      const operand = value(condition.operand);
      return compare('>=', operand, value(condition.low)) && compare('<=', operand, value(condition.high));
    }
    case 'in': {
      const operand = value(condition.operand);
      return condition.candidates.some((candidate) => compare('=', operand, value(candidate)));
    }
    case 'exists':
      return (valueAt(item, resolvePath(condition.path, bindings.names)) !== undefined) === condition.wanted;
    case 'begins_with':
      return beginsWith(value(condition.operand), value(condition.part));
    case 'contains':
      return contains(value(condition.operand), value(condition.part));
    case 'attribute_type': {
      const found = valueAt(item, resolvePath(condition.path, bindings.names));
      return found !== undefined && typeOf(found) === value(condition.type)?.S;
    }
    default:
      return condition satisfies never;
  }
};

const ORDERED: ReadonlySet<string> = new Set(['S', 'N', 'B']);
const PREFIXED: ReadonlySet<string> = new Set(['S', 'B']);

/**
 * Throws a ValidationException, whatever the item is, if an operator or function is given a value of a type for which it is not
 * defined, or if the bounds of a BETWEEN are in the wrong order.
 */
export const checkOperandTypes = (subject: string, condition: Condition, bindings: Bindings): void => {
  const check = (operand: Operand, types: ReadonlySet<string>, name: string): void => {
    if (operand.kind !== 'placeholder') return;
    const type = typeOf(bindings.values[operand.name]!);
    if (!types.has(type)) {
      throw validationError(
        `Invalid ${subject}: Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
      );
    }
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkOperandTypes(subject, condition.left, bindings);
      checkOperandTypes(subject, condition.right, bindings);
      break;
    case 'not':
      checkOperandTypes(subject, condition.condition, bindings);
      break;
    case 'compare':
      if (condition.comparator === '=' || condition.comparator === '<>') break;
      for (const operand of [condition.left, condition.right]) check(operand, ORDERED, condition.comparator);
      break;
    case 'between': {
      for (const operand of [condition.operand, condition.low, condition.high])
        check(operand, ORDERED, 'BETWEEN');
      const low = operandValue(condition.low, undefined, bindings);
      const high = operandValue(condition.high, undefined, bindings);
      if (low !== undefined && high !== undefined && (compareValues(low, high) ?? 0) > 0) {
        throw validationError(
          `Invalid ${subject}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound`,
        );
      }
      break;
    }
    case 'begins_with':
      for (const operand of [condition.operand, condition.part]) check(operand, PREFIXED, 'begins_with');
      break;
    case 'attribute_type':
      check(condition.type, new Set(['S']), 'attribute_type');
      break;
    case 'in':
    case 'exists':
    case 'contains':
      break;
    default:
      condition satisfies never;
  }
};

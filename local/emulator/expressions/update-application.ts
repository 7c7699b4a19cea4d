/** Applies an update expression to an item. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validationError } from '../exceptions.ts';
import { addNumbers, negated } from '../numbers.ts';
import { hexOf, type Item, typeOf } from '../values.ts';
import { type Bindings, checkOverlaps, type Path, resolvePath, valueAt } from './paths.ts';
import type { Action, Assigned } from './updates.ts';

const wrongType = (): Error =>
  validationError('An operand in the update expression has an incorrect data type');
const noSuchPlace = (): Error =>
  validationError('The document path provided in the update expression is invalid for update');

type SetType = 'SS' | 'NS' | 'BS';

const setTypeOf = (value: AttributeValue): SetType | undefined =>
  value.SS !== undefined ? 'SS' : value.NS !== undefined ? 'NS' : value.BS !== undefined ? 'BS' : undefined;

const elementId = (element: string | Uint8Array): string =>
  typeof element === 'string' ? element : hexOf(element);

const setOf = (type: SetType, elements: readonly (string | Uint8Array)[]): AttributeValue =>
  ({ [type]: elements }) as unknown as AttributeValue;

/** The union of two sets of one type. */
const union = (type: SetType, base: AttributeValue, added: AttributeValue): AttributeValue => {
  const elements = new Map<string, string | Uint8Array>();
  for (const element of [...base[type]!, ...added[type]!]) elements.set(elementId(element), element);
  return setOf(type, [...elements.values()]);
};

/** A set without the elements of another; undefined if nothing is left, because DynamoDB keeps no empty sets. */
const difference = (
  type: SetType,
  base: AttributeValue,
  removed: AttributeValue,
): AttributeValue | undefined => {
  const gone = new Set((removed[type] as (string | Uint8Array)[]).map(elementId));
  const rest = (base[type] as (string | Uint8Array)[]).filter((element) => !gone.has(elementId(element)));
  return rest.length === 0 ? undefined : setOf(type, rest);
};

const combined = (
  base: AttributeValue,
  other: AttributeValue,
  combine: (type: SetType, base: AttributeValue, other: AttributeValue) => AttributeValue | undefined,
): AttributeValue | undefined => {
  const type = setTypeOf(other);
  if (type === undefined || base[type] === undefined) throw wrongType();
  return combine(type, base, other);
};

/**
 * The value that a SET assigns, computed from the item before the update; undefined if a set becomes empty, or if a path
 * is assigned at which the item has nothing.
 */
const assignedValue = (
  assigned: Assigned,
  item: Item | undefined,
  bindings: Bindings,
): AttributeValue | undefined => {
  const value = (part: Assigned): AttributeValue => {
    const found = assignedValue(part, item, bindings);
    if (found !== undefined) return found;
    throw validationError('The provided expression refers to an attribute that does not exist in the item');
  };
  switch (assigned.kind) {
    case 'path':
      return valueAt(item, resolvePath(assigned.path, bindings.names));
    case 'placeholder':
      return bindings.values[assigned.name];
    case 'literal':
      return assigned.value;
    case 'if_not_exists':
      return valueAt(item, resolvePath(assigned.path, bindings.names)) ?? value(assigned.otherwise);
    case 'list_append': {
      const left = value(assigned.left).L;
      const right = value(assigned.right).L;
      if (left === undefined || right === undefined) throw wrongType();
      return { L: [...left, ...right] };
    }
    case 'plus':
    case 'minus': {
      const left = value(assigned.left).N;
      const right = value(assigned.right).N;
      if (left === undefined || right === undefined) throw wrongType();
      return { N: addNumbers(left, assigned.kind === 'plus' ? right : negated(right)) };
    }
    case 'set_add':
      return combined(value(assigned.left), value(assigned.right), union);
    case 'set_delete':
      return combined(value(assigned.left), value(assigned.right), difference);
    default:
      return assigned satisfies never;
  }
};

/** A copy of `value` with `change` at a path, or with nothing there if it is undefined. The copy shares all else with `value`. */
const changedAt = (
  value: AttributeValue | undefined,
  path: Path,
  change: AttributeValue | undefined,
): AttributeValue | undefined => {
  const [part, ...rest] = path;
  if (part === undefined) return change;
  if (typeof part === 'number') {
    if (value?.L === undefined) throw noSuchPlace();
    const list = [...value.L];
    if (rest.length > 0 && part >= list.length) throw noSuchPlace();
    const element = changedAt(list[part], rest, change);
    if (element === undefined) list.splice(part, 1);
    else if (part < list.length) list[part] = element;
    else list.push(element);
    return { L: list };
  }
  if (value?.M === undefined) throw noSuchPlace();
  return { M: changedItem(value.M, path, change) };
};

/** A copy of an item with `change` at a path, or with nothing there if `change` is undefined. */
const changedItem = (item: Item, path: Path, change: AttributeValue | undefined): Item => {
  const [name, ...rest] = path as [string, ...Path];
  const element = rest.length === 0 ? change : changedAt(item[name], rest, change);
  if (element !== undefined) return { ...item, [name]: element };
  const { [name]: _, ...others } = item;
  return others;
};

const addedValue = (existing: AttributeValue | undefined, added: AttributeValue): AttributeValue => {
  if (existing === undefined) return added;
  if (existing.N !== undefined && added.N !== undefined) return { N: addNumbers(existing.N, added.N) };
  return combined(existing, added, union)!;
};

/** An update with its placeholders resolved, ready for any item. */
export type BoundUpdate = {
  readonly actions: readonly { readonly action: Action; readonly path: Path }[];
  readonly bindings: Bindings;
};

/** Resolves an update's placeholders. Throws a ValidationException for overlapping paths and for operands that fit no item. */
export const bindUpdate = (actions: readonly Action[], bindings: Bindings): BoundUpdate => {
  const bound = actions.map((action) => ({ action, path: resolvePath(action.path, bindings.names) }));
  checkOverlaps(
    'Invalid UpdateExpression: ',
    bound.map(({ path }) => path),
    (complaint) => validationError(complaint),
  );
  for (const { action } of bound) {
    if (action.kind !== 'ADD' && action.kind !== 'DELETE') continue;
    const value = bindings.values[action.value]!;
    const fits = setTypeOf(value) !== undefined || (action.kind === 'ADD' && value.N !== undefined);
    if (!fits) {
      throw validationError(
        `Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ${action.kind}, operand type: ${typeOf(value)}`,
      );
    }
  }
  return { actions: bound, bindings };
};

/** Elements of one list are removed from the last to the first, because all indexes refer to the original list. */
const byPlace = (a: { path: Path }, b: { path: Path }): number => {
  const fork = a.path.findIndex((part, i) => part !== b.path[i]);
  const [left, right] = [a.path[fork], b.path[fork]];
  return typeof left === 'number' && typeof right === 'number' ? right - left : 0;
};

/** The item after an update; `item` is not changed. Every operand is read from the item as it was. */
export const updatedItem = ({ actions, bindings }: BoundUpdate, item: Item): Item => {
  let result = item;
  const removals: { path: Path }[] = [];
  const appended: { path: Path; value: AttributeValue }[] = [];
  for (const { action, path } of actions) {
    switch (action.kind) {
      case 'SET': {
        const value = assignedValue(action.assigned, item, bindings);
        if (value === undefined && action.assigned.kind !== 'set_delete') {
          throw validationError(
            'The provided expression refers to an attribute that does not exist in the item',
          );
        }
        if (value === undefined) removals.push({ path });
        else if (typeof path.at(-1) === 'number') appended.push({ path, value });
        else result = changedItem(result, path, value);
        break;
      }
      case 'REMOVE':
        removals.push({ path });
        break;
      case 'ADD':
        result = changedItem(result, path, addedValue(valueAt(item, path), bindings.values[action.value]!));
        break;
      case 'DELETE': {
        const existing = valueAt(item, path);
        if (existing !== undefined)
          result = changedItem(result, path, combined(existing, bindings.values[action.value]!, difference));
        break;
      }
      default:
        action satisfies never;
    }
  }
  // Elements beyond a list's end are appended in the order of their indexes.
  for (const { path, value } of appended.sort((a, b) => -byPlace(a, b)))
    result = changedItem(result, path, value);
  for (const { path } of removals.sort(byPlace)) {
    if (path.length === 1 || valueAt(item, path.slice(0, -1)) !== undefined)
      result = removedFrom(result, path);
    else throw noSuchPlace();
  }
  return result;
};

const removedFrom = (item: Item, path: Path): Item =>
  valueAt(item, path) === undefined ? item : changedItem(item, path, undefined);

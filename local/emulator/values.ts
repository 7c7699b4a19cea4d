/** Attribute values: their checks, copies, order and equality. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validationError } from './exceptions.ts';
import { canonicalNumber, compareNumbers } from './numbers.ts';

export type Item = Record<string, AttributeValue>;
export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS' | 'BS';

const TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS']);
/** The deepest nesting of maps and lists. */
const DEPTH_MAX = 32;

/** The type of a value that {@link takeIn} has checked. */
export const typeOf = (value: AttributeValue): ValueType => {
  if (value.S !== undefined) return 'S';
  if (value.N !== undefined) return 'N';
  for (const type in value) return type as ValueType;
  throw new Error('value: expected a type, got none');
};

const givenType = (value: AttributeValue): ValueType => {
  let found: string | undefined;
  for (const type in value) {
    if (value[type as ValueType] === undefined) continue;
    if (found !== undefined) {
      throw validationError(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      );
    }
    found = type;
  }
  if (found === undefined || !TYPES.has(found)) {
    throw validationError(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  }
  return found as ValueType;
};

export const copyOfBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

const checkSet = (kind: string, elements: readonly string[]): void => {
  if (elements.length === 0)
    throw validationError(`One or more parameter values were invalid: An ${kind} set  may not be empty`);
  if (new Set(elements).size < elements.length) {
    throw validationError(
      `One or more parameter values were invalid: Input collection [${elements.join(', ')}] contains duplicates.`,
    );
  }
};

const mustBe = <Value>(holds: boolean, value: Value, type: string): Value => {
  if (!holds) throw validationError(`Supplied AttributeValue is not a ${type}`);
  return value;
};

const text = (value: unknown): string => mustBe(typeof value === 'string', value as string, 'string');
const bytes = (value: unknown): Uint8Array =>
  mustBe(value instanceof Uint8Array, value as Uint8Array, 'binary value');

/** A copy of a value as it is stored, with numbers in canonical form. Throws a ValidationException for an invalid value. */
export const takeIn = (value: AttributeValue, depth = 0): AttributeValue => {
  if (depth > DEPTH_MAX) throw validationError('Nesting Levels have exceeded supported limits');
  const type = givenType(value);
  switch (type) {
    case 'S':
      return { S: text(value.S) };
    case 'N':
      return { N: canonicalNumber(text(value.N)) };
    case 'B':
      return { B: copyOfBytes(bytes(value.B)) };
    case 'BOOL':
      return { BOOL: mustBe(typeof value.BOOL === 'boolean', value.BOOL!, 'boolean') };
    case 'NULL':
      if (value.NULL !== true) {
        throw validationError(
          'One or more parameter values were invalid: Null attribute value types must have the value of true',
        );
      }
      return { NULL: true };
    case 'M':
      return { M: takeInItem(value.M!, depth + 1) };
    case 'L':
      return { L: value.L!.map((element) => takeIn(element, depth + 1)) };
    case 'SS':
      checkSet('string', value.SS!);
      return { SS: value.SS!.map(text) };
    case 'NS': {
      const numbers = value.NS!.map((element) => canonicalNumber(text(element)));
      checkSet('number', numbers);
      return { NS: numbers };
    }
    case 'BS':
      checkSet('binary', value.BS!.map(hexOf));
      return { BS: value.BS!.map(copyOfBytes) };
    default:
      return type satisfies never;
  }
};

/** {@link takeIn} for all attributes of an item. */
export const takeInItem = (item: Item, depth = 0): Item => {
  const taken: Item = {};
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) taken[name] = takeIn(value, depth);
  }
  return taken;
};

/** A copy that its reader may change. */
export const handOut = (value: AttributeValue): AttributeValue => {
  const type = typeOf(value);
  switch (type) {
    case 'B':
      return { B: copyOfBytes(value.B!) };
    case 'M':
      return { M: handOutItem(value.M!) };
    case 'L':
      return { L: value.L!.map(handOut) };
    case 'BS':
      return { BS: value.BS!.map(copyOfBytes) };
    case 'SS':
      return { SS: [...value.SS!] };
    case 'NS':
      return { NS: [...value.NS!] };
    case 'S':
      return { S: value.S! };
    case 'N':
      return { N: value.N! };
    case 'BOOL':
      return { BOOL: value.BOOL! };
    case 'NULL':
      return { NULL: value.NULL! };
    default:
      return type satisfies never;
  }
};

/** {@link handOut} for all attributes of an item. */
export const handOutItem = (item: Item): Item => {
  const copy: Item = {};
  for (const name in item) copy[name] = handOut(item[name]!);
  return copy;
};

/** The rank of a UTF-16 unit in the order of code points: a surrogate stands for a code point above all single units. */
const codePointRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit);

/** Compares strings by their UTF-8 bytes, which is by code points; JavaScript's own order is by UTF-16 units. */
export const compareText = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
};

export const compareBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

/** Compares two values of one type that has an order; undefined for any other two. */
export const compareValues = (a: AttributeValue, b: AttributeValue): number | undefined => {
  if (a.S !== undefined && b.S !== undefined) return compareText(a.S, b.S);
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.B !== undefined && b.B !== undefined) return compareBytes(a.B, b.B);
  return undefined;
};

const areSameSets = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false;
  const elements = new Set(a);
  return b.every((element) => elements.has(element));
};

const areEqualItems = (a: Item, b: Item): boolean => {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && areEqual(a[name]!, b[name]))
  );
};

/** Whether two checked values are equal: sets regardless of order, numbers by value, all else exactly. */
export const areEqual = (a: AttributeValue, b: AttributeValue): boolean => {
  const type = typeOf(a);
  if (b[type] === undefined) return false;
  switch (type) {
    case 'S':
    case 'N':
    case 'BOOL':
    case 'NULL':
      return a[type] === b[type];
    case 'B':
      return compareBytes(a.B!, b.B!) === 0;
    case 'M':
      return areEqualItems(a.M!, b.M!);
    case 'L':
      return a.L!.length === b.L!.length && a.L!.every((element, i) => areEqual(element, b.L![i]!));
    case 'SS':
    case 'NS':
      return areSameSets(a[type]!, b[type]!);
    case 'BS':
      return areSameSets(a.BS!.map(hexOf), b.BS!.map(hexOf));
    default:
      return type satisfies never;
  }
};

/** A set's elements as strings, which are equal if and only if the elements are. */
export const setElements = (value: AttributeValue): string[] | undefined =>
  value.SS ?? value.NS ?? value.BS?.map(hexOf);

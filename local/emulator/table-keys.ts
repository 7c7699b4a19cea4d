/** The keys of items: their schema, their checks and their order. */
import type { AttributeValue, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { validationError } from './exceptions.ts';
import { valueBytes } from './sizes.ts';
import { compareValues, hexOf, type Item, takeIn, typeOf } from './values.ts';

const PARTITION_KEY_BYTES_MAX = 2048;
const SORT_KEY_BYTES_MAX = 1024;
/** The most bytes of UTF-8 that a UTF-16 unit takes. */
const UNIT_BYTES_MAX = 3;

export type KeyType = 'S' | 'N' | 'B';
export type KeyAttribute = { readonly name: string; readonly type: KeyType };
/** The attributes that are a table's or an index's key. */
export type KeySchema = { readonly partition: KeyAttribute; readonly sort: KeyAttribute | undefined };

/** An item's key. */
export type Key = {
  readonly attributes: Item;
  /** Equal if and only if the partition keys are equal. */
  readonly partition: string;
  readonly sort: AttributeValue | undefined;
  /** Within a table, equal if and only if the keys are equal. */
  readonly id: string;
};

export const keySchemaOf = (
  elements: readonly KeySchemaElement[],
  types: ReadonlyMap<string, KeyType>,
): KeySchema => {
  const attribute = (kind: 'HASH' | 'RANGE'): KeyAttribute | undefined => {
    const name = elements.find(({ KeyType: type }) => type === kind)?.AttributeName;
    if (name === undefined) return undefined;
    const type = types.get(name);
    if (type !== undefined) return { name, type };
    throw validationError(
      'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions',
    );
  };
  const partition = attribute('HASH');
  if (partition === undefined) {
    throw validationError(
      'One or more parameter values were invalid: Missing the hash key in the key schema',
    );
  }
  return { partition, sort: attribute('RANGE') };
};

export const scalarId = (value: AttributeValue): string =>
  value.S !== undefined ? `S${value.S}` : value.N !== undefined ? `N${value.N}` : `B${hexOf(value.B!)}`;

const checkKeyValue = ({ name, type }: KeyAttribute, value: AttributeValue, bytesMax: number): void => {
  const given = typeOf(value);
  if (given !== type) {
    throw validationError(
      `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${given}`,
    );
  }
  // Most texts are so short that they need not be measured: a UTF-16 unit takes at most three bytes.
  if (value.S !== undefined && value.S !== '' && value.S.length * UNIT_BYTES_MAX <= bytesMax) return;
  const bytes = valueBytes(value);
  if (bytes === 0) {
    throw validationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'B' ? 'binary' : 'string'} value. Key: ${name}`,
    );
  }
  if (bytes > bytesMax) {
    const kind = bytesMax === PARTITION_KEY_BYTES_MAX ? 'hashkey' : 'rangekey';
    throw validationError(
      `One or more parameter values were invalid: Size of ${kind} has exceeded the maximum size limit of${bytesMax} bytes`,
    );
  }
};

const keyValueOf = (attribute: KeyAttribute, item: Item, bytesMax: number): AttributeValue => {
  const found = item[attribute.name];
  if (found === undefined) {
    throw validationError(
      `One or more parameter values were invalid: Missing the key ${attribute.name} in the item`,
    );
  }
  checkKeyValue(attribute, found, bytesMax);
  return found;
};

/** The key of an item. Throws a ValidationException if it has no valid key. */
export const keyOfItem = ({ partition, sort }: KeySchema, item: Item): Key => {
  const partitionValue = keyValueOf(partition, item, PARTITION_KEY_BYTES_MAX);
  const sortValue = sort === undefined ? undefined : keyValueOf(sort, item, SORT_KEY_BYTES_MAX);
  const partitionId = scalarId(partitionValue);
  const attributes: Item = {};
  attributes[partition.name] = partitionValue;
  if (sort !== undefined) attributes[sort.name] = sortValue!;
  return {
    attributes,
    partition: partitionId,
    sort: sortValue,
    id: sortValue === undefined ? partitionId : `${partitionId}\u0000${scalarId(sortValue)}`,
  };
};

const takeInto = (taken: Item, { name, type }: KeyAttribute, given: Item): void => {
  const value = given[name] === undefined ? undefined : takeIn(given[name]);
  if (value === undefined || typeOf(value) !== type)
    throw validationError('The provided key element does not match the schema');
  taken[name] = value;
};

/** The key that a request gives. Throws a ValidationException unless it gives exactly the key's attributes. */
export const givenKey = (schema: KeySchema, given: Item | undefined): Key => {
  const { partition, sort } = schema;
  let names = 0;
  for (const _ in given) names++;
  if (names !== (sort === undefined ? 1 : 2))
    throw validationError('The provided key element does not match the schema');
  const taken: Item = {};
  takeInto(taken, partition, given!);
  if (sort !== undefined) takeInto(taken, sort, given!);
  return keyOfItem(schema, taken);
};

/** Orders two items of one partition; an index's items may have equal sort keys. */
export const compareSort = (a: AttributeValue | undefined, b: AttributeValue | undefined): number =>
  a === undefined || b === undefined ? 0 : compareValues(a, b)!;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The position of a partition in the order of scans, 0 to 2³² - 1: its FNV-1a hash, put through the last steps of MurmurHash3,
 * which spread keys that differ only at their end.
 */
export const partitionHash = (partition: string): number => {
  let hash = FNV_OFFSET;
  for (let i = 0; i < partition.length; i++) hash = Math.imul(hash ^ partition.charCodeAt(i), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Sizes of values and items, as DynamoDB counts them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { numberBytes } from './numbers.ts';
import { type Item, typeOf } from './values.ts';

/** Extra bytes of a map or list, and extra bytes of each of its elements. */
const COLLECTION_BYTES = 3;
const ELEMENT_BYTES = 1;

const sum = <Element>(elements: readonly Element[], bytesOf: (element: Element) => number): number => {
  let total = 0;
  for (const element of elements) total += bytesOf(element);
  return total;
};

const utf8Bytes = (text: string): number => Buffer.byteLength(text);

/** Bytes of a value as DynamoDB counts them (Developer Guide, "DynamoDB item sizes and formats"). */
export const valueBytes = (value: AttributeValue): number => {
  const type = typeOf(value);
  switch (type) {
    case 'S':
      return utf8Bytes(value.S!);
    case 'N':
      return numberBytes(value.N!);
    case 'B':
      return value.B!.length;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'M': {
      let bytes = COLLECTION_BYTES;
      for (const name in value.M) bytes += ELEMENT_BYTES + utf8Bytes(name) + valueBytes(value.M[name]!);
      return bytes;
    }
    case 'L':
      return COLLECTION_BYTES + sum(value.L!, (element) => ELEMENT_BYTES + valueBytes(element));
    case 'SS':
      return sum(value.SS!, utf8Bytes);
    case 'NS':
      return sum(value.NS!, numberBytes);
    case 'BS':
      return sum(value.BS!, ({ length }) => length);
    default:
      return type satisfies never;
  }
};

/** Bytes of an item as DynamoDB counts them: names and values. */
export const itemBytes = (item: Item): number => {
  let bytes = 0;
  for (const name in item) bytes += utf8Bytes(name) + valueBytes(item[name]!);
  return bytes;
};

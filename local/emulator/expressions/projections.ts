/** Projections: the parts of an item that a read asks for. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validationError } from '../exceptions.ts';
import { handOut, handOutItem, type Item } from '../values.ts';
import {
  type Bindings,
  checkOverlaps,
  type Path,
  parsePath,
  resolvePath,
  type WrittenPath,
} from './paths.ts';
import type { Tokens } from './tokens.ts';

export const parseProjection = (tokens: Tokens): WrittenPath[] => {
  const paths = [parsePath(tokens)];
  while (tokens.accept(',')) paths.push(parsePath(tokens));
  return paths;
};

export const bindProjection = (paths: readonly WrittenPath[], names: Bindings['names']): Path[] => {
  const bound = paths.map((path) => resolvePath(path, names));
  checkOverlaps('Invalid ProjectionExpression: ', bound, (complaint) => validationError(complaint));
  return bound;
};

/** The part of a value that the remaining paths name; undefined if they name nothing. */
const projectedValue = (
  value: AttributeValue | undefined,
  paths: readonly Path[],
): AttributeValue | undefined => {
  if (value === undefined) return undefined;
  if (paths.some(({ length }) => length === 0)) return handOut(value);
  const byPart = Map.groupBy(paths, ([part]) => part!);
  const onward = (part: string | number) => byPart.get(part)!.map((path) => path.slice(1));
  if (value.L !== undefined) {
    const elements = [...byPart.keys()]
      .filter((part) => typeof part === 'number')
      .sort((a, b) => a - b)
      .map((part) => projectedValue(value.L![part], onward(part)))
      .filter((element) => element !== undefined);
    return elements.length === 0 ? undefined : { L: elements };
  }
  if (value.M === undefined) return undefined;
  const map: Item = {};
  for (const part of byPart.keys()) {
    const element = typeof part === 'string' ? projectedValue(value.M[part], onward(part)) : undefined;
    if (element !== undefined) map[part] = element;
  }
  return Object.keys(map).length === 0 ? undefined : { M: map };
};

/** A copy of an item, or of the parts that the paths name. Elements of lists move up to close gaps. */
export const projected = (item: Item, paths: readonly Path[] | undefined): Item =>
  paths === undefined ? handOutItem(item) : (projectedValue({ M: item }, paths)?.M ?? {});

/** The known shapes of files, and what a shape says about a file. Of the shapes that fit a file, the first one counts. */
import { findHeader } from './headers.ts';
import type { Columns } from './mapping.ts';
import { AMAZON } from './shapes/amazon.ts';
import { AMAZON_DATE_RANGE } from './shapes/amazon-date-range.ts';
import { AMAZON_HISTORY } from './shapes/amazon-history.ts';
import { CHINESE_MARKETPLACES } from './shapes/china.ts';
import { DATA_SETS } from './shapes/data-sets.ts';
import type { Shape } from './shapes/shape.ts';
import { SHOP_SYSTEMS } from './shapes/shop-systems.ts';

export const SHAPES: readonly Shape[] = [
  ...SHOP_SYSTEMS,
  ...CHINESE_MARKETPLACES,
  ...AMAZON_HISTORY,
  ...AMAZON_DATE_RANGE,
  ...AMAZON,
  ...DATA_SETS,
];

/** The shape of a file with these headers; undefined if it has none. */
export const shapeOf = (headers: readonly string[]): Shape | undefined =>
  SHAPES.find(
    ({ signature, lacks = [] }) =>
      signature.every((names) => findHeader(headers, names) !== undefined) &&
      findHeader(headers, lacks) === undefined,
  );

/** The columns of a shape that are among the headers. */
export const shapeColumns = ({ columns }: Shape, headers: readonly string[]): Columns =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([role, names]) => {
      const found = findHeader(headers, names);
      return found === undefined ? [] : [[role, found]];
    }),
  );

/** For each column of a shape that is among the headers, the words that mark a row that is not to be counted. */
export const shapeLeavesOut = (
  { leaveOut = {} }: Shape,
  headers: readonly string[],
): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(leaveOut).flatMap(([name, words]) => {
      const found = findHeader(headers, [name]);
      return found === undefined ? [] : [[found, [...words]]];
    }),
  );

/** The two columns of a shape that are equal if there is only one currency; undefined if either is missing. */
export const shapePair = ({ sameIn }: Shape, headers: readonly string[]): [string, string] | undefined => {
  const [one, other] = (sameIn ?? []).map((names) => findHeader(headers, names));
  return one === undefined || other === undefined ? undefined : [one, other];
};

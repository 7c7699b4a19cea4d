import { findHeader } from './headers.ts';
import type { Columns } from './mapping.ts';
import { AMAZON } from './shapes/amazon.ts';
import { CHINESE_MARKETPLACES } from './shapes/china.ts';
import { DATA_SETS } from './shapes/data-sets.ts';
import type { Shape } from './shapes/shape.ts';
import { SHOP_SYSTEMS } from './shapes/shop-systems.ts';

export const SHAPES: readonly Shape[] = [...SHOP_SYSTEMS, ...CHINESE_MARKETPLACES, ...AMAZON, ...DATA_SETS];

/** The shape of a file with these headers; undefined if it has none. */
export const shapeOf = (headers: readonly string[]): Shape | undefined =>
  SHAPES.find(({ signature }) => signature.every((names) => findHeader(headers, names) !== undefined));

/** The columns of a shape that are among the headers. */
export const shapeColumns = ({ columns }: Shape, headers: readonly string[]): Columns =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([role, names]) => {
      const found = findHeader(headers, names);
      return found === undefined ? [] : [[role, found]];
    }),
  );

/** The rows of a shape that hold no order that counts, by the columns that are there. */
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

/** The two columns of a shape that are the same where there is one currency, if both are there. */
export const shapePair = ({ sameIn }: Shape, headers: readonly string[]): [string, string] | undefined => {
  const [one, other] = (sameIn ?? []).map((name) => findHeader(headers, [name]));
  return one === undefined || other === undefined ? undefined : [one, other];
};

import type { Mapping, Role } from '../mapping.ts';

/**
 * What the files of a well-known program or data set look like. Names of columns are in the form in which headers are compared:
 * lower-case letters and digits only.
 */
export type Shape = {
  name: string;
  title: string;
  /** A file has the shape if its header has a name of each of these lists. */
  signature: readonly (readonly string[])[];
  /** A file with one of these names in its header has another shape. */
  lacks?: readonly string[];
  columns: Partial<Record<Role, readonly string[]>>;
  settings?: Partial<Omit<Mapping, 'columns' | 'version' | 'encoding' | 'delimiter' | 'leaveOut'>>;
  /** Words by column: a row with one of them holds no order that counts. */
  leaveOut?: Readonly<Record<string, readonly string[]>>;
  /** Two columns that differ only if the amounts of the file are in several currencies. */
  sameIn?: readonly [readonly string[], readonly string[]];
  /** The reasons for the settings, one sentence for each. */
  because: readonly string[];
};

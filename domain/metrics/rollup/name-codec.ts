import type { ByteReader, ByteWriter } from '#platform/bytes.ts';

/**
 * The keys of a map in the order of UTF-16 code units. That is the order of the default sort,
 * which is faster than a sort with a comparison function.
 */
export const sortedNames = (map: ReadonlyMap<string, unknown>): string[] => [...map.keys()].sort();

/** Writes all names as one text, after their lengths in code units, so that one call encodes all of them. */
export const writeNames = (writer: ByteWriter, names: readonly string[]): void => {
  writer.uint(names.length);
  const lengths = new Float64Array(names.length);
  for (let i = 0; i < names.length; i++) lengths[i] = names[i]!.length;
  writer.uints(lengths);
  writer.text(names.join(''));
};

/** Reads back what {@link writeNames} wrote. */
export const readNames = (reader: ByteReader): string[] => {
  const lengths = reader.uints(reader.count());
  const joined = reader.text();
  const names: string[] = new Array(lengths.length);
  let at = 0;
  for (let i = 0; i < lengths.length; i++) {
    names[i] = joined.slice(at, at + lengths[i]!);
    at += lengths[i]!;
  }
  return names;
};

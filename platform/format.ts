/** The value that a stored index names. Throws RangeError for an index that names none, which damaged bytes may hold. */
export const entryAt = <Value>(values: readonly Value[], index: number, subject: string): Value => {
  if (!(index < values.length))
    throw new RangeError(`${subject}: expected an index below ${values.length}, got ${index}`);
  return values[index]!;
};

/**
 * The reader of a stored format's version. Throws RangeError for a version without a reader. During a deployment, new code
 * reads what the previous version wrote, so the readers of both versions stay until all old data is gone.
 */
export const readerOf = <Reader>(
  subject: string,
  readers: Readonly<Record<number, Reader>>,
  version: number,
): Reader => {
  const reader = readers[version];
  if (reader === undefined)
    throw new RangeError(`${subject} version: expected ${Object.keys(readers).join(' or ')}, got ${version}`);
  return reader;
};

/**
 * The reader of a stored format's version. Throws RangeError for a version without one. During a deploy a reader meets what the
 * version before wrote, so the readers of both stay until all of that is gone.
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

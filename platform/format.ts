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

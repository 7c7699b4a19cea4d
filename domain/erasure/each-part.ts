/** From which part to work, when to stop, and what to call after each part with the number of the next one. */
export type PartsOptions = { from: number; isLate: () => boolean; onPart: (next: number) => void };

/**
 * Works on parts, one after the other. Returns the part before which it stopped because it was late; undefined once none is left.
 */
export const eachPart = async (
  parts: number,
  { from, isLate, onPart }: PartsOptions,
  work: (part: number) => Promise<void>,
): Promise<number | undefined> => {
  for (let part = from; part < parts; part++) {
    if (isLate()) return part;
    await work(part);
    onPart(part + 1);
  }
  return undefined;
};

/** Says where a value holds undefined or NaN; undefined if nowhere. A field without a value must be left out of its object. */
export const holeIn = (value: unknown, path = 'it'): string | undefined => {
  if (value === undefined || Number.isNaN(value)) return `${path} is ${value}`;
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return undefined;
  const entries: Iterable<[unknown, unknown]> =
    value instanceof Map || Array.isArray(value) || value instanceof Float64Array
      ? value.entries()
      : Object.entries(value);
  for (const [key, one] of entries) {
    const hole = holeIn(one, `${path}.${String(key)}`);
    if (hole !== undefined) return hole;
  }
  return undefined;
};

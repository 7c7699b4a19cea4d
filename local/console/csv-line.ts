const quoted = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A line of CSV (RFC 4180), without the line break that ends it. */
export const csvLine = (cells: readonly (string | number)[]): string => cells.map(quoted).join(',');

import { displayWidth, padColumnsEnd, padColumnsStart } from './display-width.ts';

/** 1234567 → `1,234,567`. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** Fen as yuan: -123456 → `-1,234.56`. The digits are cut as text, so no figure is rounded. */
export const formatFen = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${formatCount(Number(digits.slice(0, -2)))}.${digits.slice(-2)}`;
};

/** A number of seconds, rounded up, with at most two units: `7 s`, `3 min 20 s`, `2 h 5 min`, `30 d`. */
export const formatSeconds = (seconds: number): string => {
  const whole = Math.ceil(seconds);
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / length);
    rest %= length;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
};

/**
 * Formats rows as text columns. The first column is aligned left, the others right or, for texts, left. Widths are counted in
 * the columns of a terminal.
 */
export const formatTable = (
  rows: readonly (readonly string[])[],
  others: 'left' | 'right' = 'right',
): string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column]!))),
  );
  const pad = others === 'left' ? padColumnsEnd : padColumnsStart;
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? padColumnsEnd(cell, widths[i]!) : pad(cell, widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
};

import { describe, expect, it } from 'vitest';
import { Column, isText, textPlace } from '#local/evaluate/column.ts';
import { columnCode } from '#local/evaluate/column-code.ts';

const LIMITS = { bins: 4, levels: 5 };

const columnOf = (texts: readonly string[]) => {
  const column = new Column('c');
  return { column, cells: texts.map((text) => column.cellOf(text)) };
};

const repeat = (times: number, ...texts: string[]): string[] =>
  Array.from({ length: times }, () => texts).flat();

const encode = (texts: readonly string[], cell: string): Record<string, number> => {
  const { column, cells } = columnOf(texts);
  const { features, encode: write } = columnCode(column, cells, LIMITS);
  const into = new Int32Array(features.length);
  write(column.cellOf(cell), into, 0);
  return Object.fromEntries(features.map(({ name }, i) => [name, into[i]!]));
};

describe('a cell', () => {
  it('is a number, a date in days, missing or a text', () => {
    const { column, cells } = columnOf([
      '1.5',
      ' 2e3 ',
      '-7',
      '',
      'NA',
      'null',
      '1970-01-02',
      '1970-01-01 12:00:00',
      'Web',
      'Phone',
      'Web',
      '0x10',
    ]);
    expect(cells.slice(0, 8)).toEqual([1.5, 2_000, -7, Number.NaN, Number.NaN, Number.NaN, 1, 0.5]);
    expect(cells.slice(8).every(isText)).toBe(true);
    expect(cells.slice(8).map(textPlace)).toEqual([0, 1, 0, 2]);
    expect(column.texts).toEqual(['Web', 'Phone', '0x10']);
  });
});

describe('a column', () => {
  it.each([
    ['ids that are numbers', Array.from({ length: 300 }, (_, i) => String(7 * i)), /id/],
    ['ids that are texts', Array.from({ length: 300 }, (_, i) => `u${i}`), /id \(300 different texts\)/],
    ['nothing but one value', repeat(300, '4'), /never varies/],
    ['nothing at all', repeat(300, ''), /empty/],
  ])('is useless if it holds %s', (_, texts, reason) => {
    expect(columnOf(texts).column.uselessness()).toMatch(reason);
  });

  it.each([
    ['amounts that never come twice', Array.from({ length: 300 }, (_, i) => String(i + 0.25))],
    ['one value, and gaps', repeat(150, '1', '')],
    ['two values', repeat(150, '0', '1')],
    ['frequent texts', repeat(100, 'a', 'b', 'c')],
  ])('is useful if it holds %s', (_, texts) => {
    expect(columnOf(texts).column.uselessness()).toBeUndefined();
  });
});

describe('a column’s features', () => {
  it('rank numbers, so that an outlier weighs no more than the largest known number', () => {
    const texts = Array.from({ length: 200 }, (_, i) => String(i));
    expect(encode(texts, '0').c).toBeLessThan(-120);
    expect(Math.abs(encode(texts, '100').c!)).toBeLessThan(4);
    expect(encode(texts, '1e9').c).toBe(encode(texts, '199').c);
    expect(encode(texts, '150')).toMatchObject({ 'c > 40': 64, 'c > 120': 64, 'c > 160': 0 });
  });

  it('have a flag for each step between a few numbers, and none if there are only two numbers', () => {
    expect(encode(repeat(50, '1', '2', '3'), '2')).toMatchObject({ 'c > 1': 64, 'c > 2': 0 });
    expect(Object.keys(encode(repeat(50, '0', '1'), '1'))).toEqual(['c']);
  });

  it('treat a missing value as the median, and flag it', () => {
    const texts = [...repeat(40, ''), ...Array.from({ length: 101 }, (_, i) => String(i))];
    const [missing, median] = [encode(texts, 'NaN'), encode(texts, '50')];
    expect(missing['c is missing']).toBe(64);
    expect(median['c is missing']).toBe(0);
    expect(missing.c).toBe(median.c);
  });

  it('flag frequent texts except the most frequent one, and treat all rare texts as one', () => {
    const rare = Array.from({ length: 30 }, (_, i) => `rare${i}`);
    const texts = [...repeat(200, 'a'), ...repeat(100, 'b'), ...rare];
    expect(encode(texts, 'a')).toMatchObject({ 'c = b': 0, 'c is rare': 0 });
    expect(encode(texts, 'b')).toMatchObject({ 'c = b': 64, 'c is rare': 0 });
    expect(encode(texts, 'rare7')).toMatchObject({ 'c = b': 0, 'c is rare': 64 });
    expect(encode(texts, 'never seen')).toMatchObject({ 'c = b': 0, 'c is rare': 64, 'c: how frequent': 0 });
  });
});

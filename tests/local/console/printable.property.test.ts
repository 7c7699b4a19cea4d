import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToColumns, displayWidth, padColumnsEnd, padColumnsStart } from '#local/console/display-width.ts';
import { formatTable } from '#local/console/format.ts';
import { printable, printableJson, quoted } from '#local/console/printable.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the pattern looks for.
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

describe('a printable text', () => {
  it.each([
    ['a\u009b31mRED', 'a\\u009b31mRED'],
    ['\u001b[2J', '\\u001b[2J'],
    ['x\u202eevil', 'x\\u202eevil'],
    ['a\u200bb\u2066c\ufeff', 'a\\u200bb\\u2066c\\ufeff'],
    ['two\nlines\r', 'two\\u000alines\\u000d'],
    ['a\u{e0041}', 'a\\u{e0041}'],
    ['half \ud83d', 'half \\ud83d'],
    ['汉字 🧧 é ü', '汉字 🧧 é ü'],
  ])('of %j is %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('has no control character, no change of direction and no character without width, for any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(DANGEROUS);
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });

  it('of a value is JSON that means the same', () => {
    expect(printableJson({ brand: 'a\u009b31m', tag: '\u{e0041}' })).toBe(
      '{\n  "brand": "a\\u009b31m",\n  "tag": "\\udb40\\udc41"\n}',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableJson([text]);
        expect(json.split('\n').join('')).not.toMatch(DANGEROUS);
        expect(JSON.parse(json)).toEqual([text]);
      }),
    );
  });

  it('in quotes is cut to 80 characters, and a missing value reads "nothing"', () => {
    expect(quoted('a"b')).toBe('"a\\"b"');
    expect(quoted(undefined)).toBe('nothing');
    expect([...quoted('x'.repeat(100))]).toHaveLength(80);
  });
});

describe('the width of a text in a terminal', () => {
  it.each([
    ['abc', 3],
    ['汉字', 4],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['🧧', 2],
    ['𠮷', 2],
    ['e\u0301', 1],
    ['é', 1],
  ])('%s is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('aligns the columns of a table', () => {
    expect(
      formatTable([
        ['店', '1'],
        ['shop', '汉'],
      ]),
    ).toEqual(['店     1', 'shop  汉']);
    expect(padColumnsEnd('汉', 4)).toBe('汉  ');
    expect(padColumnsStart('汉', 4)).toBe('  汉');
  });

  it('is at most the limit to which the text was cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(displayWidth(cutToColumns(text, columns))).toBeLessThanOrEqual(Math.max(columns, 1));
      }),
    );
    expect(cutToColumns('旗舰店铺', 5)).toBe('旗舰…');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyOf } from '#domain/board/render/currency.ts';
import {
  changeOf,
  countFigure,
  formatCount,
  formatEffect,
  formatExactMoney,
  formatMoney,
  formatMultiple,
  formatPercent,
  formatSignedPercent,
  formatWhole,
  hasDoubled,
  moneyFigure,
} from '#domain/board/render/numbers.ts';

const CNY = currencyOf('CNY', 'zh-CN');
const CHINESE = { locale: 'zh-CN', currency: CNY } as const;
const ENGLISH = { locale: 'en', currency: CNY } as const;

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('counts on the screen', () => {
  it.each([
    [0, '0', '0'],
    [1_802, '1,802', '1,802'],
    [9_999, '9,999', '9,999'],
    [10_000, '1.00 万', '10,000'],
    [53_120, '5.31 万', '53,120'],
    [99_999, '9.99 万', '99,999'],
    [100_000, '10.0 万', '100 K'],
    [999_999, '99.9 万', '999 K'],
    [1_000_000, '100 万', '1.00 M'],
    [34_560_000, '3,456 万', '34.5 M'],
    [99_999_999, '9,999 万', '99.9 M'],
    [100_000_000, '1.00 亿', '100 M'],
    [120_000_000, '1.20 亿', '120 M'],
    [999_999_999, '9.99 亿', '999 M'],
    [1_000_000_000, '10.0 亿', '1.00 B'],
    [15_000_000_000, '150 亿', '15.0 B'],
    [999_999_999_999, '9,999 亿', '999 B'],
    [1_000_000_000_000, '1.00 万亿', '1.00 T'],
    [-34_567, '−3.45 万', '−34,567'],
  ])('are cut to units: %d is %s in Chinese, and %s in English', (count, chinese, english) => {
    expect(plain(formatCount(count, 'zh-CN'))).toBe(chinese);
    expect(plain(formatCount(count, 'en'))).toBe(english);
  });
});

describe('amounts on the screen', () => {
  it.each([
    [0, '¥0', '¥0'],
    [99, '¥0', '¥0'],
    [-99, '¥0', '¥0'],
    [100, '¥1', '¥1'],
    [999_999, '¥9,999', '¥9,999'],
    [1_000_000, '¥1.00 万', '¥10.0 K'],
    [9_999_999, '¥9.99 万', '¥99.9 K'],
    [10_000_000, '¥10.0 万', '¥100 K'],
    [9_999_999_999, '¥9,999 万', '¥99.9 M'],
    [10_000_000_000, '¥1.00 亿', '¥100 M'],
    [5_000_000_000_000, '¥500 亿', '¥50.0 B'],
    [Number.MAX_SAFE_INTEGER, '¥90.0 万亿', '¥90.0 T'],
    [-123_456_789, '−¥123 万', '−¥1.23 M'],
  ])('are cut to units: %d fen is %s in Chinese, and %s in English', (fen, chinese, english) => {
    expect(plain(formatMoney(fen, CHINESE))).toBe(chinese);
    expect(plain(formatMoney(fen, ENGLISH))).toBe(english);
  });

  it('have one more digit on request, with the unit separate', () => {
    expect(moneyFigure(1_234_567_890, CHINESE, 4)).toEqual({ text: '1,234', unit: '万' });
    expect(moneyFigure(1_234_567_890, ENGLISH, 4)).toEqual({ text: '12.34', unit: 'M' });
    expect(moneyFigure(12_345, ENGLISH, 4)).toEqual({ text: '123', unit: '' });
  });

  it('are exact to the fen if they are written in full', () => {
    expect(formatExactMoney(123_456_789, CNY)).toBe('¥1,234,567.89');
    expect(formatExactMoney(5, CNY)).toBe('¥0.05');
    expect(formatExactMoney(-1_050, CNY)).toBe('−¥10.50');
    expect(formatExactMoney(Number.MAX_SAFE_INTEGER, CNY)).toBe('¥90,071,992,547,409.91');
  });

  it.each([
    ['USD', '$1,234,567.89', '$1.23 M'],
    ['BRL', 'R$1,234,567.89', 'R$1.23 M'],
    ['JPY', '¥123,456,789', '¥123 M'],
    ['KWD', 'KWD 123,456.789', 'KWD 123 K'],
  ])('in %s have the sign and the number of decimals of that currency', (code, exact, short) => {
    const currency = currencyOf(code, 'en');
    expect(plain(formatExactMoney(123_456_789, currency))).toBe(exact);
    expect(plain(formatMoney(123_456_789, { locale: 'en', currency }))).toBe(short);
  });

  it('are refused if the currency is not a code of three letters', () => {
    expect(() => currencyOf('yuan', 'en')).toThrow('currency: expected a code of three letters, got "yuan"');
  });
});

describe('a figure in units', () => {
  const UNITS: Record<string, number> = {
    '': 1,
    K: 1e3,
    M: 1e6,
    B: 1e9,
    T: 1e12,
    万: 1e4,
    亿: 1e8,
    万亿: 1e12,
  };

  it('is never above the true figure, and is below it by less than 1 % plus 1', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeNat(),
          fc
            .tuple(fc.constantFrom(1e4, 1e5, 1e6, 1e8, 1e9, 1e12), fc.integer({ min: -2, max: 2 }))
            .map(([a, b]) => a + b),
        ),
        fc.constantFrom('zh-CN' as const, 'en' as const),
        fc.integer({ min: 3, max: 4 }),
        (value, locale, digits) => {
          const { text, unit } = countFigure(value, locale, digits);
          const shown = Number(text.replaceAll(',', '')) * UNITS[unit]!;
          expect(shown).toBeLessThanOrEqual(value * (1 + 1e-12));
          expect(shown).toBeGreaterThan(value * 0.99 - 1);
          const significant = text.replaceAll(/[,.]/g, '').length;
          if (unit !== '') expect(significant).toBeGreaterThanOrEqual(digits);
        },
      ),
    );
  });
});

describe('the screen', () => {
  it.each([
    [0, '0.0 %'],
    [0.3824, '38.2 %'],
    [0.99949, '99.9 %'],
    [0.9996, '100 %'],
    [1.054, '105 %'],
    [-0.1, '10.0 %'],
    [99.99, '9,999 %'],
    [123_456, '> 9,999 %'],
  ])('shows the share %d as %s', (ratio, text) => {
    expect(plain(formatPercent(ratio, 'en'))).toBe(text);
    expect(plain(formatPercent(ratio, 'zh-CN'))).toBe(text.replace(/ %$/, '%'));
  });

  it('shows a change with its sign', () => {
    expect(plain(formatSignedPercent(0.162, 'en'))).toBe('+16.2 %');
    expect(formatSignedPercent(-0.05, 'zh-CN')).toBe('−5.0%');
  });

  it('makes no comparison with zero or with a negative figure', () => {
    expect(changeOf({ value: 138, lastYear: 100 })).toBeCloseTo(0.38);
    expect(changeOf({ value: 1, lastYear: 0 })).toBeUndefined();
    expect(changeOf({ value: 1, lastYear: -5 })).toBeUndefined();
    expect(changeOf({ value: 1, lastYear: undefined })).toBeUndefined();
  });

  it('cuts a multiple, and does not count exactly twice as doubled', () => {
    expect(formatMultiple(1.999)).toBe('×1.9');
    expect(formatMultiple(2)).toBe('×2.0');
    expect(formatMultiple(-3)).toBe('×0.0');
    expect(formatMultiple(1e9)).toBe('>×99');
    expect(hasDoubled(200, 100)).toBe(false);
    expect(hasDoubled(201, 100)).toBe(true);
    expect(hasDoubled(201, 0)).toBe(false);
    expect(hasDoubled(201, undefined)).toBe(false);
  });

  it('shows three digits of an effect, however small it is', () => {
    expect(formatEffect(0.0123, 'en')).toBe('+0.0123');
    expect(formatEffect(-64.24, 'en')).toBe('−64.2');
    expect(formatEffect(0, 'en')).toBe('+0');
    expect(formatEffect(1_234.5, 'en')).toBe('+1,235');
    expect(plain(formatEffect(123_456, 'zh-CN'))).toBe('+12.3 万');
  });

  it('cuts a number to a whole one, towards zero', () => {
    expect(formatWhole(1_234_567.9)).toBe('1,234,567');
    expect(formatWhole(-0.5)).toBe('0');
  });
});

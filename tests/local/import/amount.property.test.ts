import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecimalMark, parseDecimal, type Rounding, times, toMinor } from '#local/import/amount.ts';

const minorOf = (text: string, mark: DecimalMark = 'point', digits = 2, rounding: Rounding = 'refuse') => {
  const read = parseDecimal(text, mark);
  if (!read.ok) return read.expected;
  const minor = toMinor(read.value, digits, rounding);
  return minor.ok ? minor.value.minor : minor.expected;
};

const grouped = (digits: string, separator: string) => digits.replace(/\B(?=(\d{3})+$)/g, separator);

describe('an amount', () => {
  it('is read to the last digit, whatever the number, the decimal mark and the thousands separator', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom(',', ' ', "'", ''), (fen, separator) => {
        const whole = String(BigInt(fen) / 100n);
        const rest = String(BigInt(fen) % 100n).padStart(2, '0');
        expect(minorOf(`${grouped(whole, separator)}.${rest}`)).toBe(fen);
        if (separator !== ',') expect(minorOf(`${grouped(whole, separator)},${rest}`, 'comma')).toBe(fen);
        expect(minorOf(`${grouped(whole, '.')},${rest}`, 'comma')).toBe(fen);
      }),
    );
  });

  it.each([
    ['1.15', 115],
    ['4.35', 435],
    ['007.50', 750],
    ['12.', 1_200],
    ['.5', 50],
    ['+12.00', 1_200],
    ['12.0000', 1_200],
    ['  12.00  ', 1_200],
    ['¥1,234.56', 123_456],
    ['￥1234', 123_400],
    ['1234.56元', 123_456],
    ['12.00 CNY', 1_200],
    ['USD 12.00', 1_200],
    ['R$ 1,234.5', 123_450],
    ['１２３', 12_300],
    ['1\u00a0234.56', 123_456],
    ['1,23,456.50', 12_345_650],
    ['(12.00)', -1_200],
    ['-12.00', -1_200],
    ['12.00-', -1_200],
    ['-$12.00', -1_200],
    ['$-12.00', -1_200],
    ['−5', -500],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
  ])('%s is %i in minor units', (text, minor) => {
    expect(minorOf(text)).toBe(minor);
  });

  it.each([
    '',
    '.',
    '1e3',
    'NaN',
    '0x10',
    '1.2.3,4',
    '1,2',
    '12,34.5',
    '1 2',
    '--1',
    '(1',
    '-(1)',
    '$1 USD',
    'free',
    '90071992547409.92',
  ])('%j is refused rather than guessed', (text) => {
    expect(minorOf(text)).toEqual(expect.any(String));
  });

  it.each([
    ['1,000', 'point', 100_000],
    ['1,000', 'comma', 100],
    ['1.000', 'comma', 100_000],
    ['1.000', 'point', 100],
    ['1.234,56', 'mixed', 123_456],
    ['1,234.56', 'mixed', 123_456],
    ['12,5', 'mixed', 1_250],
    ['1,000', 'mixed', expect.stringContaining('--decimal')],
    ['12,50', 'point', expect.stringContaining('a point before its decimals')],
    ['12.50', 'comma', expect.stringContaining('a comma before its decimals')],
  ] as const)('%s, if its decimal mark is given as %s, is %s', (text, mark, minor) => {
    expect(minorOf(text, mark)).toEqual(minor);
  });

  it('has as many decimals as its currency has', () => {
    expect(minorOf('10000', 'point', 0)).toBe(10_000);
    expect(minorOf('1.234', 'point', 3)).toBe(1_234);
    expect(minorOf('1.5', 'point', 0)).toContain('no decimals');
  });

  it.each([
    ['0.125', 12, 13, 12],
    ['0.135', 14, 14, 13],
    ['0.1251', 13, 13, 12],
    ['-0.125', -12, -13, -12],
  ])('%s is rounded as requested', (text, halfEven, halfUp, down) => {
    expect(minorOf(text)).toContain('at most two decimals');
    expect(minorOf(text, 'point', 2, 'half-even')).toBe(halfEven);
    expect(minorOf(text, 'point', 2, 'half-up')).toBe(halfUp);
    expect(minorOf(text, 'point', 2, 'down')).toBe(down);
  });

  it('times a quantity is exact', () => {
    const [price, pieces] = [parseDecimal('0.125', 'point'), parseDecimal('8', 'point')];
    if (!price.ok || !pieces.ok) throw new Error('unread');
    expect(toMinor(times(price.value, pieces.value), 2, 'refuse')).toEqual({
      ok: true,
      value: { minor: 100, isRounded: false },
    });
  });
});

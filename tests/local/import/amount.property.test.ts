import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAmount } from '#local/replay/sources/amount.ts';

const anyFen = fc.maxSafeNat();

describe('an amount', () => {
  it('in major units is read to the fen, whatever the number', () => {
    fc.assert(
      fc.property(anyFen, (fen) => {
        const yuan = BigInt(fen) / 100n;
        const rest = String(BigInt(fen) % 100n).padStart(2, '0');
        expect(parseAmount(`${yuan}.${rest}`, 'major')).toEqual({ ok: true, fen });
      }),
    );
  });

  it('in minor units is read as it is', () => {
    fc.assert(
      fc.property(anyFen, (fen) => {
        expect(parseAmount(`${fen}`, 'minor')).toEqual({ ok: true, fen });
      }),
    );
  });

  it.each([
    ['1.15', 115],
    ['4.35', 435],
    ['1.1', 110],
    ['48.9', 4890],
    ['7', 700],
    ['0.00', 0],
    ['007.50', 750],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
  ])('%s is %i fen', (text, fen) => {
    expect(parseAmount(text, 'major')).toEqual({ ok: true, fen });
  });

  it.each([
    '',
    '-1',
    '+1',
    '1.234',
    '1.',
    '.5',
    '1,50',
    '1,234.56',
    '¥5',
    '1e3',
    'NaN',
    '0x10',
    '１２',
    '90071992547409.92',
  ])('%j is refused rather than guessed', (text) => {
    expect(parseAmount(text, 'major')).toMatchObject({ ok: false });
  });

  it('with decimals is refused in minor units', () => {
    expect(parseAmount('1.00', 'minor')).toEqual({
      ok: false,
      message: 'expected a whole number such as 123, got "1.00"',
    });
  });
});

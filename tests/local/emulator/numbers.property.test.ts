import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNumbers, canonicalNumber, compareNumbers, numberBytes } from '#local/emulator/numbers.ts';
import { compareText } from '#local/emulator/values.ts';

const SCALE = 12;
/** A number of up to 12 places after the point, by its value times 10 to the 12th. */
const scaled = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

const written = (value: bigint): string => {
  const digits = (value < 0n ? -value : value).toString().padStart(SCALE + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
};
const canonical = (value: bigint): string => canonicalNumber(written(value));

describe('numbers', () => {
  it('are added and compared as integers of a smaller unit are', () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        expect(addNumbers(canonical(a), canonical(b))).toBe(canonical(a + b));
        expect(Math.sign(compareNumbers(canonical(a), canonical(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('have one form, whatever the notation', () => {
    fc.assert(
      fc.property(scaled, fc.integer({ min: -20, max: 20 }), (value, shift) => {
        const mantissa = `${value}e${shift - SCALE}`;
        const form = canonicalNumber(mantissa);
        expect(canonicalNumber(form)).toBe(form);
        expect(form).not.toMatch(/e|\.\d*0$|\.$|^-0$/i);
        expect(canonicalNumber(`${value}${'0'.repeat(5)}e${shift - SCALE - 5}`)).toBe(form);
      }),
    );
  });

  it('count as many bytes by the quick way as by the exact one', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 14), max: 10 ** 14 }), (value) => {
        const digits = String(Math.abs(value)).replace(/0+$/, '');
        const zeros = String(Math.abs(value)).length - digits.length;
        const bytes =
          value === 0 ? 1 : 1 + Math.ceil((digits.length + (zeros % 2)) / 2) + (value < 0 ? 1 : 0);
        expect(numberBytes(String(value))).toBe(bytes);
      }),
    );
  });

  it('have up to 38 digits and lie between 1e-130 and 9.99e125, and anything else is refused', () => {
    expect(canonicalNumber('1e-130')).toMatch(/^0\.0+1$/);
    for (const refused of ['1e126', '1e-131', '1'.repeat(39), 'NaN', '', '.', '0x10', '1_000'])
      expect(() => canonicalNumber(refused)).toThrow();
  });
});

describe('strings', () => {
  it('are ordered by their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

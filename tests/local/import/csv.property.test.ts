import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type CsvRow, readCsv } from '#local/import/csv.ts';
import { temporaryDirectory } from '../replay/files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const anyValue = fc.string({
  unit: fc.constantFrom('a', 'é', '双', ' ', ',', '"', '\n', '\r\n', '.'),
  maxLength: 8,
});
const anyRow = fc.array(anyValue, { minLength: 2, maxLength: 4 });
const anyNewline = fc.constantFrom('\n', '\r\n');

const quote = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const read = async (content: string): Promise<CsvRow[]> => {
  const path = directory.write('table.csv', content);
  return (await Array.fromAsync(readCsv(path))).flat();
};

const fieldsOf = (row: CsvRow): string[] | string => (row.kind === 'fields' ? row.fields : row.reason);

describe('the rows of a CSV file', () => {
  it('are those that were written, each with the line on which it starts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { minLength: 1 }),
        anyNewline,
        fc.boolean(),
        async (table, newline, ends) => {
          const texts = table.map((row) => row.map(quote).join(','));
          const rows = await read(texts.join(newline) + (ends ? newline : ''));
          expect(rows.map(fieldsOf)).toEqual(table);
          let line = 1;
          rows.forEach((row, i) => {
            expect(row.line).toBe(line);
            line += texts[i]!.split('\n').length;
          });
        },
      ),
    );
  });

  it('include the good rows before and after random text, and equal those of another parser if no row is broken', async () => {
    const anyRubbish = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' '), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(anyRubbish, async (rubbish) => {
        const rows = await read(`h,h\n1,2\n${rubbish}\n8,9\n`);
        expect(fieldsOf(rows[1]!)).toEqual(['1', '2']);
        // A quote in the random text may open a value that runs to the end. Then the last line is read
        // separately.
        const isWhole = rows.every(({ kind }) => kind === 'fields');
        if (isWhole) {
          expect(rows.map(fieldsOf)).toEqual(
            parse(`h,h\n1,2\n${rubbish}\n8,9\n`, { relax_column_count: true, skip_empty_lines: true }),
          );
        } else {
          expect(fieldsOf(rows.at(-1)!)).toEqual(['8', '9']);
        }
      }),
      { numRuns: 500 },
    );
  });
});

import { expect, it } from 'vitest';
import { exportedLines } from '#local/cli/exported.ts';

const linesOf = (isTable: boolean, ...lines: Record<string, unknown>[]): Promise<string[]> =>
  Array.fromAsync(exportedLines(isTable, ['order', 'fen', 'used'], lines));

it('an exported table has no cell that a spreadsheet would run as a formula', async () => {
  const [head, ...rows] = await linesOf(
    true,
    ...['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1', 'lo\u202etus', 'o-1', '1=1'].map(
      (order) => ({
        order,
        fen: -5,
        used: false,
      }),
    ),
  );
  expect(head).toBe('order,fen,used');
  expect(rows).toEqual([
    `"'=HYPERLINK(""http://x"")",-5,false`,
    "'+1,-5,false",
    "'-1,-5,false",
    "'@SUM(A1),-5,false",
    '\\u0009=1,-5,false',
    'lo\\u202etus,-5,false',
    'o-1,-5,false',
    '1=1,-5,false',
  ]);
});

it('a line of JSON keeps every value, with invisible characters as escapes', async () => {
  const line = { order: '=lo\u202etus\u200b', fen: -5, used: ['a'] };
  const [text] = await linesOf(false, line);
  expect(text).toBe('{"order":"=lo\\u202etus\\u200b","fen":-5,"used":["a"]}');
  expect(JSON.parse(text!)).toEqual(line);
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Values } from '#local/cli/options.ts';
import { CASES_DIRECTORY, hasCases } from '../cases.ts';
import { readOrders } from './read.ts';

const read = (file: string, options: Values = {}) =>
  readOrders(join(CASES_DIRECTORY, 'orders', file), options);

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for control characters.
const RAW = /[\u0000-\u001f\u007f-\u009f\u202e]/;

type Expected = {
  paid: [events: number, minor: number];
  refunded?: [events: number, minor: number];
  refused?: number;
  currency?: string;
  shape?: string;
  orders?: number;
};

/** What each file gives if it is read without options. */
const FILES: [file: string, expected: Expected][] = [
  ['35-emoji.csv', { paid: [3, 6_000] }],
  ['36-amount-formats.csv', { paid: [15, 882_480], refused: 5 }],
  ['39-time-formats.csv', { paid: [14, 1_400], refused: 7 }],
  ['41-semicolon.csv', { paid: [1, 1_250] }],
  ['43-taobao-gbk.csv', { paid: [2, 23_450], shape: 'taobao-orders' }],
  ['44-taobao-utf8.csv', { paid: [2, 23_450], shape: 'taobao-orders' }],
  ['45-shopify.csv', { paid: [2, 5_250], refunded: [1, 2_000], currency: 'USD', shape: 'shopify-orders' }],
  ['46-c1-controls.csv', { paid: [1, 100], refused: 3 }],
  ['49-negative-returns.csv', { paid: [1, 1_000], refused: 1 }],
  ['50-kind-words.csv', { paid: [4, 400], refunded: [2, 200], refused: 1 }],
  ['51-utf16.csv', { paid: [1, 100] }],
  ['55-comma-in-column.csv', { paid: [1, 100] }],
  ['56-trailing-comma.csv', { paid: [2, 300] }],
  ['amazon_settlement.tsv', { paid: [2, 142_890], shape: 'amazon-settlement' }],
  ['excel_bom_semicolon.csv', { paid: [2, 135_940] }],
  ['multi_line_items.csv', { paid: [3, 18_500], orders: 2 }],
  ['multi_line_order_total.csv', { paid: [1, 17_500], orders: 1 }],
  ['quoted_newlines.csv', { paid: [2, 3_000], refused: 1 }],
];

describe.skipIf(!hasCases)(`the order files of ${CASES_DIRECTORY} (skipped if there are none)`, () => {
  it.each(FILES)('%s', async (file, { paid, refunded = [0, 0], refused = 0, currency = 'CNY', ...rest }) => {
    const found = await read(file);
    expect(found.totals).toMatchObject({
      currency,
      paid: { events: paid[0], minor: paid[1] },
      refunded: { events: refunded[0], minor: refunded[1] },
      refused,
      ...(rest.orders === undefined ? {} : { orders: rest.orders }),
    });
    expect(found.mapping.shape).toBe(rest.shape);
  });

  it.each(['multi_currency.csv', 'magento_sales_order.csv'])(
    '%s is refused for its several currencies, unless one is chosen',
    async (file) => {
      await expect(read(file)).rejects.toThrow('expected orders in one currency');
      expect((await read(file, { currency: 'CNY' })).totals).toMatchObject({ currency: 'CNY', refused: 0 });
    },
  );

  it('multi_currency.csv is counted in the minor unit of each currency', async () => {
    const sums = await Promise.all(
      ['CNY', 'USD', 'JPY'].map(
        async (currency) => (await read('multi_currency.csv', { currency })).totals.paid.minor,
      ),
    );
    expect(sums).toEqual([10_000, 10_000, 10_000]);
  });

  it('magento_sales_order.csv has a third decimal, which is rounded only on request', async () => {
    const strict = await read('magento_sales_order.csv', { currency: 'USD' });
    expect(strict.refused).toEqual([expect.stringContaining('got "100.1250"')]);
    const rounded = await read('magento_sales_order.csv', { currency: 'USD', rounding: 'half-even' });
    expect(rounded.totals).toMatchObject({
      paid: { minor: 10_012 },
      refunded: { minor: 10_012 },
      rounded: 2,
    });
  });

  it('49-negative-returns.csv is a sale and a refund if the option `negative` says so', async () => {
    const { totals } = await read('49-negative-returns.csv', { negative: 'refund' });
    expect(totals).toMatchObject({ paid: { minor: 1_000 }, refunded: { events: 1, minor: 465 }, refused: 0 });
  });

  it('quoted_newlines.csv and 46-c1-controls.csv have refused rows, shown without raw control characters', async () => {
    expect((await read('quoted_newlines.csv')).refused).toEqual([
      expect.stringMatching(/^line 5: brand: expected .*, got "Jade\\nStudio"$/),
    ]);
    for (const line of (await read('46-c1-controls.csv')).refused) expect(line).not.toMatch(RAW);
  });
});

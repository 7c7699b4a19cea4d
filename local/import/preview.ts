/** How a file of orders is read, as text: the columns, the first events and the totals. */
import { formatCount, formatTable } from '#local/console/format.ts';
import { printable } from '#local/console/printable.ts';
import type { Converted, Totals } from './convert.ts';
import { formatMinor } from './currency.ts';
import type { Mapping } from './mapping.ts';
import type { Looked } from './read-orders.ts';
import { tableText } from './table.ts';

const count = (number: number, one: string, many = `${one}s`): string =>
  `${formatCount(number)} ${number === 1 ? one : many}`;

const SETTINGS: readonly [keyof Mapping, string][] = [
  ['currency', 'currency'],
  ['timeZone', 'time zone'],
  ['timeFormat', 'times'],
  ['decimals', 'decimals'],
  ['rounding', 'rounding'],
  ['negative', 'negative amounts'],
  ['rows', 'rows'],
];

const settingsText = (mapping: Mapping): string =>
  SETTINGS.map(([key, name]) => `${name} ${String(mapping[key])}`).join(', ');

/** How a file is read and why. */
export const proposalLines = ({ table, mapping, reasons }: Looked): string[] => [
  printable(`${table.name}: ${tableText(table)}`),
  ...reasons.map((reason) => printable(`  ${reason}`)),
  '',
  ...formatTable(
    Object.entries(mapping.columns).map(([role, column]) => [`  ${role}`, printable(column)]),
    'left',
  ),
  `  ${settingsText(mapping)}`,
];

/** The first events as they are read. */
export const previewLines = ({ first, totals: { currency } }: Converted): string[] => {
  if (first.length === 0) return [];
  const rows = first.map(({ line, order, member, brand, kind, amount, time }) => [
    `  ${line}`,
    printable(order),
    printable(member),
    printable(brand),
    kind,
    formatMinor(amount, currency),
    time,
  ]);
  const head = ['  line', 'order', 'member', 'brand', 'kind', currency, 'time'];
  return ['', ...formatTable([head, ...rows])];
};

/** The file's totals, and what does not count. */
export const totalsLines = (totals: Totals): string[] => {
  const { currency, orders, paid, refunded, rows, ignored, refused } = totals;
  const money = (minor: number): string => formatMinor(minor, currency);
  return [
    '',
    ...formatTable([
      ['', 'events', currency],
      ['  paid', formatCount(paid.events), money(paid.minor)],
      ['  refunded', formatCount(refunded.events), money(refunded.minor)],
      ['  net', '', money(paid.minor - refunded.minor)],
    ]),
    `${count(rows, 'row')}: ${count(orders, 'order')} of ${count(totals.members, 'member')} and ${count(totals.brands, 'brand')}, ${formatCount(refused)} refused`,
    ...Object.entries(ignored).map(([why, times]) =>
      printable(`  ${count(times, 'row')} not counted: ${why}`),
    ),
    ...(totals.rounded > 0 ? [`  ${count(totals.rounded, 'amount')} rounded`] : []),
    ...(totals.guests > 0 ? [`  ${count(totals.guests, 'row')} without a member`] : []),
    ...(totals.severalBrands > 0
      ? [`  ${count(totals.severalBrands, 'order')} of several brands: the total counts for the first`]
      : []),
  ];
};

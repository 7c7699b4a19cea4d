/** The report of a replay as text. */
import { cutToColumns } from '#local/console/display-width.ts';
import { formatCount, formatTable } from '#local/console/format.ts';
import { printable } from '#local/console/printable.ts';
import { formatMinor } from '#local/import/currency.ts';
import type { CampaignReport, Report } from './report.ts';

const TOP_BRANDS = 10;
const BRAND_COLUMNS_MAX = 40;
export const DEFAULT_CURRENCY = 'CNY';

/** The currency's name for headings, and its amounts: `of` makes text of an amount in minor units. */
type Money = { name: string; of: (minor: number) => string };

/** The report as text for people. Its brands are sorted by net amount, the highest first. */
export const summaryText = (report: Report): string => {
  const name = report.currency ?? DEFAULT_CURRENCY;
  const money: Money = { name, of: (minor) => formatMinor(minor, name) };
  return [
    ...Object.entries(report.campaigns).flatMap(([id, campaign]) => [
      ...campaignLines(id, campaign, money),
      '',
    ]),
    ...totalLines(report),
    '',
  ].join('\n');
};

const brandsText = (count: number): string => `${formatCount(count)} ${count === 1 ? 'brand' : 'brands'}`;

const campaignLines = (id: string, campaign: CampaignReport, money: Money): string[] => {
  const { orders, refunds, grossFen, netFen, members, watermark } = campaign;
  return [
    `Campaign ${id}`,
    ...formatTable([
      ['  orders', formatCount(orders)],
      ['  refunds', formatCount(refunds)],
      [`  gross ${money.name}`, money.of(grossFen)],
      [`  net ${money.name}`, money.of(netFen)],
      ['  members (about)', formatCount(Math.round(members))],
      ['  complete up to', watermark ?? 'nothing has come in'],
    ]),
    ...yearLines(campaign, money),
    ...brandLines(campaign, money),
    ...decisionLines(campaign, money),
    ...conflictLines(campaign),
  ];
};

const yearLines = (
  { brandLineFen, aboveLine, milestones, comparison }: CampaignReport,
  money: Money,
): string[] => {
  const first = milestones.find(({ kind }) => kind === 'brand-line');
  const passed = milestones.find(({ kind }) => kind === 'passed-last-year');
  const line =
    first === undefined
      ? []
      : [
          `  ${brandsText(aboveLine)} at ${money.name} ${money.of(brandLineFen)} or more, the first by ${first.at}`,
        ];
  if (comparison === undefined) return line;
  const { compareWith, doubled, lastYear } = comparison;
  return [
    ...line,
    `  ${brandsText(doubled)} at more than twice their net in ${compareWith} by the same time; all of ${compareWith} then had ` +
      `net ${money.name} ${money.of(lastYear.netFen)}, ${formatCount(lastYear.orders)} orders, ` +
      `${formatCount(Math.round(lastYear.members))} members`,
    ...(passed === undefined ? [] : [`  passed the whole of ${compareWith} by ${passed.at}`]),
  ];
};

const brandLines = ({ brands }: CampaignReport, money: Money): string[] => {
  const ranked = Object.entries(brands).sort(
    ([nameA, a], [nameB, b]) => b.netFen - a.netFen || (nameA < nameB ? -1 : 1),
  );
  if (ranked.length === 0) return [];
  const rows = ranked
    .slice(0, TOP_BRANDS)
    .map(([name, { orders, refunds, grossFen, netFen }]) => [
      `  ${shortened(name)}`,
      formatCount(orders),
      formatCount(refunds),
      money.of(grossFen),
      money.of(netFen),
    ]);
  const title =
    ranked.length > TOP_BRANDS ? `  top ${TOP_BRANDS} of ${formatCount(ranked.length)} brands` : '  brands';
  return [
    '',
    ...formatTable([[title, 'orders', 'refunds', `gross ${money.name}`, `net ${money.name}`], ...rows]),
  ];
};

const decisionLines = ({ decisions, decidedMembers }: CampaignReport, money: Money): string[] => {
  const rows = Object.entries(decisions).map(([label, { count, amountFen }]) => [
    `  ${printable(label)}`,
    formatCount(count),
    money.of(amountFen),
  ]);
  if (rows.length === 0) return [];
  const members = Object.entries(decidedMembers).map(([head, count]) => [`  ${head}`, formatCount(count)]);
  return [
    '',
    ...formatTable([['  decided', 'count', money.name], ...rows]),
    '',
    ...formatTable([['  decided for', 'members (about)'], ...members]),
  ];
};

const conflictLines = ({ conflicts }: CampaignReport): string[] =>
  conflicts === 0
    ? []
    : [
        '',
        `  ${formatCount(conflicts)} ${conflicts === 1 ? 'event id' : 'event ids'} sent with different contents: one content of each was counted`,
      ];

const shortened = (name: string): string => cutToColumns(printable(name), BRAND_COLUMNS_MAX);

const totalLines = ({ accepted, rejected, unreadable, consumed, seconds }: Report): string[] => {
  const rejects = Object.entries(rejected);
  const perOrder = (units: number): string =>
    accepted === 0 ? '' : `${(units / accepted).toFixed(4)} an order`;
  return [
    `${formatCount(accepted)} accepted, ${formatCount(rejects.reduce((sum, [, count]) => sum + count, 0))} rejected, ${formatCount(unreadable)} unreadable in ${seconds.toFixed(1)} s`,
    ...formatTable(rejects.map(([reason, count]) => [`  ${reason}`, formatCount(count)])),
    ...formatTable(
      Object.entries(consumed).map(([table, { readUnits, writeUnits, calls }]) => [
        `table ${table}`,
        `${formatCount(Math.round(writeUnits))} write units`,
        perOrder(writeUnits),
        `${formatCount(Math.round(readUnits))} read units`,
        perOrder(readUnits),
        `${formatCount(calls)} calls`,
      ]),
    ),
  ];
};

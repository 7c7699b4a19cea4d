import { formatCount, formatFen, formatTable } from '#local/console/format.ts';
import type { CampaignReport, Report } from './report.ts';

const TOP_BRANDS = 10;
const BRAND_CHARACTERS_MAX = 40;

/** The report for reading: amounts in yuan, the brands with the highest net value first. */
export const summaryText = (report: Report): string =>
  [
    ...Object.entries(report.campaigns).flatMap(([id, campaign]) => [...campaignLines(id, campaign), '']),
    ...totalLines(report),
    '',
  ].join('\n');

const campaignLines = (id: string, campaign: CampaignReport): string[] => {
  const { orders, refunds, grossFen, netFen, members, watermark } = campaign;
  return [
    `Campaign ${id}`,
    ...formatTable([
      ['  orders', formatCount(orders)],
      ['  refunds', formatCount(refunds)],
      ['  gross CNY', formatFen(grossFen)],
      ['  net CNY', formatFen(netFen)],
      ['  members (about)', formatCount(Math.round(members))],
      ['  complete up to', watermark ?? 'nothing has come in'],
    ]),
    ...yearLines(campaign),
    ...brandLines(campaign),
    ...decisionLines(campaign),
  ];
};

const yearLines = ({ brandLineFen, aboveLine, milestones, comparison }: CampaignReport): string[] => {
  const first = milestones.find(({ kind }) => kind === 'brand-line');
  const passed = milestones.find(({ kind }) => kind === 'passed-last-year');
  const line =
    first === undefined
      ? []
      : [
          `  ${formatCount(aboveLine)} brands at CNY ${formatFen(brandLineFen)} or more, the first by ${first.at}`,
        ];
  if (comparison === undefined) return line;
  const { compareWith, doubled, lastYear } = comparison;
  return [
    ...line,
    `  ${formatCount(doubled)} brands at more than twice ${compareWith} by the same time, which had ` +
      `net CNY ${formatFen(lastYear.netFen)}, ${formatCount(lastYear.orders)} orders, ` +
      `${formatCount(Math.round(lastYear.members))} members`,
    ...(passed === undefined ? [] : [`  passed the whole of ${compareWith} by ${passed.at}`]),
  ];
};

const brandLines = ({ brands }: CampaignReport): string[] => {
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
      formatFen(grossFen),
      formatFen(netFen),
    ]);
  const title =
    ranked.length > TOP_BRANDS ? `  top ${TOP_BRANDS} of ${formatCount(ranked.length)} brands` : '  brands';
  return ['', ...formatTable([[title, 'orders', 'refunds', 'gross CNY', 'net CNY'], ...rows])];
};

const decisionLines = ({ decisions, decidedMembers }: CampaignReport): string[] => {
  const rows = Object.entries(decisions).map(([label, { count, amountFen }]) => [
    `  ${label}`,
    formatCount(count),
    formatFen(amountFen),
  ]);
  if (rows.length === 0) return [];
  const members = Object.entries(decidedMembers).map(([head, count]) => [`  ${head}`, formatCount(count)]);
  return [
    '',
    ...formatTable([['  decided', 'count', 'CNY'], ...rows]),
    '',
    ...formatTable([['  on members', 'about'], ...members]),
  ];
};

const shortened = (name: string): string => {
  const characters = [...name];
  return characters.length <= BRAND_CHARACTERS_MAX
    ? name
    : `${characters.slice(0, BRAND_CHARACTERS_MAX - 1).join('')}…`;
};

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

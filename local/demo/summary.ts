/** The result of a demo as text. */
import { experimentSentence } from '#domain/board/render/sentence.ts';
import type { BoardView } from '#domain/board/view.ts';
import { formatCount, formatFen, formatTable } from '#local/console/format.ts';
import type { Truth } from '#simulator/truth.ts';
import type { EventToScreen } from '../board/latency.ts';
import type { Findings } from './findings.ts';
import type { Check } from './verdict.ts';

const PERCENT = 100;

const percent = (ratio: number | undefined): string =>
  ratio === undefined ? 'unknown' : `${ratio < 0 ? '-' : '+'}${Math.abs(ratio * PERCENT).toFixed(1)} %`;

const figure = (value: number, unit: Check['unit']): string =>
  unit === 'fen' ? `CNY ${formatFen(Math.round(value))}` : formatCount(Math.round(value));

const checkLines = (checks: readonly Check[]): string[] =>
  formatTable([
    ['', 'found', 'by the simulator', ''],
    ...checks.map(({ name, unit, found, expected, tolerance, isRight }) => [
      `  ${name}`,
      figure(found, unit),
      figure(expected, unit),
      isRight ? (tolerance > 0 ? percent(found / expected - 1) : 'exact') : 'WRONG',
    ]),
  ]);

const perMember = (view: BoardView, truth: Truth): string[][] =>
  (['engine', 'baseline'] as const).flatMap((arm) => {
    const orders = view.experiment?.ordersPerMember[arm];
    const net = view.experiment?.netFenPerMember[arm];
    const row = (name: string, interval: typeof orders, fact: number, show: (value: number) => string) => [
      `  ${name}, ${arm} against control`,
      interval === undefined
        ? 'not yet known'
        : `${show(interval.estimate)} (${show(interval.low)} to ${show(interval.high)})`,
      show(fact),
    ];
    return [
      row('orders a member', orders, truth.ordersPerMember[arm] ?? 0, (value) => value.toFixed(4)),
      row('net CNY a member', net, truth.netFenPerMember[arm] ?? 0, (value) => (value / 100).toFixed(2)),
    ];
  });

const experimentLines = (view: BoardView, truth: Truth): string[] => {
  if (view.experiment === undefined) return [];
  const { conversionLift } = view.experiment;
  const estimate =
    conversionLift === undefined
      ? 'not yet known'
      : `${percent(conversionLift.estimate)} (${percent(conversionLift.low)} to ${percent(conversionLift.high)})`;
  return [
    experimentSentence(view.experiment, 'en'),
    ...formatTable([
      ['', 'read out', 'in truth'],
      ['  conversion of coupons, engine against baseline', estimate, percent(truth.conversionLift)],
      ...perMember(view, truth),
    ]),
  ];
};

const milliseconds = (ms: number | undefined): string =>
  ms === undefined ? 'unknown' : `${(ms / 1_000).toFixed(1)} s`;

export type Timing = { latency: EventToScreen; seconds: number };

/** The result of a run as text for people. */
export const demoSummary = (
  { report, view, budget }: Findings,
  checks: readonly Check[],
  truth: Truth,
  { latency, seconds }: Timing,
): string => {
  const { freeOrders, coupons } = view;
  const accepted = Math.max(1, report.accepted);
  const { low, high } = spread(latency);
  return `${[
    ...checkLines(checks),
    '',
    ...experimentLines(view, truth),
    '',
    ...(coupons === undefined
      ? []
      : [
          `coupons: ${formatCount(coupons.issued)} issued, ${formatCount(coupons.redeemed)} redeemed; CNY ${formatFen(budget.totalFen - budget.remainingFen)} of ${formatFen(budget.totalFen)} spent`,
        ]),
    ...(freeOrders === undefined
      ? []
      : [`free orders: ${formatCount(freeOrders.wins)} won, CNY ${formatFen(freeOrders.awardedFen)}`]),
    `from event to screen: ${low} at the median, ${high} for 99 in 100`,
    ...formatTable(
      Object.entries(report.consumed).map(([table, { readUnits, writeUnits }]) => [
        `table ${table}`,
        `${(writeUnits / accepted).toFixed(3)} write units an order`,
        `${(readUnits / accepted).toFixed(3)} read units`,
      ]),
    ),
    `${formatCount(report.accepted)} order events in ${seconds.toFixed(1)} s, start-up included`,
  ].join('\n')}\n`;
};

const spread = ({ p50Ms, p99Ms }: EventToScreen): { low: string; high: string } => ({
  low: milliseconds(p50Ms),
  high: milliseconds(p99Ms),
});

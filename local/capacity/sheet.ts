/** A capacity plan as text. */
import { type Bill, billOf, PRICES_AS_OF } from '#domain/capacity/bill.ts';
import { type Burden, shareOf } from '#domain/capacity/burdens.ts';
import { ROUND_MS } from '#domain/capacity/load.ts';
import type { CapacityPlan } from '#domain/capacity/plan.ts';
import { TABLE_NAMES } from '#domain/capacity/unit-costs.ts';
import { formatCount, formatTable } from '#local/console/format.ts';

const count = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? formatCount(Math.ceil(value)) : value.toPrecision(2);
const percent = (share: number): string =>
  `${share >= 0.1 ? Math.round(share * 100) : (share * 100).toPrecision(2)} %`;
const dollars = (value: number): string => `$${value.toFixed(2)}`;

const functionsTable = ({ loads }: CapacityPlan): string[] =>
  formatTable([
    ['function', 'orders/s', 'messages/s', 'invocations/s', 'ms each', 'at a time'],
    ...loads.map((load) => [
      load.name,
      count(load.ordersPerSecond),
      count(load.messagesPerSecond),
      count(load.invocationsPerSecond),
      count(load.durationMs),
      count(load.concurrency),
    ]),
  ]);

const rollupLines = ({ rollup, sizes }: CapacityPlan): string[] => [
  `rollup of a campaign: the row of a shard's newest window is made again ${count(rollup.refreshesPerSecond)} times a second, of ${count(rollup.ordersInWindow)} orders; ${count(rollup.runsPerSecond)} runs/s of at most ${count(rollup.durationMs)} ms, ${count(rollup.mergesPerSecond)} merges/s`,
  `rollup's workers: ${count(rollup.concurrencyMin)} keep up, ${count(rollup.concurrency)} refresh as often as batches come, ${count(rollup.concurrencyMax)} at most find work, ${formatCount(sizes.concurrency.rollup)} are allowed; ${count(rollup.cost.writeUnits.metrics ?? 0)} write units/s`,
];

const tablesTable = ({ tables, demand }: CapacityPlan): string[] =>
  formatTable([
    ['table', 'write units/s', 'an order', 'read units/s', 'warm to'],
    ...TABLE_NAMES.map((name) => {
      const { writeUnits, readUnits, warmWriteUnits } = tables[name];
      return [
        name,
        count(writeUnits),
        (writeUnits / demand.ordersPerSecond).toFixed(3),
        count(readUnits),
        warmWriteUnits === 0 ? '–' : count(warmWriteUnits),
      ];
    }),
  ]);

const REMEDIES: Readonly<Record<Burden['kind'], string>> = {
  key: 'cannot be raised',
  quota: 'ask AWS for more',
  setting: 'raise it, above 1,000 with provisioned pollers',
};
const isOver = (burden: Burden): boolean => shareOf(burden) > 1;

const burdensTable = ({ burdens }: CapacityPlan): string[] =>
  formatTable([
    ['limit', 'load', 'of', 'full'],
    ...burdens.map((burden) => [
      `${burden.kind}: ${burden.name}`,
      count(burden.load),
      `${count(burden.max)} ${burden.unit}`,
      percent(shareOf(burden)),
    ]),
  ]);

const remediesOf = ({ burdens }: CapacityPlan): string[] =>
  burdens
    .filter(isOver)
    .map((burden) => `over its limit: ${burden.kind}, ${burden.name}: ${REMEDIES[burden.kind]}`);

const billLine = (what: string, { dynamodb, sqs, lambda }: Bill): string =>
  `${what}: ${dollars(dynamodb + sqs + lambda)} (DynamoDB ${dollars(dynamodb)}, SQS ${dollars(sqs)}, Lambda ${dollars(lambda)})`;

const sizesOf = ({ demand, sizes, items, presale }: CapacityPlan): string[] => {
  const { shards, segments, concurrency, pollers } = sizes;
  const list = (record: object): string =>
    Object.entries(record)
      .map(([name, value]) => `${name} ${formatCount(value as number)}`)
      .join(', ');
  const polled = Object.entries(pollers).map(([name, { min, max }]) => `${name} ${min} to ${max}`);
  const [largest] = items;
  return [
    `shards: ${list(shards)}`,
    `concurrency: ${list(concurrency)}`,
    `provisioned pollers, which are not in the bill: ${polled.length === 0 ? 'none' : polled.join(', ')}`,
    `largest item on an order's way: ${largest!.name}, ${count(largest!.bytes / KB)} KB`,
    `presale of ${formatCount(demand.audience)} members: ${count(presale.seconds / SECONDS_PER_MINUTE)} min by ${formatCount(presale.workers)} workers in ${formatCount(segments)} segments`,
  ];
};

const KB = 1_000;
const SECONDS_PER_MINUTE = 60;
const DAYS_PER_MONTH = 30;
const MILLION = 1_000_000;

/** A plan with its arithmetic, as lines. `ordersPerDay` adds a month's bill. */
export const sheetOf = (
  plan: CapacityPlan,
  measuredOn: string,
  ordersPerDay: number | undefined,
): string[] => {
  const { demand, burdens } = plan;
  const bill = billOf(plan);
  const ofMonth = ((ordersPerDay ?? 0) * DAYS_PER_MONTH) / MILLION;
  const first = burdens[0]!;
  return [
    `${formatCount(demand.ordersPerSecond)} orders/s · ${formatCount(demand.brands)} brands · ${formatCount(demand.members)} members · unit costs measured on ${measuredOn}, ${ROUND_MS} ms assumed for a call`,
    '',
    ...functionsTable(plan),
    '',
    ...rollupLines(plan),
    '',
    ...tablesTable(plan),
    '',
    ...burdensTable(plan),
    '',
    ...remediesOf(plan),
    `first to break: ${first.kind}, ${first.name}, at ${count(demand.ordersPerSecond / shareOf(first))} orders/s if the whole load grows in proportion`,
    ...sizesOf(plan),
    billLine(`a million orders (${PRICES_AS_OF})`, bill),
    ...(ordersPerDay === undefined
      ? []
      : [
          billLine(`a month of ${formatCount(ordersPerDay)} orders a day`, {
            dynamodb: bill.dynamodb * ofMonth,
            sqs: bill.sqs * ofMonth,
            lambda: bill.lambda * ofMonth,
          }),
        ]),
  ];
};

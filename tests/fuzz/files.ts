import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '#local/console/input-error.ts';
import { readMapping } from '#local/import/mapping.ts';
import { readOrders } from '../local/import/read.ts';
import { oneOf, streamOf } from '../world/random.ts';
import { newTally, note, type Tally } from './finding.ts';
import { mutatedBytes, mutatedText, mutatedValue } from './mutate.ts';

const TABLES = [
  'order,member,brand,amount,time\no1,m1,lotus,19.99,2026-11-10T20:00:00Z\no2,m2,"jade, old",5.00,2026-11-10T20:01:00Z\n',
  '订单编号;会员;品牌;金额;时间\n1;甲;莲花;1.234,50;10.11.2026 20:00\n2;乙;莲花;-3,00;10.11.2026 20:05\n',
  'Name\tEmail\tTotal\tCurrency\tCreated at\tVendor\n#1001\ta@b.c\t52.50\tUSD\t2026-11-10 20:00:00 +0800\tJade\n',
];
const MAPPING = {
  version: 1,
  encoding: 'utf-8',
  delimiter: ',',
  columns: { order: 'order', member: 'member', brand: 'brand', amount: 'amount', time: 'time' },
  guests: false,
  unpaidWithoutTime: false,
  amountUnit: 'major',
  decimals: 'point',
  rounding: 'refuse',
  negative: 'refuse',
  currency: 'CNY',
  timeFormat: 'auto',
  timeZone: 'UTC',
  rows: 'sum',
  statuses: {},
};

const run = async (
  tally: Tally,
  input: string | Uint8Array,
  work: () => unknown | Promise<unknown>,
): Promise<void> => {
  tally.inputs++;
  const before = process.cpuUsage();
  try {
    await work();
    tally.accepted++;
  } catch (error) {
    if (error instanceof InputError) tally.refused++;
    else note(tally, `threw ${(error as Error).stack}`, input);
  }
  const { user, system } = process.cpuUsage(before);
  tally.slowestMs = Math.max(tally.slowestMs, (user + system) / 1_000);
};

/**
 * Gives `count` files to the readers of order files and of mappings. The time that they take is shown but not judged: a person
 * waits for these readers, and no event does.
 */
export const fuzzFiles = async (seed: number, count: number): Promise<Tally[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'zhihui-fuzz-'));
  const random = streamOf(seed, 'files');
  const tables = newTally('files of orders');
  const mappings = newTally('mappings');
  const path = join(directory, 'input');
  try {
    for (let i = 0; i < count; i++) {
      const table = oneOf(random, TABLES);
      const bytes =
        random() < 0.5 ? Buffer.from(mutatedText(random, table)) : mutatedBytes(random, Buffer.from(table));
      writeFileSync(path, bytes);
      await run(tables, bytes, () => readOrders(path));
      const text =
        random() < 0.8
          ? (JSON.stringify(mutatedValue(random, MAPPING)) ?? '')
          : mutatedText(random, JSON.stringify(MAPPING));
      writeFileSync(path, text);
      await run(mappings, text, () => readMapping(path));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return [tables, mappings];
};

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { drandBeacon } from '#domain/free-orders/draw/drand.ts';
import { RECORDED_ROUNDS } from '#local/aws/recorded-beacon.ts';
import { Mistake } from '#local/cli/options.ts';
import { InputError } from '#local/console/input-error.ts';
import { readTable } from '#local/evaluate/csv.ts';
import { readMapping } from '#local/import/mapping.ts';
import { assessCampaign } from '#local/operate/assess-campaign.ts';
import { readCampaignFile } from '#local/replay/openings.ts';
import { Memory } from '#platform/memory.ts';
import { readOrders } from '../local/import/read.ts';
import { oneOf, streamOf } from '../world/random.ts';
import { DEFINITIONS } from './definitions.ts';
import { newTally, note, type Tally } from './finding.ts';
import { mutatedBytes, mutatedText, mutatedValue } from './mutate.ts';
import { isVerified, slotDraw } from './texts.ts';

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

const CAMPAIGN = readFileSync(new URL('../../events/presale.started.json', import.meta.url), 'utf8');
const TRIAL = 'treatment,age,city,spent\n1,20,lotus,3.5\n0,31,"jade, old",0\n';
const NOW_MS = Date.parse('2026-11-12T00:00:00.000Z');
const ROUND = RECORDED_ROUNDS[0]!;

/** A reader of files or answers from outside. It does not run for each message, so its time is shown but not limited. */
type Reader = {
  readonly name: string;
  /** Inputs that it accepts. */
  readonly samples: readonly string[];
  readonly mutated: (random: () => number, sample: string) => string | Uint8Array;
  /** Reads a file with this input. False, an {@link InputError} or a {@link Mistake} is a refusal. */
  readonly accepts: (path: string, input: string | Uint8Array) => boolean | Promise<boolean>;
};

const mutatedJson = (random: () => number, text: string): string =>
  random() < 0.8 ? (JSON.stringify(mutatedValue(random, JSON.parse(text))) ?? '') : mutatedText(random, text);

const mutatedFile = (random: () => number, text: string): Uint8Array =>
  random() < 0.5 ? Buffer.from(mutatedText(random, text)) : mutatedBytes(random, Buffer.from(text));

/** Asks a relay for the round. The relay answers with this text. */
const asksRelay = async (text: string): Promise<boolean> => {
  const get = (async () => new Response(text)) as typeof fetch;
  const beacon = drandBeacon(CHAINS.quicknet, ['http://relay'], { fetch: get, results: new Memory() });
  return (await beacon.round(ROUND.round)) !== undefined;
};

const READERS: readonly Reader[] = [
  {
    name: 'files of orders',
    samples: TABLES,
    mutated: mutatedFile,
    accepts: async (path) => (await readOrders(path)).events.length >= 0,
  },
  {
    name: 'mappings',
    samples: [JSON.stringify(MAPPING)],
    mutated: mutatedJson,
    accepts: (path) => readMapping(path) !== undefined,
  },
  {
    name: 'files of campaigns',
    samples: [CAMPAIGN, ...DEFINITIONS.map((definition) => JSON.stringify(definition))],
    mutated: mutatedJson,
    accepts: (path) => assessCampaign(path, NOW_MS).valid && readCampaignFile(path, NOW_MS).text !== '',
  },
  {
    name: 'tables to evaluate',
    samples: [TRIAL],
    mutated: mutatedFile,
    accepts: async (path) => {
      await readTable(
        '--data',
        path,
        () => {},
        () => {},
      );
      return true;
    },
  },
  {
    name: 'exports of draws by slots',
    samples: [slotDraw().lines.join('')],
    mutated: mutatedText,
    accepts: (_, input) => isVerified(String(input)),
  },
  {
    name: 'answers of beacon relays',
    samples: [JSON.stringify(ROUND)],
    mutated: mutatedJson,
    accepts: (_, input) => asksRelay(String(input)),
  },
];

const give = async (
  tally: Tally,
  input: string | Uint8Array,
  accepts: () => boolean | Promise<boolean>,
): Promise<void> => {
  tally.inputs++;
  const before = process.cpuUsage();
  try {
    if (await accepts()) tally.accepted++;
    else tally.refused++;
  } catch (error) {
    if (error instanceof InputError || error instanceof Mistake) tally.refused++;
    else note(tally, `threw ${(error as Error).stack}`, input);
  }
  const { user, system } = process.cpuUsage(before);
  tally.slowestMs = Math.max(tally.slowestMs, (user + system) / 1_000);
};

/** Gives `count` inputs to each reader of files and of answers from outside, the unchanged samples among them. */
export const fuzzFiles = async (seed: number, count: number): Promise<Tally[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'zhihui-fuzz-'));
  const path = join(directory, 'input');
  const tallies: Tally[] = [];
  try {
    for (const { name, samples, mutated, accepts } of READERS) {
      const random = streamOf(seed, name);
      const tally = newTally(name);
      tallies.push(tally);
      for (let i = 0; i < count; i++) {
        const one = samples[i] ?? mutated(random, oneOf(random, samples));
        writeFileSync(path, one);
        await give(tally, one, () => accepts(path, one));
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return tallies;
};

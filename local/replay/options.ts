/** The options of `npm start` with an input or a campaign. */
import { CAMPAIGN_WAIT_SECONDS_MAX } from '#lib/limits.ts';
import { RULES_HELP, VISIBILITY_SCALES } from '#local/console/lambda-rules.ts';
import {
  READING_FLAGS,
  READING_HELP,
  READING_TEXTS,
  type Reading,
  toReading,
} from '#local/import/options.ts';
import {
  MEANT_AS_INPUT,
  Mistake,
  optional,
  type Parsed,
  PORT,
  parseArguments,
  reader,
  type Values,
} from '../cli/options.ts';

export type Input =
  | { kind: 'events'; file: string }
  | { kind: 'orders'; file: string; reading: Reading }
  /** No input: the given campaigns, or those in the data directory, wait for events. */
  | { kind: 'none' };

export type Options = {
  input: Input;
  campaignFiles: string[];
  /** Events in one message, at most. */
  pack: number;
  /** The share of the records that is sent twice. */
  duplicate: number;
  shuffle: boolean;
  seed: number;
  /** Records a second, at most. */
  rate?: number;
  once: boolean;
  /** Whether anything refused makes the run fail. */
  strict: boolean;
  /** Whether the report is printed as JSON in place of the summary. */
  json: boolean;
  reportFile?: string;
  /** The file to which every refusal is written. */
  rejectsFile?: string;
  /** The directory to which exports of free-order draws are written. */
  drawsDirectory?: string;
  killEveryMs?: number;
  /** The number by which visibility timeouts are divided; the pipeline's default if left out. */
  visibilityScale?: number;
  /** Whether ticks of schedules are lost and doubled. */
  chaosTicks: boolean;
  sqsPort: number;
  dynamodbPort: number;
  /** The port of the page with the live screen. */
  boardPort: number;
  campaignWaitSeconds: number;
  logFile?: string;
  /** The directory that keeps tables, queues and secrets between runs. */
  dataDirectory?: string;
};

const PACK_EVENTS_MAX = 1_000;
const RATE_MAX = 1_000_000;
const KILL_EVERY_MS_MIN = 50;
const KILL_EVERY_MS_MAX = 3_600_000;

const DEFAULT_PACK = 100;
const DEFAULT_SEED = 1;
/** Campaigns are opened before orders are sent, so only an order of no campaign waits, and it need not wait for minutes. */
const DEFAULT_CAMPAIGN_WAIT_SECONDS = 20;

export const HELP = `Runs the whole pipeline on this machine and sends it events.
Without an input, a campaign and --data, a sale is simulated.

  npm start -- --events FILE.ndjson [options]   replay CloudEvents, one per line or an array (- for standard input)
  npm start -- --orders FILE.csv [options]      replay any table of orders; zhihui import FILE shows how it is read
  npm start -- --campaign FILE.json [options]   start empty and wait for events

Order tables (CSV and similar, with a header line)
${READING_HELP}
Campaigns
  --campaign FILE.json   a campaign definition, or a whole presale.started event; may be repeated
                         (default: the campaigns that the events open, or one named replay over the data's whole span)
  --wait SECONDS         how long an order waits for its campaign to open, 0 to ${CAMPAIGN_WAIT_SECONDS_MAX} (default ${DEFAULT_CAMPAIGN_WAIT_SECONDS})

Sending
  --pack N        events in one message, 1 to ${PACK_EVENTS_MAX} (default ${DEFAULT_PACK})
  --rate N        at most this many events a second (default: as fast as the pipeline takes them)
  --duplicate S   send this share of the events twice, 0 to 1 (default 0)
  --shuffle       send them out of order
  --seed N        for everything random (default ${DEFAULT_SEED})
  --kill-every MS kill a busy handler process about every MS milliseconds

${RULES_HELP}
Running
  --once               exit when everything is counted: 0 if all invariants hold, 1 if not or if nothing was accepted
  --strict             exit with 1 if anything is refused
  --rejects FILE       write every refusal as a line of JSON; the first 20 are printed
  --report FILE.json   write every figure
  --json               print every figure as JSON instead of the summary
  --draws DIR          end the draws of free orders, and write the export and the publications of each,
                       for npm run verify
  --data DIR           keep tables and queues in this directory, and continue from what is there
  --log FILE           append what the functions print
  --port N             of the SQS endpoint (default: a free one)
  --dynamodb-port N    of the DynamoDB endpoint (default: a free one; DYNAMODB_ENDPOINT uses another DynamoDB instead)
  --board-port N       of the page with the live screen (default: a free one)
  --help               this text

Exit status: 0 done, 1 an invariant is broken, nothing was accepted or the run failed, 2 an option or an input is wrong.
`;

const NAMES = {
  texts: [
    ...['events', 'orders', 'pack', 'duplicate', 'seed', 'rate', 'report', 'rejects', 'draws', 'kill-every'],
    ...['port', 'dynamodb-port', 'board-port', 'wait', 'log', 'data', 'visibility-scale'],
    ...READING_TEXTS,
  ],
  lists: ['campaign'],
  flags: ['shuffle', 'once', 'strict', 'json', 'chaos-ticks', ...READING_FLAGS],
  meant: MEANT_AS_INPUT,
};

/** Parses the arguments after the script's name. Files are not checked here, but when they are opened. */
export const parseOptions = (args: readonly string[]): Parsed<Options> =>
  parseArguments(args, NAMES, toOptions);

const toOptions = (values: Values): Options => {
  const read = reader(values);
  const { text, flag, number } = read;
  const campaignFiles = read.list('campaign');
  return {
    campaignFiles,
    pack: number('pack', { min: 1, max: PACK_EVENTS_MAX, whole: true }) ?? DEFAULT_PACK,
    duplicate: number('duplicate', { min: 0, max: 1, whole: false }) ?? 0,
    shuffle: flag('shuffle'),
    seed: number('seed', { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }) ?? DEFAULT_SEED,
    ...optional('rate', number('rate', { min: 1, max: RATE_MAX, whole: true })),
    once: flag('once'),
    strict: flag('strict'),
    json: flag('json'),
    ...optional('reportFile', text('report')),
    ...optional('rejectsFile', text('rejects')),
    ...optional('drawsDirectory', text('draws')),
    ...optional(
      'killEveryMs',
      number('kill-every', { min: KILL_EVERY_MS_MIN, max: KILL_EVERY_MS_MAX, whole: true }),
    ),
    ...optional('visibilityScale', number('visibility-scale', VISIBILITY_SCALES)),
    chaosTicks: flag('chaos-ticks'),
    sqsPort: number('port', PORT) ?? 0,
    dynamodbPort: number('dynamodb-port', PORT) ?? 0,
    boardPort: number('board-port', PORT) ?? 0,
    campaignWaitSeconds:
      number('wait', { min: 0, max: CAMPAIGN_WAIT_SECONDS_MAX, whole: true }) ??
      DEFAULT_CAMPAIGN_WAIT_SECONDS,
    ...optional('logFile', text('log')),
    ...optional('dataDirectory', text('data')),
    input: toInput(values, campaignFiles.length > 0 || text('data') !== undefined),
  };
};

const toInput = (values: Values, mayWait: boolean): Input => {
  const read = reader(values);
  const events = read.text('events');
  const orders = read.text('orders');
  if (events !== undefined && orders !== undefined)
    throw new Mistake('--events and --orders: expected one of them, got both');
  if (orders !== undefined) return { kind: 'orders', file: orders, reading: toReading(read) };
  const stray = [...READING_TEXTS, ...READING_FLAGS].find((name) => values[name] !== undefined);
  if (stray !== undefined) throw new Mistake(`--${stray}: expected only with --orders`);
  if (events !== undefined) return { kind: 'events', file: events };
  if (mayWait) return { kind: 'none' };
  throw new Mistake('--events, --orders or --campaign: expected one of them, got none');
};

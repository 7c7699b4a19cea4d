import { parseArgs } from 'node:util';
import { CAMPAIGN_WAIT_SECONDS_MAX } from '#lib/limits.ts';
import { RULES_HELP, VISIBILITY_SCALES } from '#local/console/lambda-rules.ts';
import type { AmountUnit } from './sources/amount.ts';
import { isTimeZone } from './sources/local-time.ts';
import { type Columns, OPTIONAL_ROLES, REQUIRED_ROLES, type Role } from './sources/order-row.ts';

export type Input =
  | { kind: 'events'; file: string }
  | { kind: 'orders'; file: string; columns: Columns; amountUnit: AmountUnit; timeZone: string };

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
  reportFile?: string;
  /** Where the exports of free-order draws are written. */
  drawsDirectory?: string;
  killEveryMs?: number;
  /** By how much visibility timeouts are shortened; the pipeline's default without. */
  visibilityScale?: number;
  /** Whether ticks of schedules are lost and doubled. */
  chaosTicks: boolean;
  sqsPort: number;
  dynamodbPort: number;
  /** Of the page with the live screen. */
  boardPort: number;
  campaignWaitSeconds: number;
  logFile?: string;
};

export type ParsedOptions =
  | { kind: 'run'; options: Options }
  | { kind: 'help' }
  | { kind: 'mistake'; message: string };

const PACK_EVENTS_MAX = 1_000;
const RATE_MAX = 1_000_000;
const KILL_EVERY_MS_MIN = 50;
const KILL_EVERY_MS_MAX = 3_600_000;
const PORT_MAX = 65_535;

const DEFAULT_PACK = 100;
const DEFAULT_SEED = 1;
/** Campaigns are opened before orders are sent, so only an order of no campaign waits, and it need not wait for minutes. */
const DEFAULT_CAMPAIGN_WAIT_SECONDS = 20;

const OPTION_TYPES = {
  events: { type: 'string' },
  orders: { type: 'string' },
  columns: { type: 'string' },
  'amount-unit': { type: 'string' },
  'time-zone': { type: 'string' },
  campaign: { type: 'string', multiple: true },
  pack: { type: 'string' },
  duplicate: { type: 'string' },
  shuffle: { type: 'boolean' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  once: { type: 'boolean' },
  report: { type: 'string' },
  draws: { type: 'string' },
  'kill-every': { type: 'string' },
  'visibility-scale': { type: 'string' },
  'chaos-ticks': { type: 'boolean' },
  port: { type: 'string' },
  'dynamodb-port': { type: 'string' },
  'board-port': { type: 'string' },
  wait: { type: 'string' },
  log: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type OptionName = keyof typeof OPTION_TYPES;

export const HELP = `Runs the whole pipeline on this machine and sends it events. Without --events and --orders, a sale is simulated.

  npm start -- --events FILE.ndjson [options]        replay CloudEvents, one a line (- for standard input)
  npm start -- --orders FILE.csv --columns … [options]   replay any table of orders

Order tables (CSV with a header line)
  --columns order=A,member=B,brand=C,amount=D,time=E   which column holds what; these five are needed, and
            [,kind=F][,channel=G][,store=H][,coupon=I][,event=J]   these are not:
            kind      paid or refunded, amounts positive in both (default paid)
            channel   far or near (default far); a near order needs its store
            event     the event's id (default: made of the row's number, its order and its kind)
  --amount-unit major|minor   1.23 or 123 (default major)
  --time-zone ZONE            of times that do not say it, an IANA name such as America/Sao_Paulo (default UTC)

Campaigns
  --campaign FILE.json   a campaign definition, or a whole presale.started event; may be repeated
                         (default: the campaigns that the events open, or one named replay over the data's whole span)
  --wait SECONDS         how long an order waits for its campaign to open, 0 to ${CAMPAIGN_WAIT_SECONDS_MAX} (default ${DEFAULT_CAMPAIGN_WAIT_SECONDS})

Sending
  --pack N        events in one message, 1 to ${PACK_EVENTS_MAX} (default ${DEFAULT_PACK})
  --rate N        events a second at the most (default: as fast as the pipeline takes them)
  --duplicate S   send this share of the events twice, 0 to 1 (default 0)
  --shuffle       send them out of order
  --seed N        for everything random (default ${DEFAULT_SEED})
  --kill-every MS kill a busy handler process about every MS milliseconds

${RULES_HELP}
Running
  --once               exit when everything is folded in: 0 if all invariants hold, 1 if not
  --report FILE.json   write every figure
  --draws DIR          end the draws of free orders, and write for each its export and what was published of it,
                       for npm run verify
  --log FILE           append what the functions print
  --port N             of the SQS endpoint (default: a free one)
  --dynamodb-port N    of the DynamoDB endpoint (default: a free one; DYNAMODB_ENDPOINT uses another DynamoDB instead)
  --board-port N       of the page with the live screen (default: a free one)
  --help               this text

Exit status: 0 done, 1 an invariant is broken or the run failed, 2 an option or an input is wrong.
`;

class Mistake extends Error {}

/** Parses the arguments after the script's name. Nothing is looked up: whether files exist shows when they are opened. */
export const parseOptions = (args: readonly string[]): ParsedOptions => {
  try {
    const values = parseValues(args);
    if (values.help === true) return { kind: 'help' };
    return { kind: 'run', options: toOptions(values) };
  } catch (error) {
    if (error instanceof Mistake) return { kind: 'mistake', message: error.message };
    throw error;
  }
};

type Values = { [Name in OptionName]?: Name extends 'campaign' ? string[] : string | boolean };

const parseValues = (args: readonly string[]): Values => {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: OPTION_TYPES,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new Mistake(`expected options only, got ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option') continue;
    const type = OPTION_TYPES[token.name as OptionName];
    if (type === undefined) throw new Mistake(`unknown option ${token.rawName}; --help lists what there is`);
    if (type.type === 'boolean' && token.value !== undefined) {
      throw new Mistake(`${token.rawName}: expected no value, got ${JSON.stringify(token.value)}`);
    }
    if (type.type === 'string') {
      // Without this, an option that lacks its value would take the next option for it.
      const isNextOption = token.inlineValue === false && token.value.startsWith('--');
      if ((token.value ?? '') === '' || isNextOption) {
        throw new Mistake(`${token.rawName}: expected a value, got ${token.value || 'nothing'}`);
      }
    }
    if (seen.has(token.name) && token.name !== 'campaign')
      throw new Mistake(`${token.rawName}: expected once, got twice`);
    seen.add(token.name);
  }
  return values as Values;
};

const toOptions = (values: Values): Options => {
  const text = (name: Exclude<OptionName, 'campaign'>): string | undefined =>
    values[name] as string | undefined;
  const number = (name: Exclude<OptionName, 'campaign'>, range: Range): number | undefined => {
    const value = text(name);
    return value === undefined ? undefined : parseNumber(`--${name}`, value, range);
  };
  const optional = <Key extends keyof Options>(key: Key, value: Options[Key] | undefined) =>
    value === undefined ? {} : { [key]: value };

  return {
    campaignFiles: values.campaign ?? [],
    pack: number('pack', { min: 1, max: PACK_EVENTS_MAX, whole: true }) ?? DEFAULT_PACK,
    duplicate: number('duplicate', { min: 0, max: 1, whole: false }) ?? 0,
    shuffle: values.shuffle === true,
    seed: number('seed', { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }) ?? DEFAULT_SEED,
    ...optional('rate', number('rate', { min: 1, max: RATE_MAX, whole: true })),
    once: values.once === true,
    ...optional('reportFile', text('report')),
    ...optional('drawsDirectory', text('draws')),
    ...optional(
      'killEveryMs',
      number('kill-every', { min: KILL_EVERY_MS_MIN, max: KILL_EVERY_MS_MAX, whole: true }),
    ),
    ...optional('visibilityScale', number('visibility-scale', VISIBILITY_SCALES)),
    chaosTicks: values['chaos-ticks'] === true,
    sqsPort: number('port', { min: 0, max: PORT_MAX, whole: true }) ?? 0,
    dynamodbPort: number('dynamodb-port', { min: 0, max: PORT_MAX, whole: true }) ?? 0,
    boardPort: number('board-port', { min: 0, max: PORT_MAX, whole: true }) ?? 0,
    campaignWaitSeconds:
      number('wait', { min: 0, max: CAMPAIGN_WAIT_SECONDS_MAX, whole: true }) ??
      DEFAULT_CAMPAIGN_WAIT_SECONDS,
    ...optional('logFile', text('log')),
    input: toInput(text),
  };
};

const toInput = (text: (name: Exclude<OptionName, 'campaign'>) => string | undefined): Input => {
  const events = text('events');
  const orders = text('orders');
  if (events !== undefined && orders !== undefined) {
    throw new Mistake('--events and --orders: expected one of them, got both');
  }
  if (orders === undefined) {
    for (const name of ['columns', 'amount-unit', 'time-zone'] as const) {
      if (text(name) !== undefined) throw new Mistake(`--${name}: expected only with --orders`);
    }
    if (events === undefined) throw new Mistake('--events or --orders: expected one of them, got neither');
    return { kind: 'events', file: events };
  }
  const timeZone = text('time-zone') ?? 'UTC';
  if (!isTimeZone(timeZone)) {
    throw new Mistake(
      `--time-zone: expected an IANA name such as America/Sao_Paulo, got ${JSON.stringify(timeZone)}`,
    );
  }
  const amountUnit = text('amount-unit') ?? 'major';
  if (amountUnit !== 'major' && amountUnit !== 'minor') {
    throw new Mistake(`--amount-unit: expected major or minor, got ${JSON.stringify(amountUnit)}`);
  }
  return { kind: 'orders', file: orders, columns: toColumns(text('columns')), amountUnit, timeZone };
};

const ROLES: readonly string[] = [...REQUIRED_ROLES, ...OPTIONAL_ROLES];

const toColumns = (text: string | undefined): Columns => {
  if (text === undefined) {
    throw new Mistake(
      `--columns: expected ${REQUIRED_ROLES.map((role) => `${role}=…`).join(',')} with --orders, got nothing`,
    );
  }
  const columns: Columns = {};
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=');
    const role = pair.slice(0, Math.max(0, equals)).trim();
    const column = pair.slice(equals + 1).trim();
    if (!ROLES.includes(role) || column === '') {
      throw new Mistake(
        `--columns: expected ROLE=COLUMN with a role of ${ROLES.join(', ')}, got ${JSON.stringify(pair)}`,
      );
    }
    if (columns[role as Role] !== undefined)
      throw new Mistake(`--columns: expected ${role} once, got it twice`);
    columns[role as Role] = column;
  }
  const missing = REQUIRED_ROLES.filter((role) => columns[role] === undefined);
  if (missing.length > 0) throw new Mistake(`--columns: expected ${missing.join(', ')} as well, got ${text}`);
  if (columns.store !== undefined && columns.channel === undefined) {
    throw new Mistake('--columns: expected channel as well, because only near orders have a store');
  }
  return columns;
};

type Range = { min: number; max: number; whole: boolean };

const parseNumber = (name: string, text: string, { min, max, whole }: Range): number => {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new Mistake(
    `${name}: expected a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got ${JSON.stringify(text)}`,
  );
};

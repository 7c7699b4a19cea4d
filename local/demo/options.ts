import { parseArgs } from 'node:util';
import { RULES_HELP, VISIBILITY_SCALES } from '#local/console/lambda-rules.ts';
import { SCALE_MAX, SCALE_MIN } from '#simulator/announced.ts';

export type DemoOptions = {
  seed: number;
  /** Of the sizes that were announced, at 1:1000 for 1. */
  scale: number;
  /** How many times as fast as the clock on the wall the sale goes. */
  speed: number;
  once: boolean;
  /** By how much visibility timeouts are shortened; the pipeline's default without. */
  visibilityScale?: number;
  /** Whether ticks of schedules are lost and doubled. */
  chaosTicks: boolean;
  reportFile?: string;
  sqsPort: number;
  dynamodbPort: number;
  boardPort: number;
  logFile?: string;
};

export type ParsedDemoOptions =
  | { kind: 'run'; options: DemoOptions }
  | { kind: 'help' }
  | { kind: 'mistake'; message: string };

const DEFAULT_SEED = 1;
const SEED_MAX = 2 ** 32 - 1;
const DEFAULT_SCALE = 1;
/** An hour in 45 seconds: what two cores keep up with. */
const DEFAULT_SPEED = 80;
const SPEED_MIN = 1;
const SPEED_MAX = 600;
const PORT_MAX = 65_535;

export const DEMO_HELP = `Simulates the first hour of a sale and runs the whole pipeline on it, on this machine.

  npm start [-- options]

  --seed N        of the simulated members, brands and orders, a whole number (default ${DEFAULT_SEED})
  --scale X       of the sizes, ${SCALE_MIN} to ${SCALE_MAX}; 1 is a thousandth of what was announced (default ${DEFAULT_SCALE})
  --speed X       how many times as fast as in life the hour goes, ${SPEED_MIN} to ${SPEED_MAX} (default ${DEFAULT_SPEED})
  --once          exit after the summary: 0 if every figure is right, 1 if not
  --report FILE   write every figure as JSON
  --log FILE      append what the functions print
  --port N, --dynamodb-port N, --board-port N   of the SQS endpoint, the DynamoDB endpoint and the page (default: free ones)

${RULES_HELP}
To send it events of your own instead, give --events or --orders:

`;

class Mistake extends Error {}

const OPTION_TYPES = {
  seed: { type: 'string' },
  scale: { type: 'string' },
  speed: { type: 'string' },
  once: { type: 'boolean' },
  report: { type: 'string' },
  log: { type: 'string' },
  port: { type: 'string' },
  'dynamodb-port': { type: 'string' },
  'board-port': { type: 'string' },
  'visibility-scale': { type: 'string' },
  'chaos-ticks': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type TextName = Exclude<keyof typeof OPTION_TYPES, 'once' | 'chaos-ticks' | 'help'>;
type Range = { min: number; max: number; whole: boolean };

/** Parses the arguments after the script's name. */
export const parseDemoOptions = (args: readonly string[]): ParsedDemoOptions => {
  try {
    const { values, tokens } = parseArgs({
      args: [...args],
      options: OPTION_TYPES,
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    for (const token of tokens) checkToken(token);
    if (values.help === true) return { kind: 'help' };
    const text = (name: TextName): string | undefined => values[name] as string | undefined;
    const number = (name: TextName, range: Range): number | undefined => {
      const text = values[name] as string | undefined;
      if (text === undefined) return undefined;
      const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value))) return value;
      const kind = range.whole ? 'whole number' : 'number';
      throw new Mistake(
        `--${name}: expected a ${kind} from ${range.min} to ${range.max}, got ${JSON.stringify(text)}`,
      );
    };
    const port: Range = { min: 0, max: PORT_MAX, whole: true };
    return {
      kind: 'run',
      options: {
        seed: number('seed', { min: 0, max: SEED_MAX, whole: true }) ?? DEFAULT_SEED,
        scale: number('scale', { min: SCALE_MIN, max: SCALE_MAX, whole: false }) ?? DEFAULT_SCALE,
        speed: number('speed', { min: SPEED_MIN, max: SPEED_MAX, whole: false }) ?? DEFAULT_SPEED,
        once: values.once === true,
        ...optional('visibilityScale', number('visibility-scale', VISIBILITY_SCALES)),
        chaosTicks: values['chaos-ticks'] === true,
        sqsPort: number('port', port) ?? 0,
        dynamodbPort: number('dynamodb-port', port) ?? 0,
        boardPort: number('board-port', port) ?? 0,
        ...optional('reportFile', text('report')),
        ...optional('logFile', text('log')),
      },
    };
  } catch (error) {
    if (error instanceof Mistake) return { kind: 'mistake', message: error.message };
    throw error;
  }
};

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

/** Refuses what parsing lets pass: what is no option, an option that is not known, one without its value or with one too many. */
const checkToken = (token: Token): void => {
  if (token.kind === 'positional')
    throw new Mistake(`expected options only, got ${JSON.stringify(token.value)}`);
  if (token.kind !== 'option') return;
  const type = OPTION_TYPES[token.name as keyof typeof OPTION_TYPES];
  if (type === undefined) throw new Mistake(`unknown option ${token.rawName}; --help lists what there is`);
  if (type.type === 'boolean' && token.value !== undefined) {
    throw new Mistake(`${token.rawName}: expected no value, got ${JSON.stringify(token.value)}`);
  }
  if (type.type === 'string' && token.value === undefined) {
    throw new Mistake(`${token.rawName}: expected a value, got nothing`);
  }
};

import { RULES_HELP, VISIBILITY_SCALES } from '#local/console/lambda-rules.ts';
import { SCALE_MAX, SCALE_MIN } from '#simulator/announced.ts';
import { MEANT_AS_INPUT, optional, type Parsed, PORT, parseArguments, reader } from '../cli/options.ts';

export type DemoOptions = {
  seed: number;
  /** The size of the sale: 1 is a thousandth of the announced one. */
  scale: number;
  /** How many times faster than real time the sale runs. */
  speed: number;
  once: boolean;
  /** Whether the report is printed as JSON instead of the summary. */
  json: boolean;
  /** Visibility timeouts are divided by this; if it is left out, by the pipeline's default. */
  visibilityScale?: number;
  /** Whether some ticks of the schedules are lost and others doubled. */
  chaosTicks: boolean;
  reportFile?: string;
  sqsPort: number;
  dynamodbPort: number;
  boardPort: number;
  logFile?: string;
};

const DEFAULT_SEED = 1;
const SEED_MAX = 2 ** 32 - 1;
const DEFAULT_SCALE = 1;
/** An hour in 36 seconds, which two cores can process. */
const DEFAULT_SPEED = 100;
const SPEED_MIN = 1;
const SPEED_MAX = 600;

export const DEMO_HELP = `Simulates the first hour of a sale and runs the whole pipeline on it, on this machine.

  npm start [-- options]

  --seed N        the seed of the simulated sale, a whole number (default ${DEFAULT_SEED})
  --scale X       the size of the sale, ${SCALE_MIN} to ${SCALE_MAX}; 1 is a thousandth of the announced one (default ${DEFAULT_SCALE})
  --speed X       how many times faster than real time the hour runs, ${SPEED_MIN} to ${SPEED_MAX} (default ${DEFAULT_SPEED})
  --once          exit after the summary: 0 if every figure is right, 1 if not
  --report FILE   write every figure as JSON
  --json          print every figure as JSON instead of the summary
  --log FILE      append what the functions print
  --port N, --dynamodb-port N, --board-port N   of the SQS endpoint, the DynamoDB endpoint and the page (default: free ones)

${RULES_HELP}
To send the pipeline your own events instead, give --events or --orders:

`;

const NAMES = {
  texts: [
    'seed',
    'scale',
    'speed',
    'report',
    'log',
    'port',
    'dynamodb-port',
    'board-port',
    'visibility-scale',
  ],
  flags: ['once', 'json', 'chaos-ticks'],
  meant: MEANT_AS_INPUT,
};

/** Parses the arguments after the script's name. */
export const parseDemoOptions = (args: readonly string[]): Parsed<DemoOptions> =>
  parseArguments(args, NAMES, (values) => {
    const { text, flag, number } = reader(values);
    return {
      seed: number('seed', { min: 0, max: SEED_MAX, whole: true }) ?? DEFAULT_SEED,
      scale: number('scale', { min: SCALE_MIN, max: SCALE_MAX, whole: false }) ?? DEFAULT_SCALE,
      speed: number('speed', { min: SPEED_MIN, max: SPEED_MAX, whole: false }) ?? DEFAULT_SPEED,
      once: flag('once'),
      json: flag('json'),
      ...optional('visibilityScale', number('visibility-scale', VISIBILITY_SCALES)),
      chaosTicks: flag('chaos-ticks'),
      sqsPort: number('port', PORT) ?? 0,
      dynamodbPort: number('dynamodb-port', PORT) ?? 0,
      boardPort: number('board-port', PORT) ?? 0,
      ...optional('reportFile', text('report')),
      ...optional('logFile', text('log')),
    };
  });

import { readFileSync } from 'node:fs';
import { MAX_POOLS } from '#domain/allocation/candidates.ts';
import { Mistake, type Parsed, parseArguments, reader } from '../cli/options.ts';

export type PlanOptions = {
  candidatesFile: string;
  /** What all coupons together may cost, in fen. */
  budgetFen: number;
  /** What the coupons of each pool may cost, in fen, by the pool's name; undefined if there are no separate pools. */
  pools: ReadonlyMap<string, number> | undefined;
  reportFile: string | undefined;
  /** Whether the figures are printed as JSON. */
  json: boolean;
};

export const HELP = `Plans who gets which coupon within a budget, without the pipeline.

  npm run plan -- --candidates FILE.ndjson --budget FEN [--pools FILE.json] [--report FILE.json]

  --candidates FILE  one candidate per line: {"member", "offer", "value", "cost", "pool"?}; at most one offer per member is
                     given. value is what giving it is worth, a number from 0 in any unit; cost is in fen. Lines of a
                     member may be anywhere in the file, and the file may be larger than memory. A line that cannot be
                     read is reported with its number and reason, and left out.
  --budget FEN       what all coupons together may cost
  --pools FILE       {"pool": FEN, …}: what the coupons of each pool may cost as well. A line that names a pool
                     draws on it and on the budget, a line without one on the budget alone. Without this option the
                     pools that lines name are ignored.
  --report FILE      write {"chosen": [{"member", "offer"}], "value", "spend", "price", "bound", …}
  --json             print the figures as JSON
  --help             this text

Temporary files as large as the candidates are kept in TMPDIR. Exit status: 0 done, 1 failed, 2 an option or a file of
options is wrong.
`;

const fenOf = (name: string, value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Mistake(
    `${name}: expected an integer number of fen from 0 to ${Number.MAX_SAFE_INTEGER}, got ${JSON.stringify(value)}`,
  );
};

/** One pool is reserved for candidates without a pool. */
const MOST_NAMED_POOLS = MAX_POOLS - 1;

/** Parses the content of a pools file. */
export const parsePools = (text: string): Map<string, number> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Mistake(`--pools: expected JSON, got another text (${(cause as Error).message})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mistake('--pools: expected an object of pool names and fen');
  }
  const pools = Object.entries(value);
  if (pools.length === 0 || pools.length > MOST_NAMED_POOLS) {
    throw new Mistake(`--pools: expected 1 to ${MOST_NAMED_POOLS} pools, got ${pools.length}`);
  }
  return new Map(pools.map(([name, fen]) => [name, fenOf(`--pools: ${JSON.stringify(name)}`, fen)]));
};

const readPools = (file: string): Map<string, number> => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Mistake(`--pools: expected a file that can be read, got ${file} (${(cause as Error).message})`);
  }
  return parsePools(text);
};

const NAMES = { texts: ['candidates', 'budget', 'pools', 'report'], flags: ['json'] };

/** Parses the arguments after the script's name, and reads the file of pools. */
export const parsePlanOptions = (args: readonly string[]): Parsed<PlanOptions> =>
  parseArguments(args, NAMES, (values) => {
    const { text, flag } = reader(values);
    const candidatesFile = text('candidates');
    const budget = text('budget');
    const poolsFile = text('pools');
    if (candidatesFile === undefined) throw new Mistake('--candidates: expected a file, got nothing');
    if (budget === undefined) throw new Mistake('--budget: expected an integer number of fen, got nothing');
    return {
      candidatesFile,
      budgetFen: fenOf('--budget', /^\d+$/.test(budget) ? Number(budget) : budget),
      pools: poolsFile === undefined ? undefined : readPools(poolsFile),
      reportFile: text('report'),
      json: flag('json'),
    };
  });

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasDynoxide } from '#local/aws/dynamodb.ts';
import type { ChaosOptions, Progress } from './chaos.ts';
import { printed } from './report.ts';
import { chaosRun } from './run.ts';

const USAGE = `Plays a large sale on this machine while its processes are killed and its calls fail, and judges it by the oracle of
the seeded world. It takes about eight minutes on two idle cores.

  npm run chaos -- [--seed N] [--short] [--keep]

  --seed N   chooses the sale, the faults and the processes that are struck; their timing is the machine's (default 1)
  --short    a small sale of half a minute
  --keep     keeps the tables, the queues and the functions' log, and prints where
`;

class UsageError extends Error {}

type Given = Omit<ChaosOptions, 'seed' | 'directory' | 'onProgress'>;

/** At this speed a seed's sale, whose last events come 110 minutes after its first ones, takes six minutes. */
const WHOLE: Given = {
  sales: 4,
  speed: 20,
  minutes: 115,
  everyMs: { kill: 900, suspend: 6_000, database: 60_000 },
  // With fewer kills and faults, a run without a violation would prove little.
  least: { kills: 200, faults: 1_000 },
  maxMs: 540_000,
  restarts: 2,
};

const SHORT: Given = {
  sales: 1,
  speed: 120,
  minutes: 36,
  everyMs: { kill: 900, suspend: 5_000, database: 8_000 },
  least: { kills: 1, faults: 1 },
  maxMs: 30_000,
  restarts: 1,
};

const main = async (args: string[]): Promise<number> => {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) throw new UsageError(USAGE);
  if (!/^[1-9]\d{0,8}$/.test(values.seed))
    throw new UsageError(`--seed: expected a whole number from 1, got ${values.seed}`);
  if (!hasDynoxide())
    throw new UsageError(
      'npm run chaos: expected Dynoxide, whose tables outlive a kill, got a machine without it',
    );
  const directory = mkdtempSync(join(tmpdir(), 'zhihui-chaos-'));
  const startedMs = performance.now();
  const onProgress = ({ playedMs, kills, faults }: Progress): void =>
    console.log(
      `${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4)} s: minute ${Math.round(playedMs / 60_000)} of the sale, ${kills} kills, ${faults.total} faults`,
    );
  try {
    const options = values.short ? SHORT : WHOLE;
    const result = await chaosRun({ ...options, seed: Number(values.seed), directory, onProgress });
    const seconds = (performance.now() - startedMs) / 1_000;
    const { lines, isGood } = printed(result, seconds, options.least);
    for (const line of lines) console.log(line);
    return isGood ? 0 : 1;
  } finally {
    if (values.keep) console.log(`kept in ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (
    !(error instanceof UsageError) &&
    (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true
  )
    throw error;
  console.error((error as Error).message);
  process.exitCode = 2;
}

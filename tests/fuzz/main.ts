import { parseArgs } from 'node:util';
import { formatCount, formatTable } from '#local/console/format.ts';
import { fuzzBodies } from './bodies.ts';
import { fuzzFiles } from './files.ts';
import { fuzzParsers } from './parsers.ts';

const USAGE = `Gives every parser and every reader of stored bytes unexpected inputs: changed samples, and random ones. Prints what each of
them did, and every input that broke a rule. An input breaks a rule if the parser throws, if it takes more than 50 ms of CPU (best
of three), if another event in the same batch is not counted, or if its rejection is too large for a message.

  npm run fuzz -- [--bodies N] [--inputs N] [--files N] [--seed N]

  --bodies N   bodies of messages (default 100000)
  --inputs N   inputs for each other parser (default 10000)
  --files N    inputs for each reader of files (default 300)
  --seed N     chooses all inputs (default 1)
`;

class UsageError extends Error {}

const main = async (args: string[]): Promise<number> => {
  const { values } = parseArgs({
    args,
    options: {
      bodies: { type: 'string', default: '100000' },
      inputs: { type: 'string', default: '10000' },
      files: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) throw new UsageError(USAGE);
  const whole = (name: 'bodies' | 'inputs' | 'files' | 'seed'): number => {
    if (/^\d{1,9}$/.test(values[name])) return Number(values[name]);
    throw new UsageError(`--${name}: expected a whole number, got ${values[name]}`);
  };
  const seed = whole('seed');
  const startedMs = performance.now();
  const tallies = [
    fuzzBodies(seed, whole('bodies')),
    ...fuzzParsers(seed, whole('inputs')),
    ...(await fuzzFiles(seed, whole('files'))),
  ];
  const rows = tallies.map(({ parser, inputs, accepted, refused, slowestMs, findings }) => [
    parser,
    ...[inputs, accepted, refused].map(formatCount),
    `${slowestMs.toFixed(1)} ms`,
    formatCount(findings.length),
  ]);
  const head = ['', 'inputs', 'accepted', 'refused', 'slowest', 'findings'];
  for (const line of formatTable([head, ...rows])) console.log(line);
  const findings = tallies.flatMap((tally) => tally.findings);
  for (const { parser, what, input } of findings) console.log(`\n${parser}: ${what}\n  input: ${input}`);
  console.log(`${((performance.now() - startedMs) / 1_000).toFixed(0)} s; ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
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

/** The command `npm run offpolicy`. */
import { createReadStream, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type OffPolicy, OffPolicyEstimate, type PolicyValue } from '#domain/learning/off-policy.ts';
import { formatCount, formatTable } from '#local/console/format.ts';
import { printable } from '#local/console/printable.ts';
import { readDecisionLine } from './decision-line.ts';
import { type OffPolicyOptions, parseOffPolicyOptions } from './options.ts';

const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;
const REASONS_SHOWN = 10;
const DIGITS = 5;

type Log = { result: OffPolicy; repeated: number; unreadable: number };

const readLog = async ({ log, policy }: OffPolicyOptions, note: (text: string) => void): Promise<Log> => {
  const estimate = new OffPolicyEstimate();
  const seen = new Set<string>();
  let [number, repeated, unreadable] = [0, 0, 0];
  // If the file cannot be read, the loop over its lines throws the error.
  for await (const line of createInterface({ input: createReadStream(log), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    const read = readDecisionLine(line, policy);
    if (read.kind === 'unreadable') {
      unreadable += 1;
      if (unreadable <= REASONS_SHOWN) note(`line ${number}: ${read.reason}; left out`);
    } else if (seen.has(read.id)) repeated += 1;
    else {
      seen.add(read.id);
      estimate.add(read.decision);
    }
  }
  if (unreadable > REASONS_SHOWN) note(`and ${formatCount(unreadable - REASONS_SHOWN)} more lines left out`);
  if (seen.size === 0) throw new Error(`--log: expected decisions, got none that can be read in ${log}`);
  return { result: estimate.result(), repeated, unreadable };
};

const row = (name: string, value: PolicyValue | undefined): string[] => {
  const show = (number: number) => String(Number(number.toPrecision(DIGITS)));
  return value === undefined
    ? [name, 'no predicted rewards', '']
    : [name, show(value.estimate), `${show(value.low)} to ${show(value.high)}`];
};

const lines = ({ result, repeated, unreadable }: Log): string[] => [
  ...formatTable([
    ['reward a decision', '', '95 %'],
    row('logged policy', result.logged),
    row('IPS', result.ips),
    row('SNIPS', result.snips),
    row('doubly robust', result.doublyRobust),
    row('direct (if the predictions are right)', result.direct),
  ]),
  '',
  `decisions              ${formatCount(result.decisions)} (${formatCount(repeated)} repeated and ${formatCount(unreadable)} unreadable left out)`,
  `effective sample size  ${formatCount(Math.round(result.effectiveSize))}`,
  ...result.warnings.map((warning) => `NOT TO BE RELIED ON: ${warning}`),
];

/** Runs the command and returns its exit status: 0 done, 1 failed, 2 an option or a file cannot be used. */
export const main = async (args: readonly string[]): Promise<number> => {
  const parsed = parseOffPolicyOptions(args);
  if (parsed.kind === 'help') {
    process.stdout.write(parsed.text);
    return 0;
  }
  if (parsed.kind === 'mistake') {
    process.stderr.write(`error: ${printable(parsed.message)}\n`);
    return EXIT_MISTAKE;
  }
  const { options } = parsed;
  try {
    const log = await readLog(options, (text) => process.stderr.write(`${printable(text)}\n`));
    process.stdout.write(`${lines(log).map(printable).join('\n')}\n`);
    if (options.report !== undefined) {
      writeFileSync(options.report, `${JSON.stringify({ policy: options.policy, ...log }, undefined, 2)}\n`);
    }
    return 0;
  } catch (error) {
    const { message, syscall, path } = error as NodeJS.ErrnoException;
    if (syscall === undefined) {
      process.stderr.write(`error: ${printable(message)}\n`);
      return EXIT_FAILED;
    }
    const option = path === options.log ? '--log' : '--report';
    const expected = `${option}: expected a file that can be used, got ${path} (${message})`;
    process.stderr.write(`error: ${printable(expected)}\n`);
    return EXIT_MISTAKE;
  }
};

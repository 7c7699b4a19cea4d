/**
 * `npm run verify -- --draw EXPORT.ndjson`: whether an exported draw is what its rules, its seed and its beacon make it.
 * Exit code 0: verified. 1: not, with the lines at fault. 2: the command or its files cannot be used.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Published, parsePublished } from '#domain/free-orders/audit/published.ts';
import { DrawVerifier, type Verdict } from '#domain/free-orders/audit/verify-draw.ts';

/** A longer line cannot be of an export: the longest, the header, carries a definition that fits an item of 400 KB. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const FEN_PER_YUAN = 100;
const DIGEST = /^[0-9a-f]{64}$/;

const USAGE = `usage: npm run verify -- --draw EXPORT.ndjson [--published FILE.ndjson] [--commitment HEX] [--root HEX]

  --draw        the exported draw to check
  --published   what the operator published while the campaign ran, as you kept it: facts, slots, root
  --commitment  the published commitment to the seed, if you kept only that
  --root        the published root of the export, if you kept only that`;

class UsageError extends Error {}

function digestOption(name: string, value: string | undefined): string | undefined {
  if (value === undefined || DIGEST.test(value)) return value;
  throw new UsageError(`--${name}: expected 64 lower-case hexadecimal digits, got ${JSON.stringify(value)}`);
}

const OPTIONS = {
  draw: { type: 'string' },
  published: { type: 'string' },
  commitment: { type: 'string' },
  root: { type: 'string' },
} as const;

function parseOptions(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function readOptions(args: string[]): Promise<{ draw: string; published: Published }> {
  const values = parseOptions(args);
  if (values.draw === undefined) throw new UsageError('--draw: expected an export to check, got nothing');
  const parsed =
    values.published === undefined
      ? { ok: true as const, published: {} }
      : parsePublished(await readFile(values.published, 'utf8'));
  if (!parsed.ok) throw new UsageError(`--published ${values.published}: ${parsed.message}`);
  const published: Published = parsed.published;
  const commitment = digestOption('commitment', values.commitment);
  const root = digestOption('root', values.root);
  if (commitment !== undefined) published.commitment = commitment;
  if (root !== undefined) published.root = root;
  return { draw: values.draw, published };
}

/** Lines are cut at newlines only: a line reader that also cuts at other separators would not see the file as it is. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.toString('utf8', start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      throw new UsageError(
        `--draw ${path}: expected lines of at most ${MAX_LINE_BYTES} bytes, got a longer one`,
      );
    }
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

const amount = (fen: number): string =>
  `CNY ${(fen / FEN_PER_YUAN).toLocaleString('en', { minimumFractionDigits: 2 })}`;

const number = (count: number): string => count.toLocaleString('en');

function summary({ facts, counts, slots, rounds, lines, root }: Verdict): string[] {
  if (facts === undefined) return [];
  const { freeOrders } = facts;
  const prize =
    freeOrders.mode === 'instant'
      ? `odds ${number(freeOrders.odds.win)} in ${number(freeOrders.odds.in)}`
      : `${number(freeOrders.prizes)} prizes a slot, ${number(slots)} slots, ${number(rounds)} beacon rounds`;
  return [
    `campaign   ${facts.campaignId}, ${freeOrders.mode} draw, ${prize}`,
    `entries    ${number(counts.entries)} on ${number(lines)} lines`,
    ...Object.entries(counts.outcomes).map(([outcome, count]) => `  ${outcome.padEnd(22)} ${number(count)}`),
    `awarded    ${amount(counts.awardedFen)} of ${amount(freeOrders.budgetFen)}, at most ${amount(freeOrders.capFen)} an order`,
    `revoked    ${number(counts.revoked)} wins, by refunds`,
    `commitment ${facts.seedCommitment}`,
    `root       ${root ?? 'none'}`,
  ];
}

/** What the verdict rests on: an export that agrees with itself may still be another one than the one published. */
function basis({ facts: publishedFacts, commitment, slots, root }: Published, { facts }: Verdict): string[] {
  const isKept = (kept: unknown) => (kept === undefined ? 'NOT compared' : 'as published');
  return [
    `seed commitment ${isKept(publishedFacts ?? commitment)}`,
    `rules and odds  ${isKept(publishedFacts)}`,
    ...(facts?.freeOrders.mode === 'slot' ? [`slot roots      ${isKept(slots)}`] : []),
    `export root     ${isKept(root)}`,
    ...(facts?.freeOrders.mode === 'slot' && facts.freeOrders.beacon.recordedRound !== undefined
      ? ['beacon          a recorded round: a trial, since everybody could know it before the draw']
      : []),
  ];
}

function print(verdict: Verdict, published: Published): void {
  const { findings, findingCount, ok } = verdict;
  for (const line of summary(verdict)) console.log(line);
  for (const line of basis(published, verdict)) console.log(line);
  for (const { line, message } of findings) console.log(`line ${line}: ${message}`);
  const more = findingCount - findings.length;
  if (more > 0) console.log(`and ${number(more)} more`);
  console.log(ok ? 'VERIFIED' : `NOT VERIFIED: ${number(findingCount)} findings`);
}

async function main(): Promise<number> {
  const { draw, published } = await readOptions(process.argv.slice(2));
  const verifier = new DrawVerifier(published);
  for await (const line of linesOf(draw)) verifier.line(line);
  const verdict = verifier.finish();
  print(verdict, published);
  return verdict.ok ? 0 : 1;
}

const isFileFault = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'path' in error;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError) && !isFileFault(error)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}

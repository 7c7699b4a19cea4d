/**
 * `npm run verify -- --draw EXPORT.ndjson`: checks whether an exported draw follows from its rules, its seed and its beacon.
 * Exit code 0: nothing is at fault; the last line says whether the draw is VERIFIED, only CONSISTENT because not everything that
 * is published was compared, or a REHEARSAL. 1: not verified; the lines at fault are printed. 2: the command or its files cannot
 * be used.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Published, parsePublished } from '#domain/free-orders/audit/published.ts';
import { DrawVerifier, type Verdict } from '#domain/free-orders/audit/verify-draw.ts';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { Mistake, optional, parseArguments, reader } from './cli/options.ts';
import { printable, printableJson } from './console/printable.ts';

/** A longer line cannot belong to an export: the longest line is the header, and its definition fits in an item of 400 KB. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;
const FEN_PER_YUAN = 100;
const DIGEST = /^[0-9a-f]{64}$/;

const USAGE = `usage: npm run verify -- --draw EXPORT.ndjson [--published FILE.ndjson] [--commitment HEX] [--root HEX]

  --draw        the exported draw to check
  --published   what the operator published about the draw, as you kept it: facts, slots, root
  --commitment  the published commitment to the seed, if you kept only that
  --root        the published root of the export, if you kept only that
  --json        print the verdict as JSON
  --help        this text`;

const NAMES = { texts: ['draw', 'published', 'commitment', 'root'], flags: ['json'] };

type VerifyOptions = { draw: string; published?: string; commitment?: string; root?: string; json: boolean };

const parseVerifyOptions = (args: readonly string[]) =>
  parseArguments(args, NAMES, (values): VerifyOptions => {
    const { text, flag } = reader(values);
    const draw = text('draw');
    if (draw === undefined) throw new Mistake('--draw: expected an export to check, got nothing');
    const digest = (name: string): string | undefined => {
      const value = text(name);
      if (value === undefined || DIGEST.test(value)) return value;
      throw new Mistake(`--${name}: expected 64 lower-case hexadecimal digits, got ${JSON.stringify(value)}`);
    };
    return {
      draw,
      json: flag('json'),
      ...optional('published', text('published')),
      ...optional('commitment', digest('commitment')),
      ...optional('root', digest('root')),
    };
  });

const readPublished = async ({ published: path, commitment, root }: VerifyOptions): Promise<Published> => {
  const parsed =
    path === undefined ? { ok: true as const, published: {} } : parsePublished(await readFile(path, 'utf8'));
  if (!parsed.ok) throw new Mistake(`--published ${path}: ${parsed.message}`);
  return { ...parsed.published, ...optional('commitment', commitment), ...optional('root', root) };
};

/** Lines are split at newlines only. A reader that also splits at other separators would not read the file as it was written. */
const linesOf = async function* (chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.toString('utf8', start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      throw new Mistake(`${name}: expected lines of at most ${MAX_LINE_BYTES} bytes, got a longer one`);
    }
  }
  if (rest.length > 0) yield rest.toString('utf8');
};

const amount = (fen: number): string =>
  `CNY ${(fen / FEN_PER_YUAN).toLocaleString('en', { minimumFractionDigits: 2 })}`;

const number = (count: number): string => count.toLocaleString('en');

const summary = ({ facts, counts, slots, rounds, lines, root }: Verdict): string[] => {
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
    ...(facts.format === undefined ? [] : [`paid out   ${amount(counts.paidOutFen)}, after refunds`]),
    `commitment ${facts.seedCommitment}`,
    `root       ${root ?? 'none'}`,
  ];
};

/** The publications that the export can be compared with, by name; the value of one that was not kept is undefined. */
const comparisons = (
  { facts: publishedFacts, commitment, slots, root }: Published,
  { facts }: Verdict,
): [what: string, kept: unknown][] => [
  ['seed commitment', publishedFacts ?? commitment],
  ['rules and odds', publishedFacts],
  ...(facts?.freeOrders.mode === 'slot' ? [['slot roots', slots] as [string, unknown]] : []),
  ['export root', root],
];

/** What the verdict is based on: a consistent export may still differ from the published one. */
const basis = (published: Published, verdict: Verdict): string[] => {
  const { facts } = verdict;
  const compared = comparisons(published, verdict).map(
    ([what, kept]) => `${what.padEnd(15)} ${kept === undefined ? 'NOT compared' : 'compared'}`,
  );
  if (facts?.freeOrders.mode !== 'slot') return compared;
  const { name, hash } = CHAINS[facts.freeOrders.beacon.chain];
  return [...compared, `beacon          ${name}, chain ${hash}, as built into this verifier`];
};

const isRehearsal = ({ facts }: Verdict): boolean =>
  facts?.freeOrders.mode === 'slot' && facts.freeOrders.beacon.recordedRound !== undefined;

/** What is proven, in one line. An export is called verified only if everything that is published about it was compared. */
const conclusion = (published: Published, verdict: Verdict): string => {
  if (!verdict.ok) return `NOT VERIFIED: ${number(verdict.findingCount)} findings`;
  const missing = comparisons(published, verdict).flatMap(([what, kept]) =>
    kept === undefined ? [what] : [],
  );
  const rest = missing.length === 0 ? '' : `; not compared: ${missing.join(', ')}`;
  if (isRehearsal(verdict))
    return `REHEARSAL: drawn by a recorded round that everybody knew; the export agrees with itself${rest}`;
  return missing.length === 0 ? 'VERIFIED' : `CONSISTENT: the export agrees with itself${rest}`;
};

const print = (verdict: Verdict, published: Published): void => {
  const { findings, findingCount } = verdict;
  const more = findingCount - findings.length;
  const lines = [
    ...summary(verdict),
    ...basis(published, verdict),
    ...findings.map(({ line, message }) => `line ${line}: ${message}`),
    ...(more > 0 ? [`and ${number(more)} more`] : []),
    conclusion(published, verdict),
  ];
  process.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));
};

const verify = async (options: VerifyOptions): Promise<number> => {
  const published = await readPublished(options);
  // The file is opened last: a stream that fails before anyone reads it would end the process.
  const chunks = createReadStream(options.draw) as AsyncIterable<Buffer>;
  return verifyExport(chunks, `--draw ${options.draw}`, published, options.json);
};

/** Verifies the bytes of an export, prints the verdict, and returns the exit status. `name` says which export it is. */
export const verifyExport = async (
  chunks: AsyncIterable<Buffer>,
  name: string,
  published: Published,
  json: boolean,
): Promise<number> => {
  const verifier = new DrawVerifier(published);
  for await (const line of linesOf(chunks, name)) verifier.line(line);
  const verdict = verifier.finish();
  if (json)
    process.stdout.write(`${printableJson({ ...verdict, conclusion: conclusion(published, verdict) })}\n`);
  else print(verdict, published);
  return verdict.ok ? EXIT_DONE : EXIT_FAILED;
};

const isFileFault = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

const fail = (message: string): number => {
  process.stderr.write(`${printable(message)}\n\n${USAGE}\n`);
  return EXIT_MISTAKE;
};

/** `zhihui verify` as a command: parses `args`, does what they say, and returns the exit status. */
export const verifyMain = async (args: readonly string[]): Promise<number> => {
  const parsed = parseVerifyOptions(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(`${USAGE}\n`);
      return EXIT_DONE;
    case 'mistake':
      return fail(parsed.message);
    case 'run':
      break;
    default:
      return parsed satisfies never;
  }
  try {
    return await verify(parsed.options);
  } catch (error) {
    if (error instanceof Mistake || isFileFault(error)) return fail(error.message);
    throw error;
  }
};

if (import.meta.main) process.exitCode = await verifyMain(process.argv.slice(2));

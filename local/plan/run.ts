import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Budgets } from '#domain/allocation/budget.ts';
import { memberHash } from '#domain/allocation/candidates.ts';
import { fileError, InputError } from '#local/console/input-error.ts';
import { type PoolNumbers, readCandidateLine } from './candidate-line.ts';
import { GroupedAudience, type NamedCandidates } from './grouped-audience.ts';
import { type Grouped, Grouping } from './grouping.ts';
import { MAX_LINE_BYTES, readLines } from './lines.ts';
import type { PlanOptions } from './options.ts';
import { issue, planAudience, pricesIn } from './plan-audience.ts';
import { ReportFile } from './report-file.ts';
import { sizeOf } from './scratch-file.ts';

/** A plan's figures; money in fen, values in the candidates' own unit, prices in value per fen. */
export type PlanFigures = {
  value: number;
  spend: number;
  /** One price, or a price for each pool. */
  price: number | Record<string, number>;
  /** No choice of offers is worth more: the dual function at these prices. */
  bound: number;
  /** How far the value is below the bound, as a share of the bound. */
  gap: number;
  members: number;
  served: number;
  candidates: number;
  unreadable: number;
  pools?: Record<string, { budget: number; spend: number }>;
};

const BYTE_ORDER_MARK = '\uFEFF';
const BLANK = /^\s*$/;
/** Sums are rounded, and rounding must not put the bound below the value. */
const atLeast = (bound: number, value: number): number => Math.max(bound, value);

/** Numbers the pools. Without names there is only one. With names there is one more, for lines that name none. */
const poolNumbers = (pools: PlanOptions['pools']): PoolNumbers => {
  if (pools === undefined) return () => 0;
  const numbers = new Map([...pools.keys()].map((name, number) => [name, number]));
  return (name) => (name === undefined ? pools.size : numbers.get(name));
};

/** The pools that candidates draw on: those that are named, each with its cap, and one without a cap if a line names none. */
const budgetsOf = ({ pools, budgetFen }: PlanOptions, withoutPool: number): Budgets => {
  if (pools === undefined) return { totalFen: budgetFen, poolFen: [budgetFen] };
  const uncapped = withoutPool > 0 ? [Number.POSITIVE_INFINITY] : [];
  return { totalFen: budgetFen, poolFen: [...pools.values(), ...uncapped] };
};

/** Opens the file of candidates. Throws an InputError if it cannot be opened, or if it is a directory. */
const openCandidates = (path: string): number => {
  const subject = `--candidates ${path}`;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw fileError(subject, cause);
  }
  if (!fstatSync(file).isDirectory()) return file;
  closeSync(file);
  throw new InputError(`${subject}: expected a file, got a directory`);
};

/** Reads the candidates, reports every line that cannot be read, and groups the candidates by member. */
const readCandidates = (
  options: PlanOptions,
  tell: (text: string) => void,
): { grouped: Grouped; unreadable: number; withoutPool: number } => {
  const file = openCandidates(options.candidatesFile);
  try {
    const poolNumber = poolNumbers(options.pools);
    const grouping = new Grouping(sizeOf(file), memberHash);
    let unreadable = 0;
    let withoutPool = 0;
    readLines(file, ({ number, text }) => {
      if (text === undefined) {
        unreadable++;
        tell(`line ${number}: expected at most ${MAX_LINE_BYTES} bytes, got more`);
        return;
      }
      const line = number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
      if (BLANK.test(line)) return;
      const read = readCandidateLine(line, poolNumber);
      if (read.ok) {
        grouping.add(read.candidate);
        if (read.candidate.pool === options.pools?.size) withoutPool++;
      } else {
        unreadable++;
        tell(`line ${number}: ${read.reason}`);
      }
    });
    return { grouped: grouping.grouped(), unreadable, withoutPool };
  } finally {
    closeSync(file);
  }
};

/**
 * Plans a file of candidates and writes the report, if one is asked for.
 *
 * @param tell is called with the fault of a line.
 */
export const runPlan = (options: PlanOptions, tell: (text: string) => void): PlanFigures => {
  const report = options.reportFile === undefined ? undefined : new ReportFile(options.reportFile);
  try {
    const { grouped, unreadable, withoutPool } = readCandidates(options, tell);
    const audience = new GroupedAudience(grouped);
    const plan = planAudience(audience, budgetsOf(options, withoutPool));
    const outcome = issue(plan, audience, (part, _member, at) => {
      const { records, recordAt } = part as NamedCandidates;
      report?.add(records.member(recordAt[at]!), records.offer(recordAt[at]!));
    });
    grouped.file.close();
    const bound = atLeast(outcome.bound, outcome.value);
    const prices = pricesIn(plan);
    const names = [...(options.pools?.keys() ?? [])];
    const figures: PlanFigures = {
      value: outcome.value,
      spend: outcome.spentFen.reduce((sum, fen) => sum + fen, 0),
      price: options.pools ? Object.fromEntries(names.map((name, p) => [name, prices[p]!])) : prices[0]!,
      bound,
      gap: bound === 0 ? 0 : (bound - outcome.value) / bound,
      members: grouped.members,
      served: outcome.served,
      candidates: grouped.candidates,
      unreadable,
      ...(options.pools && {
        pools: Object.fromEntries(
          names.map((name, p) => [name, { budget: options.pools!.get(name)!, spend: outcome.spentFen[p]! }]),
        ),
      }),
    };
    report?.finish(figures);
    return figures;
  } catch (error) {
    report?.abandon();
    throw error;
  }
};

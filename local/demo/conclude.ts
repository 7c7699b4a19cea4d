/** The end of a demo: its report, its summary, and whether the pipeline found the right figures. */
import { writeFileSync } from 'node:fs';
import { type Arm, armOf } from '#domain/campaigns/arms.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { type Headline, headlineOf } from '#simulator/ledger.ts';
import type { Simulation } from '#simulator/simulator.ts';
import { type Truth, truthOf } from '#simulator/truth.ts';
import type { EventToScreen } from '../board/latency.ts';
import type { Findings } from './findings.ts';
import type { DemoOptions } from './options.ts';
import { demoSummary, type Timing } from './summary.ts';
import { type Check, checksOf, faultsOf } from './verdict.ts';

/** How many members each arm has. */
const assignedOf = ({ members, sale }: Simulation): Record<Arm, number> => {
  const assigned = { engine: 0, baseline: 0, control: 0 };
  for (const { member } of members) assigned[armOf(sale.coupons!, member)] += 1;
  return assigned;
};

/**
 * Writes the report to a file if one is named, prints the report or the summary, and prints a line for each wrong check and each
 * fault. Returns whether all checks are right and there is no fault.
 */
export const conclude = (
  simulation: Simulation,
  findings: Findings,
  latency: EventToScreen,
  { reportFile, json }: Pick<DemoOptions, 'reportFile' | 'json'>,
): boolean => {
  const { hour, history, size } = simulation;
  const headline = headlineOf(hour.ledger, history.lastYear, size.lineFen);
  const truth = truthOf(hour.effects, assignedOf(simulation));
  const checks = checksOf(findings, headline, hour.malformed, size.participants);
  const faults = faultsOf(findings, hour.ledger, history.lastYear);
  const seconds = process.uptime();
  const report = reportOf(findings, { headline, truth }, { checks, faults }, { latency, seconds });
  const text = `${printableJson(report)}\n`;
  if (reportFile !== undefined) writeFileSync(reportFile, text);
  process.stdout.write(json ? text : `\n${demoSummary(findings, checks, truth, { latency, seconds })}`);
  const wrong = checks.filter(({ isRight }) => !isRight);
  for (const { name, found, expected } of wrong) {
    process.stderr.write(`wrong: ${name}: expected ${expected}, got ${found}\n`);
  }
  for (const fault of faults) process.stderr.write(`wrong: ${printable(fault)}\n`);
  return wrong.length + faults.length === 0;
};

/** A replay's report, together with what the simulator knows and what the screen shows. */
const reportOf = (
  { report, view, budget }: Findings,
  { headline, truth }: { headline: Headline; truth: Truth },
  { checks, faults }: { checks: readonly Check[]; faults: readonly string[] },
  { latency, seconds }: Timing,
) => ({
  ...report,
  seconds,
  simulator: { ledger: headline, truth },
  comparison: { headline: view.headline, aboveLine: view.brands.aboveLine, doubled: view.brands.doubled },
  milestones: view.milestones,
  experiment: view.experiment ?? null,
  freeOrders: view.freeOrders ?? null,
  coupons: view.coupons ?? null,
  budget,
  latency,
  checks,
  faults,
});

export type DemoReport = ReturnType<typeof reportOf>;

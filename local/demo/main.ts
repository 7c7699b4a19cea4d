import { appendFileSync, writeFileSync } from 'node:fs';
import { type Arm, armOf } from '#domain/campaigns/arms.ts';
import { invitation } from '#local/console/invitation.ts';
import { logShower } from '#local/console/show-logs.ts';
import { listenForSignals, untilAborted } from '#local/console/signals.ts';
import { SALE_END_MS, SALE_MS } from '#simulator/calendar.ts';
import { SALE } from '#simulator/campaigns.ts';
import { type Headline, headlineOf } from '#simulator/ledger.ts';
import { type Simulation, simulate } from '#simulator/simulator.ts';
import { type Truth, truthOf } from '#simulator/truth.ts';
import { startClock } from '../aws/clock.ts';
import { startPipeline } from '../aws/pipeline.ts';
import { boardOf } from '../board/ask.ts';
import { type EventToScreen, eventToScreen } from '../board/latency.ts';
import { startBoardServer } from '../board/server.ts';
import { watchScreen } from '../board/watch.ts';
import { HELP } from '../replay/options.ts';
import { sqsSender } from '../replay/producer.ts';
import { type Findings, readFindings, screenReader } from './findings.ts';
import { tapGrants } from './grants-tap.ts';
import { DEMO_HELP, type DemoOptions, parseDemoOptions } from './options.ts';
import { type Part, playSale } from './play.ts';
import { createLiner, partText, viewLine } from './progress-line.ts';
import { demoSummary } from './summary.ts';
import { type Check, checksOf, faultsOf } from './verdict.ts';

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;
/** As often as the page asks for the screen. */
const SCREEN_EVERY_MS = 1_000;
/**
 * How the stack is set: everything is opened before what belongs to it is sent, so an order without a campaign need not wait for
 * minutes; and a second in life is more than a minute of the sale, so batches fill at once.
 */
const CONTEXT = { campaignWaitSeconds: '20', metricsWindowSeconds: '1', rollupWindowSeconds: '1' };

/** The demo as a command: parses `args`, plays the sale, and gives the exit status. */
export const demo = async (args: readonly string[]): Promise<number> => {
  const parsed = parseDemoOptions(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(`${DEMO_HELP}${HELP}`);
      return EXIT_DONE;
    case 'mistake':
      return fail(parsed.message, EXIT_MISTAKE);
    case 'run':
      break;
    default:
      return parsed satisfies never;
  }
  const mistake = unwritable(parsed.options);
  if (mistake !== undefined) return fail(mistake, EXIT_MISTAKE);
  const interrupt = listenForSignals();
  try {
    return await run(parsed.options, interrupt.signal);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), EXIT_FAILED);
  } finally {
    interrupt.close();
  }
};

const fail = (message: string, status: number): number => {
  process.stderr.write(`error: ${message}\n`);
  return status;
};

/** What is wrong with the files to write, told before a run of minutes and not after it. */
const unwritable = ({ reportFile, logFile }: DemoOptions): string | undefined => {
  for (const [option, file, write] of [
    ['--report', reportFile, writeFileSync],
    ['--log', logFile, appendFileSync],
  ] as const) {
    if (file === undefined) continue;
    try {
      write(file, '');
    } catch (cause) {
      return `${option}: expected a file that can be written, got ${file} (${(cause as Error).message})`;
    }
  }
  return undefined;
};

const run = async (options: DemoOptions, signal: AbortSignal): Promise<number> => {
  const liner = createLiner(process.stderr);
  const clock = startClock();
  const starting = startPipeline({
    sqsPort: options.sqsPort,
    dynamodbPort: options.dynamodbPort,
    context: CONTEXT,
    clock,
    onLog: logShower(liner.note),
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() =>
    starting.then(
      (started) => started.stop(),
      () => {},
    ),
  );
  // The stack is synthesized in a thread of its own, so that this costs no time.
  const simulation = simulate(options.seed, options.scale);
  const pipeline = await starting;
  const { hour } = simulation;
  const ask = boardOf(pipeline);
  const board = cleanUp.adopt(await startBoardServer(options.boardPort, ask), (started) => started.stop());
  liner.note(`the sale, live: ${board.url}`);

  const { send, close } = sqsSender(
    pipeline.sqsEndpoint,
    pipeline.output('EventsQueueUrl'),
    pipeline.output('ControlQueueUrl'),
  );
  cleanUp.defer(close);
  const tap = tapGrants(
    pipeline.sqsEndpoint,
    pipeline.output('GrantsQueueUrl'),
    (coupons) => hour.tell(coupons, clock.now()),
    (error) => liner.note(`grants queue: ${(error as Error).message}`),
  );
  cleanUp.defer(() => tap.stop());
  cleanUp.defer(() => liner.stop());

  const readView = screenReader(pipeline);
  const watching = {
    stop: async (): Promise<void> => {},
    shown: [] as readonly { atMs: number; orders: number }[],
  };
  const onPart = (part: Part): void => {
    const text = partText(part);
    if (text !== '') liner.note(`${(process.uptime()).toFixed(0)} s: ${text}`);
    if (part !== 'hour') return;
    const watch = watchScreen(ask, { campaign: SALE }, SCREEN_EVERY_MS, () => performance.now());
    watching.stop = () => watch.stop();
    watching.shown = watch.shown;
    liner.start(async () => {
      const view = await readView(SALE, clock.now());
      return view && viewLine(view, Math.min(clock.now(), SALE_END_MS) - SALE_MS);
    });
  };
  const sent = await playSale(simulation, { pipeline, send, clock, signal, onPart }, options.speed);
  await liner.stop();
  await watching.stop();
  if (signal.aborted) return fail('interrupted before the hour was over', EXIT_FAILED);

  const findings = await readFindings(
    pipeline,
    SALE,
    simulation.sale.coupons!,
    clock.now(),
    process.uptime(),
  );
  const isRight = conclude(simulation, findings, eventToScreen(sent, watching.shown), options);
  if (options.once) return isRight ? EXIT_DONE : EXIT_FAILED;
  process.stdout.write(`\n${invitation(pipeline, board.url)}`);
  await untilAborted(signal);
  return isRight ? EXIT_DONE : EXIT_FAILED;
};

/** The top-tier members of each arm: those that the presale could give something. */
const eligibleOf = ({ members, sale }: Simulation): Record<Arm, number> => {
  const eligible = { engine: 0, baseline: 0, control: 0 };
  for (const { member, isTopTier } of members) if (isTopTier) eligible[armOf(sale.coupons!, member)] += 1;
  return eligible;
};

/** Writes the report and the summary, and a line for each fault. Returns whether there is none. */
const conclude = (
  simulation: Simulation,
  findings: Findings,
  latency: EventToScreen,
  { reportFile, json }: DemoOptions,
): boolean => {
  const { hour, history, size } = simulation;
  const headline = headlineOf(hour.ledger, history.lastYear, size.lineFen);
  const truth = truthOf(hour.effects, eligibleOf(simulation));
  const checks = checksOf(findings, headline, hour.malformed, size.participants);
  const faults = faultsOf(findings, hour.ledger, history.lastYear);
  const seconds = process.uptime();
  const report = reportOf(findings, headline, truth, checks, faults, latency, seconds);
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (reportFile !== undefined) writeFileSync(reportFile, text);
  process.stdout.write(json ? text : `\n${demoSummary(findings, checks, truth, { latency, seconds })}`);
  const wrong = checks.filter(({ isRight }) => !isRight);
  for (const { name, found, expected } of wrong) {
    process.stderr.write(`wrong: ${name}: expected ${expected}, got ${found}\n`);
  }
  for (const fault of faults) process.stderr.write(`wrong: ${fault}\n`);
  return wrong.length + faults.length === 0;
};

/** A replay's report, with what the simulator knows and what the screen shows beside it. */
const reportOf = (
  { report, view, budget }: Findings,
  headline: Headline,
  truth: Truth,
  checks: readonly Check[],
  faults: readonly string[],
  latency: EventToScreen,
  seconds: number,
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

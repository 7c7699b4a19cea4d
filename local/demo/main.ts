/** The demo: simulates a sale, and plays it through the whole pipeline. */
import { campaignSettings } from '#events/contract.ts';
import { invitation } from '#local/console/invitation.ts';
import { interruptible, untilAborted } from '#local/console/signals.ts';
import { PREPARATION_MS } from '#simulator/calendar.ts';
import { SALE } from '#simulator/campaigns.ts';
import { simulate } from '#simulator/simulator.ts';
import { startClock } from '../aws/clock.ts';
import { engineOf } from '../aws/dynamodb.ts';
import type { PipelineOptions } from '../aws/pipeline-options.ts';
import { eventToScreen } from '../board/latency.ts';
import { type ScreenWatch, watchScreen } from '../board/watch.ts';
import { optional } from '../cli/options.ts';
import { startByOptions } from '../cli/start-pipeline.ts';
import { EXIT_DONE, EXIT_FAILED, fail, runVerb } from '../cli/verb.ts';
import { checkWritable } from '../cli/writable.ts';
import { announceRun } from '../operate/run-file.ts';
import { HELP } from '../replay/options.ts';
import { batchSender } from '../replay/producer.ts';
import { conclude } from './conclude.ts';
import { presaleReader, readFindings } from './findings.ts';
import { tapGrants } from './grants-tap.ts';
import { DEMO_HELP, type DemoOptions, parseDemoOptions } from './options.ts';
import { openPage } from './page.ts';
import { partShower } from './part-line.ts';
import { type Part, playSale } from './play.ts';
import { createLiner } from './progress-line.ts';

/** The interval at which the page requests the screen. */
const SCREEN_EVERY_MS = 1_000;
/**
 * Batches are collected for a quarter of their windows: a real second is more than a minute of the sale, so
 * they fill fast all the same, and members and the screen wait less. Only rollups keep a whole second,
 * because a rollup that finds fewer changes costs more for each change.
 */
const WINDOW_SCALE = 4;
/**
 * Settings of the stack. Campaigns are opened before their orders are sent, so an order without a campaign need not wait for
 * minutes.
 */
const CONTEXT = {
  campaignWaitSeconds: '20',
  metricsWindowSeconds: '1',
  rollupWindowSeconds: String(WINDOW_SCALE),
};

/**
 * Processes of each function. A second process of each would need half a gigabyte more, and time to start and to compile that two
 * cores do not have.
 */
const PROCESSES = 1;
/** The presale waits for this function alone. */
const PROCESSES_OF = { audience: 2 };

/**
 * The largest scale at which the tables are kept in memory, in a process of Node. At a larger scale they are in Dynoxide, where
 * that runs: it needs twice the CPU, but for large sales much less memory.
 */
const MEMORY_SCALE_MAX = 2;

const settingsOf = ({ scale }: DemoOptions): PipelineOptions => {
  const engine = engineOf(process.env) ?? (scale <= MEMORY_SCALE_MAX ? 'memory' : undefined);
  return {
    ...{ context: CONTEXT, windowScale: WINDOW_SCALE },
    ...{ concurrency: PROCESSES, concurrencyOf: PROCESSES_OF, warm: true },
    ...optional('dynamodbEngine', engine),
  };
};

/** The demo as a command: parses `args`, plays the sale, and returns the exit status. */
export const demo = (args: readonly string[]): Promise<number> =>
  runVerb(`${DEMO_HELP}${HELP}`, parseDemoOptions(args), (options) => {
    checkWritable(options);
    return interruptible((signal) => run(options, signal));
  });

const run = async (options: DemoOptions, signal: AbortSignal): Promise<number> => {
  const liner = createLiner(process.stderr);
  const clock = startClock();
  clock.set(PREPARATION_MS, 1);
  liner.note('starting the pipeline');
  const starting = startByOptions(options, liner.note, { ...settingsOf(options), clock });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() =>
    starting.then(
      (started) => started.stop(),
      () => {},
    ),
  );
  // Meanwhile other processes bundle the functions and start the tables, so this takes little extra time.
  const simulation = simulate(options.seed, options.scale);
  const { sale } = simulation;
  const page = cleanUp.adopt(await openPage(options.boardPort, sale, clock.now), ({ board }) => board.stop());
  const { board, ask } = page;
  const pipeline = await starting;
  liner.note(pipeline.rules);
  if (!options.once) cleanUp.defer(announceRun(pipeline));
  const readView = page.showPipeline(pipeline);
  // Printed once there is something to watch: the first start in a clone takes seconds longer than later ones.
  liner.note(`the sale, live: ${board.url}`);

  const queues = pipeline.queues();
  cleanUp.defer(() => queues.close());
  const send = batchSender(
    queues.send,
    pipeline.output('EventsQueueUrl'),
    pipeline.output('ControlQueueUrl'),
  );
  const tap = tapGrants(
    pipeline.queues(),
    pipeline.output('GrantsQueueUrl'),
    (coupons) => simulation.tell(coupons, clock.now()),
    (error) => liner.note(`grants queue: ${(error as Error).message}`),
  );
  cleanUp.defer(() => tap.stop());
  cleanUp.defer(() => liner.stop());

  const campaign = { campaignId: SALE, coupons: sale.coupons! };
  let watch: ScreenWatch | undefined;
  const showPart = partShower({ liner, readView, now: clock.now, sale });
  const onPart = (part: Part): void => {
    showPart.start(part);
    if (part === 'hour')
      watch = watchScreen(ask, { campaign: SALE }, SCREEN_EVERY_MS, () => performance.now());
  };
  const sent = await playSale(
    simulation,
    {
      pipeline,
      send,
      clock,
      signal,
      onPart,
      isIssued: presaleReader(pipeline, campaign),
      onShare: showPart.share,
    },
    options.speed,
  );
  await showPart.stop();
  await watch?.stop();
  if (signal.aborted) return fail('interrupted before the hour was over', EXIT_FAILED);

  const findings = await readFindings(pipeline, campaign, clock.now(), process.uptime());
  const isRight = conclude(simulation, findings, eventToScreen(sent, watch?.shown ?? []), options);
  if (options.once) return isRight ? EXIT_DONE : EXIT_FAILED;
  process.stdout.write(`\n${invitation(pipeline, board.url, campaignSettings(sale), clock.now())}`);
  await untilAborted(signal);
  return isRight ? EXIT_DONE : EXIT_FAILED;
};

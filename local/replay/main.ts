import { appendFileSync, writeFileSync } from 'node:fs';
import { formatCount, formatSeconds } from '#local/console/format.ts';
import { invitation } from '#local/console/invitation.ts';
import { lambdaRules } from '#local/console/lambda-rules.ts';
import { logShower } from '#local/console/show-logs.ts';
import { listenForSignals, untilAborted } from '#local/console/signals.ts';
import { type Pipeline, startPipeline } from '../aws/pipeline.ts';
import { boardOf } from '../board/ask.ts';
import { type BoardServer, startBoardServer } from '../board/server.ts';
import { endDraws, writeDraws } from './draws.ts';
import { type OpenedInput, openInput } from './input.ts';
import { type Opening, readCampaignFile, replayOpening } from './openings.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { sqsSender } from './producer.ts';
import { createProgress, type Progress } from './progress.ts';
import { recordsToSendCount, replay } from './replay.ts';
import { brokenInvariants, buildReport } from './report.ts';
import { InputError } from './sources/source.ts';
import { summaryText } from './summary.ts';
import { type Survey, surveySource } from './survey.ts';

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;

const UNREADABLE_SHOWN_MAX = 20;

/** The local run as a command: parses `args`, does what they say, and gives the exit status. */
export const main = async (args: readonly string[]): Promise<number> => {
  const parsed = parseOptions(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(HELP);
      return EXIT_DONE;
    case 'mistake':
      return fail(parsed.message, EXIT_MISTAKE);
    case 'run':
      break;
    default:
      return parsed satisfies never;
  }
  const interrupt = listenForSignals();
  try {
    return await run(parsed.options, interrupt.signal);
  } catch (error) {
    return error instanceof InputError
      ? fail(error.message, EXIT_MISTAKE)
      : fail(describe(error), EXIT_FAILED);
  } finally {
    interrupt.close();
  }
};

const fail = (message: string, status: number): number => {
  process.stderr.write(`error: ${message}\n`);
  return status;
};

/** A failed run's message; the options of the pipeline are the command's under other names. */
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/^sqsPort:/, '--port:').replace(/^dynamodbPort:/, '--dynamodb-port:');
};

const run = async (options: Options, signal: AbortSignal): Promise<number> => {
  const nowMs = Date.now();
  const progress = createProgress(process.stderr);
  checkWritable(options);
  const given = options.campaignFiles.map((path) => readCampaignFile(path, nowMs));
  const input = await openInput(options.input, process.stdin);
  try {
    const survey = await look(input, given, options, nowMs, progress, signal);
    if (signal.aborted) return EXIT_FAILED;
    const openings = openingsOf(survey, given, nowMs);
    for (const { campaignId, settings } of openings) {
      const windows = `windows of ${formatSeconds(settings.windowMs / 1_000)}`;
      progress.note(
        `campaign ${campaignId}: ${day(settings.startsAtMs)} to ${day(settings.endsAtMs)}, ${windows}`,
      );
    }
    return await play(input, survey, openings, options, progress, signal);
  } finally {
    await input.close();
  }
};

/**
 * Empties the report and opens the log: a run of minutes must not end in a report that cannot be written, and one that
 * fails must not leave an earlier run's report behind.
 */
const checkWritable = ({ reportFile, logFile }: Options): void => {
  const check = (option: string, file: string, write: (file: string, text: string) => void): void => {
    try {
      write(file, '');
    } catch (cause) {
      const { message } = cause as Error;
      throw new InputError(`${option}: expected a file that can be written, got ${file} (${message})`, {
        cause,
      });
    }
  };
  if (reportFile !== undefined) check('--report', reportFile, writeFileSync);
  if (logFile !== undefined) check('--log', logFile, appendFileSync);
};

/** Reads the input once and says what is in it. */
const look = async (
  { source }: OpenedInput,
  given: readonly Opening[],
  options: Options,
  nowMs: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Survey> => {
  let shown = 0;
  const survey = await surveySource(source, {
    nowMs,
    campaigns: given.map(({ settings }) => settings),
    withIndex: options.shuffle,
    onUnreadable: (line, reason) => {
      shown += 1;
      if (shown <= UNREADABLE_SHOWN_MAX) progress.note(`${source.name}: line ${line}: ${reason}`);
    },
    signal,
  });
  if (survey.unreadable > UNREADABLE_SHOWN_MAX) {
    progress.note(
      `${source.name}: ${formatCount(survey.unreadable - UNREADABLE_SHOWN_MAX)} more lines cannot be read`,
    );
  }
  const span = survey.orders === 0 ? '' : ` from ${day(survey.firstMs)} to ${day(survey.lastMs)}`;
  progress.note(
    `${source.name}: ${formatCount(survey.events)} events${span}, ${formatCount(survey.unreadable)} unreadable`,
  );
  given.forEach(({ campaignId }, i) => {
    if (survey.covered[i] === 0) progress.note(`warning: campaign ${campaignId} covers none of the orders`);
  });
  return survey;
};

const day = (timeMs: number): string =>
  new Date(timeMs)
    .toISOString()
    .replace(/(?:T00:00:00|:00)?\.000Z$/, '')
    .replace('T', ' ');

/** The campaigns given, then those that the input opens; where there are none, one over the whole of it. */
const openingsOf = (survey: Survey, given: readonly Opening[], nowMs: number): Opening[] => {
  const own = survey.presales.map(({ text, settings }) => ({
    campaignId: settings.campaignId,
    settings,
    text,
    isRequired: false,
  }));
  if (given.length + own.length > 0 || survey.orders === 0) return [...given, ...own];
  return [replayOpening(survey, nowMs)];
};

/** Starts the pipeline, replays the input, reports, and stops the pipeline whatever happens. */
const play = async (
  { source }: OpenedInput,
  survey: Survey,
  openings: readonly Opening[],
  options: Options,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> => {
  progress.note('starting the pipeline');
  const pipeline = await startPipeline({
    sqsPort: options.sqsPort,
    dynamodbPort: options.dynamodbPort,
    context: { campaignWaitSeconds: String(options.campaignWaitSeconds) },
    ...lambdaRules(options),
    onLog: logShower(progress.note),
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  progress.note(pipeline.rules);
  const { send, close } = sqsSender(pipeline.sqsEndpoint, pipeline.output('EventsQueueUrl'));
  let board: BoardServer | undefined;
  try {
    board = await startBoardServer(options.boardPort, boardOf(pipeline));
    progress.note(`the sale, live: ${board.url}`);
    const startMs = performance.now();
    const tally = { sent: 0, total: recordsToSendCount(survey, options.duplicate), waiting: 0 };
    progress.start(() => ({ ...tally, elapsedMs: performance.now() - startMs }));
    await replay({ source, survey, openings }, pipeline, send, options, tally, signal);
    progress.stop();
    if (signal.aborted) return fail('interrupted before everything was folded in', EXIT_FAILED);
    const seconds = (performance.now() - startMs) / 1_000;
    await drawAndExport(pipeline, openings, options, progress, signal);
    if (signal.aborted) return fail('interrupted before every draw was over', EXIT_FAILED);
    if (options.killEveryMs !== undefined) {
      progress.note(`killed ${formatCount(pipeline.kills)} handler processes`);
    }
    const isSound = await conclude(pipeline, survey.unreadable, seconds, options);
    if (options.once) return isSound ? EXIT_DONE : EXIT_FAILED;
    process.stdout.write(invitation(pipeline, board.url));
    await untilAborted(signal);
    return EXIT_DONE;
  } finally {
    progress.stop();
    close();
    await board?.stop();
    await pipeline.stop();
  }
};

/** Brings the draws of free orders to their end as if their time had come, and writes their exports. */
const drawAndExport = async (
  pipeline: Pipeline,
  openings: readonly Opening[],
  { drawsDirectory }: Options,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> => {
  if (drawsDirectory === undefined) return;
  const lastMs = Math.max(Date.now(), ...openings.map(({ settings }) => settings.endsAtMs));
  await endDraws(pipeline, lastMs, signal);
  if (signal.aborted) return;
  for (const line of await writeDraws(pipeline, drawsDirectory)) progress.note(line);
};

/** Writes the report and the summary. Returns whether every invariant holds, with a line for each that does not. */
const conclude = async (
  pipeline: Pipeline,
  unreadable: number,
  seconds: number,
  { reportFile }: Options,
): Promise<boolean> => {
  const report = await buildReport({ pipeline, unreadable, seconds });
  if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`\n${summaryText(report)}`);
  const broken = await brokenInvariants(report, pipeline);
  for (const line of broken) process.stderr.write(`broken: ${line}\n`);
  return broken.length === 0;
};

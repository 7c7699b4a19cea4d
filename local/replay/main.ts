import { appendFileSync, writeFileSync } from 'node:fs';
import { formatCount, formatSeconds } from '#local/console/format.ts';
import { InputError } from '#local/console/input-error.ts';
import { invitation } from '#local/console/invitation.ts';
import { lambdaRules } from '#local/console/lambda-rules.ts';
import { printable } from '#local/console/printable.ts';
import { logShower } from '#local/console/show-logs.ts';
import { listenForSignals, untilAborted } from '#local/console/signals.ts';
import { Refusals } from '#local/import/refusals.ts';
import { type Pipeline, startPipeline } from '../aws/pipeline.ts';
import { boardOf } from '../board/ask.ts';
import { type BoardServer, startBoardServer } from '../board/server.ts';
import { optional } from '../cli/options.ts';
import { endDraws, writeDraws } from './draws.ts';
import { type OpenedInput, openInput } from './input.ts';
import { type Opening, readCampaignFile, replayOpening } from './openings.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { sqsSender } from './producer.ts';
import { createProgress, type Progress } from './progress.ts';
import { readConflicts, readRefused } from './refused.ts';
import { recordsToSendCount, replay } from './replay.ts';
import { brokenInvariants, buildReport } from './report.ts';
import { summaryText } from './summary.ts';
import { type Survey, surveySource } from './survey.ts';

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;

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
  process.stderr.write(`error: ${printable(message)}\n`);
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
  const refusals = new Refusals(options.rejectsFile);
  const input = await openInput(options.input, process.stdin, { refusals, nowMs, note: progress.note });
  try {
    const survey = await look(input, given, options, { nowMs, progress, refusals, signal });
    if (signal.aborted) return EXIT_FAILED;
    const openings = openingsOf(survey, given, nowMs);
    for (const { campaignId, settings } of openings) {
      const windows = `windows of ${formatSeconds(settings.windowMs / 1_000)}`;
      progress.note(
        `campaign ${campaignId}: ${day(settings.startsAtMs)} to ${day(settings.endsAtMs)}, ${windows}`,
      );
    }
    return await play({ input, survey, openings, refusals }, options, progress, signal);
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
  run: { nowMs: number; progress: Progress; refusals: Refusals; signal: AbortSignal },
): Promise<Survey> => {
  const { nowMs, progress, refusals, signal } = run;
  const survey = await surveySource(source, {
    nowMs,
    campaigns: given.map(({ settings }) => settings),
    withIndex: options.shuffle,
    onUnreadable: (line, reason) =>
      refusals.add({ line, field: 'line', value: reason, expected: 'a line that a message can carry' }),
    signal,
  });
  for (const line of refusals.lines()) progress.note(`${source.name}: ${line}`);
  if (options.input.kind === 'none') return survey;
  const span = survey.orders === 0 ? '' : ` from ${day(survey.firstMs)} to ${day(survey.lastMs)}`;
  progress.note(
    `${source.name}: ${formatCount(survey.events)} events${span}, ${formatCount(refusals.count)} unreadable`,
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

/** What is played: the input, what it holds, the campaigns, and what was refused of it. */
type Run = { input: OpenedInput; survey: Survey; openings: readonly Opening[]; refusals: Refusals };

/** Starts the pipeline, replays the input, reports, and stops the pipeline whatever happens. */
const play = async (run: Run, options: Options, progress: Progress, signal: AbortSignal): Promise<number> => {
  const { input, survey, openings } = run;
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
  const { send, close } = sqsSender(
    pipeline.sqsEndpoint,
    pipeline.output('EventsQueueUrl'),
    pipeline.output('ControlQueueUrl'),
  );
  let board: BoardServer | undefined;
  try {
    board = await startBoardServer(options.boardPort, boardOf(pipeline));
    progress.note(`the sale, live: ${board.url}`);
    const startMs = performance.now();
    const tally = { sent: 0, total: recordsToSendCount(survey, options.duplicate), waiting: 0 };
    progress.start(() => ({ ...tally, elapsedMs: performance.now() - startMs }));
    await replay({ source: input.source, survey, openings }, { pipeline, send, tally, signal }, options);
    progress.stop();
    if (signal.aborted) return fail('interrupted before everything was folded in', EXIT_FAILED);
    const seconds = (performance.now() - startMs) / 1_000;
    const { drawsDirectory } = options;
    if (drawsDirectory !== undefined)
      await drawAndExport(pipeline, openings, drawsDirectory, { progress, signal });
    if (signal.aborted) return fail('interrupted before every draw was over', EXIT_FAILED);
    if (options.killEveryMs !== undefined) {
      progress.note(`killed ${formatCount(pipeline.kills)} handler processes`);
    }
    const isSound = await conclude(pipeline, run, seconds, options);
    if (options.once) return isSound ? EXIT_DONE : EXIT_FAILED;
    process.stdout.write(invitation(pipeline, board.url));
    await untilAborted(signal);
    return isSound || options.input.kind === 'none' ? EXIT_DONE : EXIT_FAILED;
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
  drawsDirectory: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> => {
  const lastMs = Math.max(Date.now(), ...openings.map(({ settings }) => settings.endsAtMs));
  await endDraws(pipeline, lastMs, signal);
  if (signal.aborted) return;
  for (const line of await writeDraws(pipeline, drawsDirectory)) progress.note(line);
};

/**
 * Writes the report and the summary, and names what was refused. Returns whether every invariant holds, with a line for each
 * that does not, and whether anything was accepted and, if the run is strict, nothing refused.
 */
const conclude = async (
  pipeline: Pipeline,
  { input, survey, refusals }: Run,
  seconds: number,
  { reportFile, json, strict, input: { kind } }: Options,
): Promise<boolean> => {
  const unreadable = refusals.count;
  const { currency } = input;
  const report = await buildReport({ pipeline, unreadable, seconds, ...optional('currency', currency) });
  if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  const shown = refusals.first.length;
  const refused = await readRefused(pipeline, input.source);
  for (const refusal of refused) refusals.add(refusal);
  const hasConflicts = Object.values(report.campaigns).some(({ conflicts }) => conflicts > 0);
  if (hasConflicts) for (const conflict of await readConflicts(input.source)) refusals.add(conflict);
  refusals.flush();
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `\n${summaryText(report)}`);
  if (refusals.count > unreadable)
    for (const line of refusals.lines(shown)) process.stderr.write(`refused: ${line}\n`);
  const broken = await brokenInvariants(report, pipeline);
  for (const line of broken) process.stderr.write(`broken: ${printable(line)}\n`);
  const isNothing = survey.events - refused.length <= 0;
  if (isNothing && kind !== 'none') process.stderr.write('error: nothing was accepted\n');
  return broken.length === 0 && !isNothing && !(strict && refusals.count > 0);
};

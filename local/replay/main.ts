/** `npm start` with an input or a campaign, as a command. */
import { writeFileSync } from 'node:fs';
import { formatCount, formatSeconds } from '#local/console/format.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { interruptible } from '#local/console/signals.ts';
import { formatMinor } from '#local/import/currency.ts';
import { Refusals } from '#local/import/refusals.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import { boardOf } from '../board/ask.ts';
import { rejectsOf } from '../board/rejects.ts';
import { type BoardServer, startBoardServer } from '../board/server.ts';
import { optional } from '../cli/options.ts';
import { startByOptions } from '../cli/start-pipeline.ts';
import { EXIT_DONE, EXIT_FAILED, fail, runVerb } from '../cli/verb.ts';
import { checkWritable } from '../cli/writable.ts';
import { announceRun } from '../operate/run-file.ts';
import { countLeft, keptIn, leftIn, saveQueues } from './data-directory.ts';
import { watchDatabase } from './database-watch.ts';
import { endDraws, writeDraws } from './draws.ts';
import { type OpenedInput, openInput } from './input.ts';
import { type Opening, readCampaignFile, replayOpening } from './openings.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { overRefundLines, readOverRefunds } from './over-refunds.ts';
import { sqsSender } from './producer.ts';
import { createProgress, type Progress } from './progress.ts';
import { readConflicts, readRefused } from './refused.ts';
import { recordsToSendCount, replay } from './replay.ts';
import { brokenInvariants, buildReport } from './report.ts';
import { DEFAULT_CURRENCY, summaryText } from './summary.ts';
import { type Survey, surveySource } from './survey.ts';
import { waitForEvents } from './waiting.ts';

/** The local run as a command: parses `args`, does what they say, and gives the exit status. */
export const main = (args: readonly string[]): Promise<number> =>
  runVerb(HELP, parseOptions(args), (options) => interruptible((signal) => run(options, signal)));

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
    const openings = openingsOf(survey, given, nowMs, input.currency);
    for (const { campaignId, settings } of openings) {
      const windows = `windows of ${formatSeconds(settings.windowMs / 1_000)}`;
      progress.note(
        `campaign ${campaignId}: ${day(settings.startsAtMs)} to ${day(settings.endsAtMs)} UTC, ${windows}`,
      );
    }
    return await play({ input, survey, openings, refusals }, options, progress, signal);
  } finally {
    await input.close();
  }
};

/** Reads the input once and prints what is in it. */
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
  const span = survey.orders === 0 ? '' : ` from ${day(survey.firstMs)} to ${day(survey.lastMs)} UTC`;
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

/** The given campaigns, then those that the input opens. If there are none, one campaign over the whole input. */
const openingsOf = (
  survey: Survey,
  given: readonly Opening[],
  nowMs: number,
  currency: string | undefined,
): Opening[] => {
  const own = survey.presales.map(({ text, settings }) => ({
    campaignId: settings.campaignId,
    settings,
    text,
    isRequired: false,
  }));
  if (given.length + own.length > 0 || survey.orders === 0) return [...given, ...own];
  return [replayOpening(survey, nowMs, currency)];
};

/** What is replayed: the input, its contents, the campaigns, and what was refused. */
type Run = { input: OpenedInput; survey: Survey; openings: readonly Opening[]; refusals: Refusals };

/** Starts the pipeline, replays the input, reports, and always stops the pipeline. */
const play = async (run: Run, options: Options, progress: Progress, signal: AbortSignal): Promise<number> => {
  progress.note('starting the pipeline');
  const { dataDirectory } = options;
  const left = dataDirectory === undefined ? {} : leftIn(dataDirectory);
  const pipeline = await startByOptions(options, progress.note, {
    context: { campaignWaitSeconds: String(options.campaignWaitSeconds), readsPlaces: 'true' },
    ...(dataDirectory === undefined ? {} : keptIn(dataDirectory)),
    left,
  });
  progress.note(pipeline.rules);
  const count = countLeft(left, Object.keys(pipeline.queueUrls));
  if (count > 0)
    progress.note(`${dataDirectory}: ${formatCount(count)} ${count === 1 ? 'message' : 'messages'} put back`);
  const watch = watchDatabase(pipeline.dynamodbEndpoint);
  let board: BoardServer | undefined;
  let withdraw = (): void => {};
  try {
    board = await startBoardServer(options.boardPort, boardOf(pipeline), rejectsOf(pipeline));
    progress.note(`the sale, live: ${board.url}`);
    if (!options.once || dataDirectory !== undefined) withdraw = announceRun(pipeline, dataDirectory);
    return await Promise.race([playOn(pipeline, board.url, run, { options, progress, signal }), watch.lost]);
  } finally {
    progress.stop();
    watch.stop();
    withdraw();
    await board?.stop();
    if (dataDirectory !== undefined) await saveQueues(pipeline, dataDirectory);
    await pipeline.stop();
  }
};

/** What a run depends on in addition to its input. */
type Going = { options: Options; progress: Progress; signal: AbortSignal };

/** Replays the input and reports. If the run does not end then, waits for events until it is stopped. */
const playOn = async (pipeline: Pipeline, boardUrl: string, run: Run, going: Going): Promise<number> => {
  const { input, openings } = run;
  const { options, signal } = going;
  // Counted now, because what the pipeline refuses is added to the same refusals later.
  const unreadable = run.refusals.count;
  const isSound = await replayAndConclude(pipeline, run, going);
  if (typeof isSound === 'string') return fail(isSound, EXIT_FAILED);
  if (options.once) return isSound ? EXIT_DONE : EXIT_FAILED;
  const { currency } = input;
  const { settings } = openings[0] ?? {};
  await waitForEvents({ pipeline, boardUrl, settings, currency, unreadable, signal });
  return isSound || options.input.kind === 'none' ? EXIT_DONE : EXIT_FAILED;
};

/** Returns whether the result of the replay is sound or, as a text, why the replay did not get to its end. */
const replayAndConclude = async (
  pipeline: Pipeline,
  run: Run,
  { options, progress, signal }: Going,
): Promise<boolean | string> => {
  const { input, survey, openings } = run;
  const { send, close } = sqsSender(
    pipeline.sqsEndpoint,
    pipeline.output('EventsQueueUrl'),
    pipeline.output('ControlQueueUrl'),
  );
  try {
    const startMs = performance.now();
    const tally = { sent: 0, total: recordsToSendCount(survey, options.duplicate), waiting: 0 };
    if (options.input.kind !== 'none')
      progress.start(() => ({ ...tally, elapsedMs: performance.now() - startMs }));
    await replay({ source: input.source, survey, openings }, { pipeline, send, tally, signal }, options);
    progress.stop();
    if (signal.aborted) {
      const sent = `${formatCount(tally.sent)} of ${formatCount(tally.total)} sent`;
      return `interrupted before everything was counted: ${sent}, ${formatCount(tally.waiting)} messages waiting`;
    }
    const seconds = (performance.now() - startMs) / 1_000;
    const { drawsDirectory } = options;
    if (drawsDirectory !== undefined)
      await drawAndExport(pipeline, openings, drawsDirectory, { progress, signal });
    if (signal.aborted) return 'interrupted before every draw was over';
    if (options.killEveryMs !== undefined) {
      progress.note(`killed ${formatCount(pipeline.kills)} handler processes`);
    }
    // A run that only waits has nothing to report yet.
    if (options.input.kind === 'none' && !options.once) return true;
    return await conclude(pipeline, run, seconds, options);
  } finally {
    close();
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
 * Writes the report and the summary, and names what was refused. Prints a line for each invariant that does not hold. Returns
 * whether all invariants hold, something was accepted and, if the run is strict, nothing was refused.
 */
const conclude = async (
  pipeline: Pipeline,
  { input, survey, refusals }: Run,
  seconds: number,
  { reportFile, json, strict, input: { kind } }: Options,
): Promise<boolean> => {
  const unreadable = refusals.count;
  const { currency } = input;
  const counted = await buildReport({ pipeline, unreadable, seconds, ...optional('currency', currency) });
  const hasRefunds = Object.values(counted.campaigns).some(({ refunds }) => refunds > 0);
  const overRefunds = hasRefunds ? await readOverRefunds(input.source, Date.now()) : [];
  const report = { ...counted, overRefunds };
  if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  const shown = refusals.first.length;
  const refused = await readRefused(pipeline, input.source);
  for (const refusal of refused) refusals.add(refusal);
  const hasConflicts = Object.values(report.campaigns).some(({ conflicts }) => conflicts > 0);
  if (hasConflicts) for (const conflict of await readConflicts(input.source)) refusals.add(conflict);
  refusals.flush();
  process.stdout.write(json ? `${printableJson(report)}\n` : `\n${summaryText(report)}`);
  if (refusals.count > unreadable)
    for (const line of refusals.lines(shown)) process.stderr.write(`refused: ${line}\n`);
  for (const line of overRefundLines(overRefunds, (fen) => formatMinor(fen, currency ?? DEFAULT_CURRENCY)))
    process.stderr.write(`over-refunded: ${printable(line)}\n`);
  const broken = await brokenInvariants(report, pipeline);
  for (const line of broken) process.stderr.write(`broken: ${printable(line)}\n`);
  const isNothing = survey.events - refused.length <= 0;
  if (isNothing && kind !== 'none') process.stderr.write('error: nothing was accepted\n');
  return broken.length === 0 && !isNothing && !(strict && refusals.count > 0);
};

/** A run that waits for events, and what it says at its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignSettings } from '#events/contract.ts';
import { formatCount } from '#local/console/format.ts';
import { invitation } from '#local/console/invitation.ts';
import { untilAborted } from '#local/console/signals.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import { buildReport } from './report.ts';
import { summaryText } from './summary.ts';

/** The longest that a run waits at its end. An order without a campaign waits less long for one, unless `--wait` says more. */
const DRAIN_MS_MAX = 60_000;
const IDLE_POLL_MS = 50;

/** Waits until nothing is on its way any more, or until the time limit. Returns whether everything was counted. */
export const drain = async (
  pipeline: Pick<Pipeline, 'idle'>,
  drainMsMax = DRAIN_MS_MAX,
): Promise<boolean> => {
  const endMs = performance.now() + drainMsMax;
  while (performance.now() < endMs) {
    if (await pipeline.idle()) return true;
    await sleep(IDLE_POLL_MS);
  }
  return false;
};

/** What a finished run received, in a sentence. */
export const receivedText = (accepted: number, rejected: number, isCounted: boolean): string => {
  const received = accepted + rejected;
  const events = received === 1 ? 'event' : 'events';
  const end = isCounted ? 'everything is counted' : 'not everything is counted yet';
  return `received ${formatCount(received)} ${events}: ${formatCount(accepted)} accepted, ${formatCount(rejected)} refused; ${end}`;
};

export type Waiting = {
  pipeline: Pipeline;
  boardUrl: string;
  /** The campaign that the printed commands are for. */
  settings: CampaignSettings | undefined;
  currency: string | undefined;
  /** How many records of the input could not be sent. */
  unreadable: number;
  signal: AbortSignal;
};

/** Invites events and waits for Ctrl-C. Then waits until everything received is processed and reports it. */
export const waitForEvents = async (waiting: Waiting): Promise<void> => {
  const { pipeline, boardUrl, settings, currency, unreadable, signal } = waiting;
  const startMs = performance.now();
  process.stdout.write(invitation(pipeline, boardUrl, settings, Date.now()));
  await untilAborted(signal);
  process.stderr.write('counting the events that came; Ctrl-C again stops at once\n');
  const isCounted = await drain(pipeline);
  const report = await buildReport({
    pipeline,
    unreadable,
    seconds: (performance.now() - startMs) / 1_000,
    ...(currency === undefined ? {} : { currency }),
  });
  const rejected = Object.values(report.rejected).reduce((sum, count) => sum + count, 0);
  process.stdout.write(`\n${summaryText(report)}\n${receivedText(report.accepted, rejected, isCounted)}\n`);
};

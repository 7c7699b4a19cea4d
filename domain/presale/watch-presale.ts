import { readClosing } from '#domain/campaigns/closing.ts';
import { readSwitch } from '#domain/campaigns/issuing-switch.ts';
import {
  advance,
  type Progress,
  type ProgressKey,
  readProgress,
  readProgressVersion,
} from '#domain/campaigns/progress-items.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import { waitingIn } from '#platform/depth.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import { compartment } from '#platform/memory.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { issuesInPresale } from './issued.ts';
import { readDraft, readPlan } from './plan-item.ts';
import { type AudienceMessage, type Pass, progressKey, segmentMessages } from './segment.ts';
import { readSegments, segmentsDone } from './segments.ts';

/**
 * Looks for segments of a presale whose message was lost, for example among the dead letters. A pass ends with its last segment,
 * so one lost message would hold up the whole presale and the pacing behind it. A segment that is started again continues from
 * where it stopped: nothing is issued twice, whether or not the message comes back later.
 */

/**
 * A segment is lost if it has not moved for this long. The message of a worker that crashed comes back after six timeouts of its
 * function, which are six minutes.
 */
const LOST_AFTER_MS = 8 * MINUTE_MS;
/** Each restart that does not help doubles the time that a segment gets, up to this many times. */
const DOUBLINGS_MAX = 3;

/** What was seen of a segment: the version of its progress, since when it has stood still, and how many restarts have not helped. */
type Seen = [version: number, sinceMs: number, restarts: number];
/** What was seen in a pass, by the segments' numbers. -1 is the division of the audience into segments. */
type Watch = { pass: Pass | 'start'; seen: Record<string, Seen> };

const DIVISION = -1;

const watchKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'PRESALE_WATCH' });

const decode = ({ body }: Progress): Watch | undefined =>
  body === undefined ? undefined : (JSON.parse(Buffer.from(body).toString()) as Watch);

/** Presales that this process has found to be over. They are never looked at again. */
const OVER = compartment(() => new Set<string>());

/** The pass and the segments that a presale waits for. Undefined in its place says that the presale is over. */
type Awaited = { pass: Pass | 'start'; segments: number; indexes: number[] };

const planAwaits = async (runtime: Runtime, campaignId: string, segments: number): Promise<Awaited> => {
  const pass = (await readDraft(runtime, campaignId)) === undefined ? 'plan' : 'correct';
  const done = await segmentsDone(runtime, campaignId, segments, pass);
  const indexes = [...Array(segments).keys()].filter((index) => !done.has(index));
  // All segments are done but there is no plan: the last worker crashed. The message of any segment lets a worker make the plan.
  return { pass, segments, indexes: indexes.length === 0 ? [0] : indexes };
};

/** A paused campaign waits for no segment until it is resumed. A closed one issues nothing more, so its presale is over. */
const issueAwaits = async (
  runtime: Runtime,
  campaignId: string,
  segments: number,
): Promise<Awaited | undefined> => {
  const done = await segmentsDone(runtime, campaignId, segments, 'issue');
  const indexes = [...Array(segments).keys()].filter((index) => !done.has(index));
  if (indexes.length === 0 || (await readClosing(runtime, campaignId)) !== undefined) return undefined;
  const { isPaused } = await readSwitch(runtime, campaignId);
  return { pass: 'issue', segments, indexes: isPaused ? [] : indexes };
};

const awaitedBy = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
): Promise<Awaited | undefined> => {
  const segments = await readSegments(runtime, campaignId);
  if (segments === undefined) return { pass: 'start', segments: 0, indexes: [DIVISION] };
  if ((await readPlan(runtime, campaignId)) === undefined) return planAwaits(runtime, campaignId, segments);
  return issuesInPresale(coupons) ? issueAwaits(runtime, campaignId, segments) : undefined;
};

const messagesFor = (
  campaignId: string,
  { pass, segments }: Awaited,
  indexes: readonly number[],
): { message: AudienceMessage }[] =>
  pass === 'start'
    ? [{ message: { pass, campaignId } }]
    : segmentMessages(campaignId, { segments, indexes }, pass);

/** The version of the progress of each awaited segment, by the segments' numbers. */
const versionsOf = async (
  runtime: Runtime,
  campaignId: string,
  { pass, segments, indexes }: Awaited,
): Promise<[index: number, version: number][]> =>
  pass === 'start'
    ? [[DIVISION, 0]]
    : mapLimited(indexes, CALLS_AT_ONCE, async (index) => {
        const key = await progressKey(runtime, { campaignId, index, segments }, pass);
        return [index, await readProgressVersion(runtime, key)] as [number, number];
      });

const isLost = ([, sinceMs, restarts]: Seen, nowMs: number): boolean =>
  nowMs - sinceMs >= LOST_AFTER_MS * 2 ** Math.min(restarts, DOUBLINGS_MAX);

/**
 * Looks at a presale that is due and not over, and starts lost segments again. Returns how many. While
 * messages wait for a worker, no segment counts as lost, because its message may be among them. After a crash
 * between sending the messages and storing what was seen, the messages are sent once more.
 */
export const watchPresale = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
  nowMs: number,
): Promise<number> => {
  const over = runtime.memory.of(OVER);
  if (over.has(campaignId)) return 0;
  const awaited = await awaitedBy(runtime, campaignId, coupons);
  if (awaited === undefined) {
    over.add(campaignId);
    return 0;
  }
  const key = watchKey(campaignId);
  const known = await readProgress(runtime, key);
  const before = decode(known);
  const queueUrl = runtime.environment('AUDIENCE_QUEUE_URL');
  const isBusy = (await waitingIn(runtime, queueUrl)) > 0;
  const seen: Watch['seen'] = {};
  const lost: number[] = [];
  for (const [index, version] of await versionsOf(runtime, campaignId, awaited)) {
    const last = before?.pass === awaited.pass ? before.seen[index] : undefined;
    const stands = last !== undefined && last[0] === version && !isBusy;
    const isGone = stands && isLost(last, nowMs);
    if (isGone) lost.push(index);
    seen[index] = isGone ? [version, nowMs, last[2] + 1] : stands ? last : [version, nowMs, 0];
  }
  if (lost.length > 0) {
    runtime.logger.warn('presale stands still', { campaignId, pass: awaited.pass, segments: lost });
    await sendAll(runtime, queueUrl, messagesFor(campaignId, awaited, lost));
  }
  // This is refused if another tick has written in the meantime. That tick has seen the same.
  await advance(runtime, key, known, {
    isDone: false,
    body: Buffer.from(JSON.stringify({ pass: awaited.pass, seen } satisfies Watch)),
  });
  return lost.length;
};

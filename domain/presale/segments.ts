import { layoutOf } from '#domain/campaigns/campaigns-table.ts';
import {
  advance,
  type ProgressKey,
  readAllProgress,
  readProgress,
} from '#domain/campaigns/progress-items.ts';
import { scanMembers } from '#domain/members/members-table.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import {
  indexOfItem,
  type Pass,
  type Segment,
  segmentItem,
  segmentsPrefix,
  startMessages,
} from './segment.ts';

/**
 * How an audience is divided, and which of its segments are done. The number of segments is decided once, when the presale
 * starts, and is stored before any message names it, so that all passes and all workers have the same segments.
 */

/** The number of segments of every presale that the previous version started. */
export const FORMER_SEGMENTS = 32;
/** A worker counts this many members in a second, so smaller segments would only cost more messages. */
const MEMBERS_PER_SEGMENT_MIN = 1_000;

const segmentsKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'SEGMENTS' });

/** The beginning of the names of items that say that a segment is done. */
const DONE_PREFIX = 'DONE#';

/**
 * How many segments the audience needs, at most `most`. The number is estimated from one page of the first of `most` segments: a
 * hash spreads the members evenly over the segments.
 */
const segmentsWorth = async (runtime: Runtime, most: number): Promise<number> => {
  const { members, cursor } = await scanMembers(
    runtime,
    { index: 0, segments: most },
    undefined,
    MEMBERS_PER_SEGMENT_MIN,
  );
  if (cursor !== undefined) return most;
  return Math.max(1, Math.ceil((members.length * most) / MEMBERS_PER_SEGMENT_MIN));
};

/** If the previous version opened a campaign, it may also have started the presale, so {@link FORMER_SEGMENTS} stays in force. */
const segmentsOfNew = async (runtime: Runtime, campaignId: string): Promise<number> =>
  (await layoutOf(runtime, campaignId))?.hasOwnKeys
    ? segmentsWorth(runtime, Number(runtime.environment('AUDIENCE_SEGMENTS')))
    : FORMER_SEGMENTS;

/**
 * The number of segments of a presale. Until the presale is started, the number is undefined, or {@link FORMER_SEGMENTS} if the
 * previous version opened the campaign.
 */
export const readSegments = async (runtime: Runtime, campaignId: string): Promise<number | undefined> => {
  const { body } = await readProgress(runtime, segmentsKey(campaignId));
  if (body !== undefined) return Number(Buffer.from(body).toString());
  return (await layoutOf(runtime, campaignId))?.hasOwnKeys === false ? FORMER_SEGMENTS : undefined;
};

/**
 * Divides an audience into segments, unless it is divided already, and sends the messages that begin its first pass. They are
 * marked as sent only afterwards, so after a crash they are sent again: such a message continues a segment that has begun, and
 * changes nothing in one that is done.
 */
export const startPlanning = async (runtime: Runtime, campaignId: string): Promise<void> => {
  const key = segmentsKey(campaignId);
  let known = await readProgress(runtime, key);
  if (known.isDone) return;
  if (known.body === undefined) {
    const segments = await segmentsOfNew(runtime, campaignId);
    known = await advance(runtime, key, known, { isDone: false, body: Buffer.from(String(segments)) });
  }
  const { body } = known;
  const segments = Number(Buffer.from(body!).toString());
  await sendAll(
    runtime,
    runtime.environment('AUDIENCE_QUEUE_URL'),
    startMessages(campaignId, segments, 'plan'),
  );
  await advance(runtime, key, known, { isDone: true, body: body! });
};

/**
 * Notes that a pass over a segment is done, in a small item beside those of the other segments, so that one query reads them all.
 * The segment's own item may hold 300 KB.
 */
export const noteSegmentDone = async (runtime: Runtime, segment: Segment, pass: Pass): Promise<void> => {
  const key = { campaign: segment.campaignId, item: DONE_PREFIX + segmentItem(segment, pass) };
  await advance(runtime, key, { version: 0, isDone: false }, { isDone: true });
};

/** The segments over which a pass is done. The previous version noted this only in the segments' own items. */
export const segmentsDone = async (
  runtime: Runtime,
  campaignId: string,
  segments: number,
  pass: Pass,
): Promise<ReadonlySet<number>> => {
  const hasOwnKeys = (await layoutOf(runtime, campaignId))?.hasOwnKeys ?? false;
  const prefix = segmentsPrefix(segments, pass);
  const items = await readAllProgress(runtime, campaignId, hasOwnKeys ? DONE_PREFIX + prefix : prefix);
  return new Set(items.flatMap(({ item, isDone }) => (isDone ? [indexOfItem(item)] : [])));
};

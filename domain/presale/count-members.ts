/** Counts the members of a segment over several invocations. */
import { advance, type ProgressKey, readProgress, readProgressOf } from '#domain/campaigns/progress-items.ts';
import { type Member, scanMembers } from '#domain/members/members-table.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Pass, progressKeys, type Segment } from './segment.ts';

/** How the members of a segment are summed up, and how the sums are kept between invocations, as bytes. */
export type Count<Tallies> = {
  empty: () => Tallies;
  add: (tallies: Tallies, member: Member) => void;
  encode: (tallies: Tallies) => Uint8Array;
  decode: (bytes: Uint8Array) => Tallies;
};

/**
 * Continues a count of the members of a segment. Returns `late` if the deadline, in ms since the epoch, came before the segment's
 * end; the next call then continues from where this one stopped.
 */
export const countMembers = async <Tallies>(
  runtime: Runtime,
  { segment, key }: { segment: Segment; key: ProgressKey },
  { empty, add, encode, decode }: Count<Tallies>,
  deadlineMs: number,
): Promise<'done' | 'late'> => {
  const from = await readProgress(runtime, key);
  if (from.isDone) return 'done';
  const tallies = from.body === undefined ? empty() : decode(from.body);
  let cursor = from.cursor === undefined ? undefined : { member: from.cursor };
  do {
    const page = await scanMembers(runtime, segment, cursor);
    for (const member of page.members) add(tallies, member);
    cursor = page.cursor;
  } while (cursor !== undefined && runtime.clock.nowMs() < deadlineMs);
  const to = await advance(runtime, key, from, {
    isDone: cursor === undefined,
    ...(cursor === undefined ? {} : { cursor: cursor.member }),
    body: encode(tallies),
  });
  return to.isDone ? 'done' : 'late';
};

/**
 * What a pass has counted in each of a campaign's segments, as bytes, in the order of the segments. Throws if the pass has not
 * counted every segment to its end.
 */
export const readCounts = async (
  runtime: Runtime,
  campaignId: string,
  segments: readonly Segment[],
  pass: Pass,
): Promise<Uint8Array[]> => {
  const keys = await progressKeys(runtime, campaignId, segments, pass);
  return (await readProgressOf(runtime, keys)).map(({ isDone, body }, i) => {
    if (!isDone)
      throw new Error(`segment ${segments[i]!.index}: expected to be counted (${pass}), got a part`);
    return body!;
  });
};

/** Takes the ids of an erased member out of what a presale still has to issue. */
import {
  advance,
  type Progress,
  type ProgressKey,
  readProgressOf,
} from '#domain/campaigns/progress-items.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { packRound, unpackRound } from '#domain/grants/rounds.ts';
import { progressKeys } from '#domain/presale/segment.ts';
import { readSegments } from '#domain/presale/segments.ts';
import { chunks } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import { eachPart, type PartsOptions } from './each-part.ts';

/** How often a round is checked and written, at most: a write fails if the segment's worker has written meanwhile. */
const MAX_ATTEMPTS = 8;
/** How many segments make a part. Their rounds are read together, and each may take 100 KB. */
const SEGMENTS_PER_PART = 32;

/** The progress of a segment without the ids that are the keys of `names`; undefined if it has none of them. */
const withoutIds = (
  { cursor, body, ...rest }: Progress,
  names: ReadonlyMap<string, string>,
): Omit<Progress, 'version'> | undefined => {
  const round = body === undefined ? undefined : unpackRound<Grant>(body);
  const isCursor = cursor !== undefined && names.has(cursor);
  if (!isCursor && round?.tasks.some(({ member }) => names.has(member)) !== true) return undefined;
  const tasks = round?.tasks.map((task) => ({ ...task, member: names.get(task.member) ?? task.member }));
  return {
    ...rest,
    ...(cursor === undefined || isCursor ? {} : { cursor }),
    ...(round === undefined ? {} : { body: packRound({ ...round, tasks: tasks! }) }),
  };
};

/**
 * Takes ids out of a round that a paused or closed presale has stored. A cursor that is such an id is
 * dropped: the worker then begins at the segment's start, and finds what was issued before.
 */
const clearRound = async (
  runtime: Runtime,
  key: ProgressKey,
  stored: Progress,
  names: ReadonlyMap<string, string>,
): Promise<void> => {
  let progress = stored;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const cleared = withoutIds(progress, names);
    if (cleared === undefined) return;
    progress = await advance(runtime, key, progress, cleared);
  }
  throw new Error(`round ${key.item}: expected to be cleared, got ${MAX_ATTEMPTS} conflicts`);
};

/**
 * Takes ids out of what a campaign's presale still has to issue. Returns where it stopped, as
 * {@link eachPart} does.
 */
export const clearRounds = async (
  runtime: Runtime,
  campaignId: string,
  all: readonly { member: string; name: string }[],
  options: PartsOptions,
): Promise<number | undefined> => {
  const names = new Map(all.map(({ member, name }) => [member, name]));
  const segments = (await readSegments(runtime, campaignId)) ?? 0;
  const parts = chunks(
    Array.from({ length: segments }, (_, index) => ({ index, segments })),
    SEGMENTS_PER_PART,
  );
  return eachPart(parts.length, options, async (part) => {
    const keys = await progressKeys(runtime, campaignId, parts[part]!, 'issue');
    for (const [i, stored] of (await readProgressOf(runtime, keys)).entries())
      await clearRound(runtime, keys[i]!, stored, names);
  });
};

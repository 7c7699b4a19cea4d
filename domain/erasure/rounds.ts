import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { packRound, unpackRound } from '#domain/grants/rounds.ts';
import { progressKey } from '#domain/presale/segment.ts';
import { readSegments } from '#domain/presale/segments.ts';
import type { Runtime } from '#platform/runtime.ts';

/** Attempts in a row in which the segment's worker went on meanwhile. */
const MAX_ATTEMPTS = 8;

/**
 * Takes a member's id out of a round that a paused or closed presale has stored. A cursor that is the id is dropped: the pass then
 * begins at the segment's start, where it finds what it has issued.
 */
const clearRound = async (
  runtime: Runtime,
  segment: { campaignId: string; index: number; segments: number },
  { member, name }: { member: string; name: string },
): Promise<void> => {
  const key = await progressKey(runtime, segment, 'issue');
  let progress = await readProgress(runtime, key);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { cursor, body, ...rest } = progress;
    const round = body === undefined ? undefined : unpackRound<Grant>(body);
    const isTask = round?.tasks.some((task) => task.member === member) === true;
    if (cursor !== member && !isTask) return;
    progress = await advance(runtime, key, progress, {
      ...rest,
      ...(cursor === undefined || cursor === member ? {} : { cursor }),
      ...(round === undefined
        ? {}
        : {
            body: packRound({
              ...round,
              tasks: round.tasks.map((task) => (task.member === member ? { ...task, member: name } : task)),
            }),
          }),
    });
  }
  throw new Error(`round of segment ${segment.index}: expected to be cleared, got ${MAX_ATTEMPTS} conflicts`);
};

/** Takes a member's id out of what a campaign's presale still has to issue. */
export const clearRounds = async (
  runtime: Runtime,
  campaignId: string,
  erased: { member: string; name: string },
): Promise<void> => {
  const segments = (await readSegments(runtime, campaignId)) ?? 0;
  for (let index = 0; index < segments; index++)
    await clearRound(runtime, { campaignId, index, segments }, erased);
};

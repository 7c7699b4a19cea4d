/** Works through a long list in rounds, each stored before it begins, so that another worker can finish it after a crash. */
import { advance, type Progress, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import { deflate, inflate } from '#platform/compression.ts';
import type { Runtime } from '#platform/runtime.ts';

/** Part of a long list: its tasks, and the cursor of the next part, which is undefined after the last part. */
export type Part<Task> = { tasks: Task[]; cursor: string | undefined };

/** How to work through a long list. */
export type Rounds<Task> = {
  /** Reads the part at a cursor, or the first part. Reading it again may find other tasks. */
  read: (cursor: string | undefined) => Promise<Part<Task>>;
  /** Carries out tasks, each of which may have been carried out before. */
  carryOut: (tasks: readonly Task[]) => Promise<void>;
  /** A round ends once it has this many tasks: it holds fewer than this plus one part. */
  tasksPerRound: number;
};

/** A round as it is stored: its tasks, and whether the list ends with it. */
export type StoredRound<Task> = { tasks: Task[]; isLast: boolean };

export const packRound = (body: StoredRound<unknown>): Uint8Array =>
  deflate(Buffer.from(JSON.stringify(body)));

export const unpackRound = <Task>(bytes: Uint8Array): StoredRound<Task> =>
  JSON.parse(inflate(bytes).toString()) as StoredRound<Task>;

/**
 * Works through a list until its end or the deadline, in rounds: the tasks of a round are stored before any of them begins,
 * and are replaced only once all are done. A worker that takes over from a crashed one therefore repeats exactly the tasks
 * that may be half done, even if it would find others now. So nothing that was begun stays unfinished, and any number of
 * workers may run at the same time. Returns `late` if the deadline, in ms since the epoch, came before the end of the list.
 */
export const workThrough = async <Task>(
  runtime: Runtime,
  key: ProgressKey,
  rounds: Rounds<Task>,
  deadlineMs: number,
): Promise<'done' | 'late'> => {
  let progress = await readProgress(runtime, key);
  while (!progress.isDone) {
    if (runtime.clock.nowMs() >= deadlineMs) return 'late';
    const body = progress.body === undefined ? undefined : unpackRound<Task>(progress.body);
    if (body !== undefined) await rounds.carryOut(body.tasks);
    progress =
      body?.isLast === true
        ? await advance(runtime, key, progress, { isDone: true, doneMs: runtime.clock.nowMs() })
        : await storeNextRound(runtime, key, progress, { ...rounds, deadlineMs });
  }
  return 'done';
};

/** Starts a list again if it was finished at least `pauseMs` before `nowMs`. */
export const startOver = async (
  runtime: Runtime,
  key: ProgressKey,
  pauseMs: number,
  nowMs: number,
): Promise<void> => {
  const progress = await readProgress(runtime, key);
  const isDue = progress.isDone && nowMs - (progress.doneMs ?? 0) >= pauseMs;
  if (isDue) await advance(runtime, key, progress, { isDone: false });
};

const storeNextRound = async <Task>(
  runtime: Runtime,
  key: ProgressKey,
  from: Progress,
  { read, tasksPerRound, deadlineMs }: Rounds<Task> & { deadlineMs: number },
): Promise<Progress> => {
  const tasks: Task[] = [];
  let { cursor } = from;
  do {
    const part = await read(cursor);
    tasks.push(...part.tasks);
    cursor = part.cursor;
  } while (cursor !== undefined && tasks.length < tasksPerRound && runtime.clock.nowMs() < deadlineMs);
  return advance(runtime, key, from, {
    isDone: false,
    ...(cursor === undefined ? {} : { cursor }),
    body: packRound({ tasks, isLast: cursor === undefined }),
  });
};

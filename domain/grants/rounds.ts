import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { advance, type Progress, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import type { Runtime } from '#platform/runtime.ts';

/** Part of a long list: what there is to do in it, and where the next part begins; none after the last one. */
export type Part<Task> = { tasks: Task[]; cursor: string | undefined };

/** How to work through a long list. */
export type Rounds<Task> = {
  /** Reads on from a cursor, or from the beginning. Reading twice may find something else to do. */
  read: (cursor: string | undefined) => Promise<Part<Task>>;
  /** Does tasks, each of which may have been done before. */
  carryOut: (tasks: readonly Task[]) => Promise<void>;
  /** Tasks a round is worth its write for. A round holds fewer than this and one part's together. */
  tasksPerRound: number;
};

type Body<Task> = { tasks: Task[]; isLast: boolean };

const pack = (body: Body<unknown>): Uint8Array => deflateRawSync(JSON.stringify(body));

const unpack = <Task>(bytes: Uint8Array): Body<Task> =>
  JSON.parse(inflateRawSync(bytes).toString()) as Body<Task>;

/**
 * Works through a list until its end or the deadline, in rounds: the tasks of a round are written down before any of them
 * is begun, and only give way to the next ones once all are done. A worker that takes over from a dead one therefore
 * does the very tasks again that the dead one may have done half of, even if it would find others now; so nothing that was
 * begun is ever left unfinished, and any number of workers may be at it at once.
 */
export const workThrough = async <Task>(
  runtime: Runtime,
  key: ProgressKey,
  rounds: Rounds<Task>,
  deadlineMs: number,
): Promise<'done' | 'paused'> => {
  let progress = await readProgress(runtime, key);
  while (!progress.isDone) {
    if (runtime.clock.nowMs() >= deadlineMs) return 'paused';
    const body = progress.body === undefined ? undefined : unpack<Task>(progress.body);
    if (body !== undefined) await rounds.carryOut(body.tasks);
    progress =
      body?.isLast === true
        ? await advance(runtime, key, progress, { isDone: true, doneMs: runtime.clock.nowMs() })
        : await prepare(runtime, key, progress, rounds, deadlineMs);
  }
  return 'done';
};

/** Starts a list over that was worked through at least `pauseMs` before `nowMs`. */
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

const prepare = async <Task>(
  runtime: Runtime,
  key: ProgressKey,
  from: Progress,
  rounds: Rounds<Task>,
  deadlineMs: number,
): Promise<Progress> => {
  const tasks: Task[] = [];
  let { cursor } = from;
  do {
    const part = await rounds.read(cursor);
    tasks.push(...part.tasks);
    cursor = part.cursor;
  } while (cursor !== undefined && tasks.length < rounds.tasksPerRound && runtime.clock.nowMs() < deadlineMs);
  return advance(runtime, key, from, {
    isDone: false,
    ...(cursor === undefined ? {} : { cursor }),
    body: pack({ tasks, isLast: cursor === undefined }),
  });
};

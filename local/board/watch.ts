import { setTimeout as sleep } from 'node:timers/promises';
import type { AskBoard } from './ask.ts';
import { figuresOf } from './figures.ts';
import type { Shown } from './latency.ts';

/** Reads the screen as often as a page does, and notes what it shows and when. */
export type ScreenWatch = {
  /** What was seen so far, the earliest first. */
  readonly shown: readonly Shown[];
  /** Reads once more, so that what is complete by now is noted too, and stops. */
  stop(): Promise<void>;
};

/** `now` returns the time in ms, on the clock by which the sent orders are timed too. */
export const watchScreen = (
  ask: AskBoard,
  parameters: Record<string, string>,
  everyMs: number,
  now: () => number,
): ScreenWatch => {
  const shown: Shown[] = [];
  const look = async (): Promise<void> => {
    const answer = await ask(parameters);
    const figures = answer.ok ? figuresOf(answer.html) : undefined;
    if (figures !== undefined) shown.push({ atMs: now(), orders: figures.orders });
  };
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const startMs = performance.now();
      await look();
      const restMs = Math.max(0, everyMs - (performance.now() - startMs));
      await sleep(restMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return {
    shown,
    async stop() {
      stopped.abort();
      await watching;
      await look();
    },
  };
};

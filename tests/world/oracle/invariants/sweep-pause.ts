import type { Invariant } from '../invariant.ts';

const SWEEP = '#sweep\nGRANTS';
/** A sweep reads every grant, so 15 minutes pass before the next one. One minute less is allowed, because clocks may differ. */
const PAUSE_MS_MIN = 14 * 60_000;

/** A sweep does not follow the last one without a pause. */
export const sweepPause: Invariant = {
  name: 'sweep-pause',
  begin: (_, report) => ({
    onStep: ({ changes, atMs }) => {
      for (const { table, key, before, after } of changes) {
        if (table !== 'campaigns' || key !== SWEEP) continue;
        if (before?.doneMs?.N === undefined || after?.doneMs !== undefined) continue;
        const pauseMs = atMs - Number(before.doneMs.N);
        if (pauseMs < PAUSE_MS_MIN)
          report(atMs, `a sweep begins ${pauseMs} ms after the end of the last one`);
      }
    },
  }),
};

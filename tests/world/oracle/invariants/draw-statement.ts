import type { Invariant } from '../invariant.ts';

/** The time of Quicknet's first round, in s since the epoch, and the seconds between rounds (api.drand.sh, /info). */
const GENESIS_SECONDS = 1_692_803_367;
const PERIOD_SECONDS = 3;
const SECOND_MS = 1_000;
/** A statement may be stored up to this long after the time that it names, because a write may be slow. */
const WRITING_MS_MAX = 30_000;

type State = { kind: string; statement?: { slot: number; publishedAtMs: number; round: number | null } };

const roundMs = (round: number): number => (GENESIS_SECONDS + (round - 1) * PERIOD_SECONDS) * SECOND_MS;

/** A slot's statement names the time at which it is made, and a round that nobody can know yet. */
export const drawStatement: Invariant = {
  name: 'draw-statement',
  begin: ({ campaigns }, report) => {
    /** When each slot's current statement was written. It may be replaced until the slot is closed, and is judged then. */
    const writtenMs = new Map<string, number>();
    return {
      onStep: ({ changes, atMs }) => {
        for (const { table, key, before, after } of changes) {
          const [draw = ''] = key.split('\n');
          if (table !== 'draws' || !draw.endsWith('#slots') || after?.state?.S === undefined) continue;
          if (before?.state?.S === after.state.S) continue;
          const { kind, statement } = JSON.parse(after.state.S) as State;
          if (kind === 'stated') writtenMs.set(key, atMs);
          if (kind !== 'closed' || statement === undefined) continue;
          const madeMs = writtenMs.get(key) ?? atMs;
          const name = `${draw} ${statement.slot}`;
          const beacon = campaigns.get(draw.slice(0, -'#slots'.length))?.definition.freeOrders?.beacon;
          // A recorded round is known to everybody, so its statement may have any age.
          const isLive = beacon?.recordedRound === undefined;
          if (isLive && madeMs - statement.publishedAtMs > WRITING_MS_MAX)
            report(atMs, `${name}: dated ${madeMs - statement.publishedAtMs} ms before it was made`);
          if (
            beacon?.delaySeconds !== undefined &&
            statement.round !== null &&
            roundMs(statement.round) <= madeMs
          )
            report(
              atMs,
              `${name}: names round ${statement.round}, which came ${madeMs - roundMs(statement.round)} ms before`,
            );
          const waitMs = (beacon?.delaySeconds ?? 0) * SECOND_MS;
          if (
            isLive &&
            statement.round !== null &&
            roundMs(statement.round) < statement.publishedAtMs + waitMs
          )
            report(
              atMs,
              `${name}: names a round ${roundMs(statement.round) - statement.publishedAtMs} ms after its publication, expected ${waitMs} or more`,
            );
        }
      },
    };
  },
};

import type { Invariant } from '../invariant.ts';

/** Quicknet's first round, in s since the epoch, and the seconds between rounds (api.drand.sh, /info). */
const GENESIS_SECONDS = 1_692_803_367;
const PERIOD_SECONDS = 3;
const SECOND_MS = 1_000;
/** A statement that is being written may be slow to arrive. */
const WRITING_MS_MAX = 30_000;

type State = { kind: string; statement?: { slot: number; publishedAtMs: number; round: number | null } };

const roundMs = (round: number): number => (GENESIS_SECONDS + (round - 1) * PERIOD_SECONDS) * SECOND_MS;

/** A slot's statement is dated when it is made, and names a round that nobody can know yet. */
export const drawStatement: Invariant = {
  name: 'draw-statement',
  begin: ({ campaigns }, report) => ({
    onStep: ({ changes, atMs }) => {
      for (const { table, key, before, after } of changes) {
        const [draw = ''] = key.split('\n');
        if (table !== 'draws' || !draw.endsWith('#slots') || after?.state?.S === undefined) continue;
        const { kind, statement } = JSON.parse(after.state.S) as State;
        if (kind !== 'closed' || statement === undefined || before?.state?.S === after.state.S) continue;
        const name = `${draw} ${statement.slot}`;
        const beacon = campaigns.get(draw.slice(0, -'#slots'.length))?.definition.freeOrders?.beacon;
        if (atMs - statement.publishedAtMs > WRITING_MS_MAX)
          report(atMs, `${name}: dated ${atMs - statement.publishedAtMs} ms before it was made`);
        if (
          beacon?.delaySeconds !== undefined &&
          statement.round !== null &&
          roundMs(statement.round) <= atMs
        )
          report(
            atMs,
            `${name}: names round ${statement.round}, which came ${atMs - roundMs(statement.round)} ms before`,
          );
      }
    },
  }),
};

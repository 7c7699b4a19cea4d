/** Scripts of what is too rare in a sale to occur with a few seeds. Each needs one guard of the pipeline again and again. */
import { refunded } from '../events.ts';
import { after, allFree, coupons, order, script, slots } from './script.ts';

const RECORDED = { recordedRound: 1_000 };
const MINUTE_SECONDS = 60;
const FEN = 3_000;
const PAIRS = 180;
const MINUTES = 58;

/** The refund of a whole order, sent in a message of its own. */
const backOf = (name: string, member: string, seconds: number) =>
  refunded({ id: `back-${name}`, timeMs: after(seconds), order: name, member, fen: FEN });

/** Orders that win, and their refunds, which come in another message at about the same time. */
const refundRaces = script('refund-races', 2, ({ open, send }) => {
  open(allFree('refund-races'));
  for (let i = 0; i < PAIRS; i++) {
    const seconds = 30 + 15 * i;
    const name = `o${i}`;
    const member = `m${i}`;
    send(seconds, order(seconds, { order: name, member, fen: FEN }));
    send(seconds + 0.25 * (i % 13), backOf(name, member, seconds));
  }
});

/** Windows to which something comes late again and again, so that each of their rows is replaced often. */
const rowRaces = script('row-races', 3, ({ open, send }) => {
  const { coupons: _, ...counted } = coupons('row-races');
  open({ ...counted, metrics: { windowSeconds: 60 } });
  for (let minute = 0; minute < MINUTES; minute++) {
    const seconds = MINUTE_SECONDS * minute + 10;
    for (const [i, late] of [0, 2, 5, 9, 14].entries())
      send(
        seconds + MINUTE_SECONDS * late,
        order(seconds, { id: `e${minute}-${i}`, order: `o${minute}-${i}`, member: 'm1', fen: FEN }),
      );
  }
});

/** A draw whose awards are all the same, and whose budget pays for exactly two of them. */
const lastAward = script('last-award', 2, ({ open, send }) => {
  open(slots('last-award', RECORDED, { minimumPaidFen: FEN, capFen: FEN, budgetFen: 2 * FEN }));
  for (let i = 0; i < 4; i++) send(10 + i, order(10 + i, { order: `o${i}`, member: `m${i}`, fen: FEN }));
});

export const GUARDS = {
  'refund-races': refundRaces,
  'row-races': rowRaces,
  'last-award': lastAward,
};

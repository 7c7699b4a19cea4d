/**
 * Scripts about draws, about figures, and about messages that are meant to do harm. Each script shows a fault that the
 * pipeline once had.
 */
import { streamOf } from '../../random.ts';
import { paid, refunded } from '../events.ts';
import { DAY_MS } from '../workload.ts';
import { after, allFree, coupons, order, SALE_MS, script, slots } from './script.ts';

const RECORDED = { recordedRound: 1_000 };

/** Four draws with a slot each minute. A slot's seed needs the public round that comes ten seconds after the slot closes. */
const publicRound = script('money-22', 2, ({ open, send }) => {
  open(...['a', 'b', 'c', 'd'].map((name) => slots(`m22-${name}`, { delaySeconds: 10 })));
  for (let i = 0; i < 59; i++)
    send(60 * i + 5, order(60 * i + 5, { order: `o${i}`, member: `m${i}`, fen: 3_000 }));
});

/** An order is dated just after the end of a slot, and its refund just before that end. */
const borderOfASlot = script('money-23', 2, ({ open, send }) => {
  open(slots('m23', RECORDED));
  const fields = { order: 'a', member: 'm1', fen: 3_000 };
  send(601, paid({ ...fields, id: 'paid', timeMs: after(600) + 10 }));
  send(603, refunded({ ...fields, id: 'back', timeMs: after(600) - 50 }));
});

const offer = (offerId: string, pool: string) => ({
  offerId,
  pool,
  thresholdFen: 5_000,
  discountFen: 1_000,
  scope: 'all',
  validHours: 2,
});

/** Two offers, each with a pool of its own. The pool of the first has money for one coupon only. */
const emptyPool = script('money-24', 4, ({ open, send }) => {
  open(
    coupons('m24', {
      budgets: [
        { pool: 'p', totalFen: 1_000, presaleShare: 0 },
        { pool: 'q', totalFen: 10_000_000, presaleShare: 0 },
      ],
      offers: [offer('of-p', 'p'), offer('of-q', 'q')],
      arms: { engine: 100, baseline: 0, control: 0 },
      perMemberLimit: 1,
      baselineOffer: 'of-q',
    }),
  );
  for (let i = 0; i < 300; i++) send(60 + i, order(60 + i, { order: `o${i}`, member: `m${i}`, fen: 6_000 }));
});

/** Each of 400 members makes one order, and a sketch estimates two members more than there are. */
const moreMembersThanOrders = script('money-27', 2, ({ open, send }) => {
  open(...['a', 'b', 'c', 'd'].map((name) => ({ ...coupons(`m27-${name}`), coupons: undefined })));
  for (let part = 0; part < 20; part++) {
    const orders = Array.from({ length: 20 }, (_, i) =>
      order(60 + part, { order: `o${part}-${i}`, member: `member-14-${part}-${i}`, fen: 6_000 }),
    );
    send(65 + part, ...orders);
  }
});

/** A message with an attribute that is not a number, and has the name of a field in which the pipeline keeps a time. */
const foreignAttribute = script('attack-01', 2, ({ open, send, stage }) => {
  open(allFree('a01'));
  send(60, order(60, { order: 'good', member: 'm1', fen: 3_000 }));
  stage.send({ specversion: '1.0', id: 'bad' }, after(60), { firstSentMs: 'abc' });
});

/** One message of 5,000 values that are not events, each of which is refused. */
const floodOfRejects = script('attack-02', 2, ({ open, stage }) => {
  open(allFree('a02'));
  stage.send(
    Array.from({ length: 5_000 }, () => 0),
    after(60),
  );
});

/** A message of a megabyte that is not JSON and that compresses badly. */
const largeBody = script('attack-03', 2, ({ open, stage }) => {
  open(allFree('a03'));
  const random = streamOf(3, 'attack-03');
  const characters = Array.from({ length: 1_000_000 }, () =>
    String.fromCharCode(33 + Math.floor(random() * 94)),
  );
  stage.send(characters.join(''), after(60));
});

/** An order is free, and its refund comes a day after the order's window can no longer change. */
const refundAfterTheHorizon = script('attack-06', 9 * 24, ({ open, send, stage }) => {
  open(allFree('a06'));
  const fields = { order: 'a', member: 'm1', fen: 3_000 };
  send(60, order(60, fields));
  const timeMs = SALE_MS + 8 * DAY_MS;
  stage.send(refunded({ ...fields, id: 'back', timeMs }), timeMs);
});

export const FIGURES = {
  'money-22': publicRound,
  'money-23': borderOfASlot,
  'money-24': emptyPool,
  'money-27': moreMembersThanOrders,
  'attack-01': foreignAttribute,
  'attack-02': floodOfRejects,
  'attack-03': largeBody,
  'attack-06': refundAfterTheHorizon,
};

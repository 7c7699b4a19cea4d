import { opened, paid, timeText } from '../events.ts';
import { HOUR_MS, MINUTE_MS } from '../workload.ts';
import { after, coupons, order, SALE_MS, script } from './script.ts';

/** Scripts about crashes, dropped counters and many windows. Each one shows a fault that the pipeline once had. */

const HOUR_SECONDS = 3_600;
const TEN = { offerId: 'ten', pool: 'platform', thresholdFen: 5_000, discountFen: 1_000, scope: 'all' };
/** Up to twenty coupons for each member, which stay valid for longer than a failed message is retried. */
const MANY = { perMemberLimit: 20, offers: [{ ...TEN, validHours: 48 }] };

/** Many windows of one campaign, which are rolled up at the same time while some of the workers crash. */
const crashingRollups = script('money-12', 2, ({ open, send }) => {
  open(coupons('m12'));
  for (let i = 0; i < 40; i++) {
    const atSeconds = 60 + 30 * i;
    const late = [0, 400, 800].filter((seconds) => seconds < atSeconds);
    const events = late.map((seconds, j) =>
      order(atSeconds - seconds, { order: `o${i}-${j}`, member: `m${i % 7}`, fen: 6_000 }),
    );
    for (const event of events) send(atSeconds, event);
  }
});

/** A presale with money for only some of its members. Some workers crash after granting coupons and before publishing them. */
const unpublishedPresale = script('money-14', 5, ({ open, send, stage }) => {
  open(coupons('m14-before', { perMemberLimit: 1 }));
  for (let i = 0; i < 60; i++) send(30 + i, order(30 + i, { order: `o${i}`, member: `m${i}`, fen: 6_000 }));
  const presale = coupons('m14', {
    budgets: [{ pool: 'platform', totalFen: 30_000, presaleShare: 1 }],
    settlementHours: 0,
    shards: 4,
  });
  const startsMs = SALE_MS + 40 * MINUTE_MS;
  const definition = { ...presale, startsAt: timeText(startsMs), endsAt: timeText(startsMs + HOUR_MS) };
  const sentMs = SALE_MS + 20 * MINUTE_MS;
  stage.send(opened(definition, sentMs), sentMs);
});

/**
 * A member gets eleven coupons in each of two campaigns. Then the counters of the member's coupons in both are dropped, to make
 * room for those of eight other campaigns. Then the member uses the first coupon in an order that may bring another coupon.
 */
const droppedCounters = script('money-19', 4, ({ open, send, onCoupons }) => {
  const others = Array.from({ length: 8 }, (_, i) => coupons(`m19-o${i}`, MANY));
  const startsAt = timeText(after(HOUR_SECONDS));
  const endsAt = timeText(after(2 * HOUR_SECONDS));
  open(
    coupons('m19-a', MANY),
    coupons('m19-b', MANY),
    ...others.map((one) => ({ ...one, startsAt, endsAt })),
  );
  const buy = (seconds: number) => order(seconds, { order: `o${seconds}`, member: 'm1', fen: 6_000 });
  for (let i = 0; i < 11; i++) send(60 + 60 * i, buy(60 + 60 * i));
  send(HOUR_SECONDS + 100, buy(HOUR_SECONDS + 90));
  let isUsed = false;
  onCoupons(([first]) => {
    if (isUsed) return;
    isUsed = true;
    send(HOUR_SECONDS + 900, order(1_000, { order: 'late', member: 'm1', fen: 6_000, coupon: first }));
  });
});

const MESSAGES = 100;
const EVENTS = 100;

/** A hundred messages of a hundred orders, each order in a window of its own. */
const distinctWindows = script('money-20', 4, ({ open, stage }) => {
  const definition = coupons('m20', { arms: { engine: 0, baseline: 0, control: 100 } }, 3);
  const { coupons: _, ...counted } = definition;
  open({ ...counted, metrics: { windowSeconds: 1 } });
  for (let message = 0; message < MESSAGES; message++) {
    const events = Array.from({ length: EVENTS }, (_one, i) => {
      const place = message * EVENTS + i;
      return paid({
        id: `e${place}`,
        timeMs: after(place),
        order: `o${place}`,
        member: `m${place}`,
        fen: 100,
      });
    });
    stage.send(events, after(MESSAGES * EVENTS + 60));
  }
});

export const RACES = {
  'money-12': crashingRollups,
  'money-14': unpublishedPresale,
  'money-19': droppedCounters,
  'money-20': distinctWindows,
};

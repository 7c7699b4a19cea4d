import { type Definition, type Fields, type OrderFields, opened, paid, timeText } from '../events.ts';
import { BEGIN_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Stage, type Workload } from '../workload.ts';

/** When the campaigns of scripts begin. The events that open them are sent before. */
export const SALE_MS = BEGIN_MS + 5 * MINUTE_MS;

export type Play = {
  /** Opens campaigns, long enough before the sale that all workers know them. */
  open(...definitions: Definition[]): void;
  /** Sends events in one message, this many seconds after the sale begins. */
  send(seconds: number, ...events: readonly unknown[]): void;
  /** Calls back at each new coupon of a member, with all of the member's coupons, the oldest first. */
  onCoupons(listen: (coupons: readonly string[], member: string) => void): void;
  readonly stage: Stage;
};

/** The time this many seconds after the sale begins. */
export const after = (seconds: number): number => SALE_MS + seconds * SECOND_MS;

const playOn = (stage: Stage): Play => ({
  stage,
  open: (...definitions) => {
    for (const definition of definitions) stage.send(opened(definition, BEGIN_MS), BEGIN_MS + 1_000);
  },
  send: (seconds, ...events) => stage.send(events.length === 1 ? events[0] : events, after(seconds)),
  onCoupons: (listen) => {
    const byMember = new Map<string, string[]>();
    stage.onGrant(({ type, id, data: { memberId } }) => {
      const known = byMember.get(memberId) ?? [];
      if (type !== 'coupon.granted' || known.includes(id)) return;
      byMember.set(memberId, [...known, id]);
      listen([...known, id], memberId);
    });
  },
});

/** A workload of a few lines. `hours` is how long it takes, including the time in which its coupons expire. */
export const script = (name: string, hours: number, write: (play: Play) => void): (() => Workload) => {
  return () => ({
    name,
    startMs: BEGIN_MS,
    endMs: BEGIN_MS + hours * HOUR_MS,
    start: (stage) => write(playOn(stage)),
  });
};

/** An order, this many seconds after the sale begins. Unless `id` is given, it is made from order, member and time. */
export const order = (
  seconds: number,
  fields: Omit<OrderFields, 'id' | 'timeMs'> & { id?: string },
): Fields =>
  paid({ id: `paid-${fields.order}-${fields.member}-${seconds}`, timeMs: after(seconds), ...fields });

const span = (campaignId: string, hours: number): Definition => ({
  campaignId,
  startsAt: timeText(SALE_MS),
  endsAt: timeText(SALE_MS + hours * HOUR_MS),
  metrics: { windowSeconds: 300 },
});

/** A campaign that gives everybody the same coupon: CNY 10 off an order of CNY 50 or more, valid for two hours. */
export const coupons = (campaignId: string, changes: Fields = {}, hours = 1): Definition => ({
  ...span(campaignId, hours),
  coupons: {
    budgets: [{ pool: 'platform', totalFen: 1_000_000, presaleShare: 0 }],
    offers: [
      {
        offerId: 'ten',
        pool: 'platform',
        thresholdFen: 5_000,
        discountFen: 1_000,
        scope: 'all',
        validHours: 2,
      },
    ],
    arms: { engine: 1, baseline: 99, control: 0 },
    salt: 's',
    objective: 'conversions',
    perMemberLimit: 3,
    shards: 1,
    baselineOffer: 'ten',
    ...changes,
  },
});

/** A campaign in which every order is free, up to CNY 50. */
export const allFree = (campaignId: string, changes: Fields = {}, hours = 1): Definition => ({
  ...span(campaignId, hours),
  freeOrders: {
    mode: 'instant',
    odds: { win: 1, in: 1 },
    channels: ['far', 'near'],
    capFen: 5_000,
    quota: 200,
    budgetFen: 1_000_000,
    ...changes,
  },
});

/** A campaign that draws two winners every minute. */
export const slots = (campaignId: string, beacon: Fields, changes: Fields = {}): Definition => ({
  ...span(campaignId, 1),
  freeOrders: {
    mode: 'slot',
    slotSeconds: 60,
    prizes: 2,
    graceSeconds: 5,
    beacon: { chain: 'quicknet', ...beacon },
    channels: ['far', 'near'],
    capFen: 5_000,
    quota: 200,
    budgetFen: 1_000_000,
    ...changes,
  },
});

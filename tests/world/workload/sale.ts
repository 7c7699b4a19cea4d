import { between, oneOf, streamOf } from '../random.ts';
import { aroundDraws } from './around-draws.ts';
import { usesOf } from './coupon-uses.ts';
import { BRANDS, type Opening, openingsOf, STORES, TIERS } from './definitions.ts';
import { erasuresOf } from './erasures.ts';
import {
  capped,
  type Definition,
  extended,
  type OrderFields,
  opened,
  paid,
  switched,
  tierOf,
  timeText,
} from './events.ts';
import { isGuest, linksOf } from './links.ts';
import { malformedOf } from './malformed.ts';
import { refundsOf, type Sending } from './refunds.ts';
import { BEGIN_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Stage, type Workload } from './workload.ts';

/**
 * The number of distinct orders, refunds and changes of tiers. It includes the events of an extension and around draws, but not
 * what members do with their coupons. With the campaigns, the links and the malformed events, there are 200 events or a few more.
 */
const EVENTS = 168;
const MEMBERS = 30;
/** These have over a third of all orders, so one of them soon has more orders than the pipeline keeps for a member. */
const HEAVY_MEMBERS = 2;
const ORDERS_FROM_MS = BEGIN_MS + 3 * MINUTE_MS;
const ORDERS_SPAN_MS = 21 * MINUTE_MS;
/** Events come in bursts, so that one rollup serves many of them: rollups are most of a run's cost. */
const BURST_MS = 180 * SECOND_MS;
/** Messages of a burst that come at once are one batch; those that come a little later arrive while it is being processed. */
const WITHIN_BURST_MS = [0, 0, 600, 1_300, 2_400];
const LATE_FROM_MS = BEGIN_MS + 35 * MINUTE_MS;
const LATE_BURST_MS = 30 * MINUTE_MS;
const PER_MESSAGE_MAX = 12;
/** How old an order is, in hours, if it is sent late to a campaign that lasts for days. */
const LATE_HOURS = [1, 60] as const;

const members = (): string[] => Array.from({ length: MEMBERS }, (_, i) => `member-${i}`);

const memberOf = (random: () => number): string =>
  random() < 0.33
    ? `member-${between(random, 0, HEAVY_MEMBERS - 1)}`
    : `member-${between(random, 0, MEMBERS - 1)}`;

/** The time from an event until its producer sends it, in ms. */
const delayOf = (random: () => number): number => {
  const kind = random();
  if (kind < 0.8) return between(random, 0, 3_000);
  if (kind < 0.92) return between(random, 1, 5) * MINUTE_MS;
  return between(random, 20, 50) * MINUTE_MS;
};

/** Order numbers are mostly unique; one order in ten is of a shop that counts from 1,000 to 1,006, so that shops share numbers. */
const orderNumber = (random: () => number, i: number): { order: string; source?: string } =>
  random() < 0.1
    ? { order: String(1_000 + between(random, 0, 6)), source: `/shop-${i}/orders` }
    : { order: `order-${i}` };

/** At least `count` distinct orders and refunds; some are sent more than once. */
const ordersOf = (random: () => number, hasLong: boolean, count: number): Sending[] => {
  const sendings: Sending[] = [];
  for (let i = 0, distinct = 0; distinct < count; i++, distinct++) {
    const isOld = hasLong && random() < 0.1;
    const sentAtMs = ORDERS_FROM_MS + between(random, 0, ORDERS_SPAN_MS);
    const timeMs = isOld ? sentAtMs - between(random, ...LATE_HOURS) * HOUR_MS : sentAtMs;
    const fields: OrderFields = {
      id: `paid-${i}`,
      timeMs,
      ...orderNumber(random, i),
      member: memberOf(random),
      brand: oneOf(random, BRANDS),
      store: random() < 0.3 ? oneOf(random, STORES) : undefined,
      fen: between(random, 3, 300) * 100,
    };
    const sentMs = sentAtMs + (isOld ? 0 : delayOf(random));
    const event = paid(fields);
    sendings.push({ event, sentMs });
    if (random() < 0.06) sendings.push({ event, sentMs: sentMs + between(random, 1, 1_500) * SECOND_MS });
    if (random() < 0.2) {
      const refunds = refundsOf(random, fields, { sentMs, other: memberOf(random) });
      distinct += refunds.length;
      sendings.push(...refunds);
    }
    if (random() < 0.02) sendings.push(conflicting(fields, i, sentMs));
  }
  return sendings;
};

/** The same event id again, later, with another content. */
const conflicting = (fields: OrderFields, i: number, sentMs: number): Sending => ({
  event: paid({ ...fields, fen: fields.fen + 100 + i }),
  sentMs: sentMs + 40 * SECOND_MS,
});

const tiersOf = (random: () => number): Sending[] =>
  Array.from({ length: between(random, 15, 30) }, (_, i) => {
    const timeMs = BEGIN_MS + between(random, 0, 24 * MINUTE_MS);
    const tier = random() < 0.15 ? undefined : oneOf(random, TIERS);
    return {
      event: tierOf(`tier-${i}`, timeMs, memberOf(random), tier),
      sentMs: timeMs + (random() < 0.7 ? 500 : between(random, 1, 20) * MINUTE_MS),
    };
  });

/** The campaigns' openings: some are sent twice, and some are followed by another definition with the same campaign id. */
const openingSendings = (random: () => number, openings: readonly Opening[]): Sending[] =>
  openings.flatMap(({ definition, sentMs }) => {
    // An opening that is sent before the beginning would be refused as an event from the future if its time were the beginning.
    const openedMs = Math.min(sentMs, BEGIN_MS);
    const event = opened(definition, openedMs);
    const sendings: Sending[] = [{ event, sentMs }];
    if (random() < 0.3) sendings.push({ event, sentMs: sentMs + between(random, 0, 90) * SECOND_MS });
    if (random() < 0.2) {
      const endsAt = timeText(Date.parse(definition.endsAt) - MINUTE_MS);
      sendings.push({
        event: opened({ ...definition, endsAt }, openedMs, `again-${definition.campaignId}`),
        sentMs: sentMs + between(random, 30, 120) * SECOND_MS,
      });
    }
    return sendings;
  });

/** In some runs the sale is paused twice, each time for some minutes while orders come. */
const pausesOf = (random: () => number, campaignId: string): Sending[] =>
  random() >= 0.4 ? [] : PAUSES_FROM.flatMap((from) => pauseOf(random, campaignId, from));

/** Minutes after the beginning. */
const PAUSES_FROM = [8, 16];

const pauseOf = (random: () => number, campaignId: string, from: number): Sending[] => {
  const fromMs = BEGIN_MS + between(random, from, from + 4) * MINUTE_MS;
  const toMs = fromMs + between(random, 2, 3) * MINUTE_MS;
  return [
    { event: switched('campaign.paused', campaignId, fromMs), sentMs: fromMs, isAlone: true },
    { event: switched('campaign.resumed', campaignId, toMs), sentMs: toMs, isAlone: true },
  ];
};

/**
 * In some runs the sale is extended twice. The later end is sent first, and again after the sale. Orders are placed from a minute
 * before the announced end to a minute after the later one, and some are sent late.
 */
const extensionOf = (random: () => number, { campaignId, endsAt }: Definition): Sending[] => {
  if (random() >= 0.25) return [];
  const endsMs = Date.parse(endsAt);
  const untilMs = endsMs + between(random, 8, 20) * MINUTE_MS;
  const fromMs = BEGIN_MS + between(random, 4, 8) * MINUTE_MS;
  const later = extended(campaignId, fromMs, untilMs);
  const sooner = extended(campaignId, fromMs + MINUTE_MS, endsMs + 4 * MINUTE_MS);
  const orders = Array.from({ length: between(random, 10, 16) }, (_, i): Sending => {
    const timeMs = endsMs + between(random, -60, Math.floor((untilMs - endsMs) / SECOND_MS) + 60) * SECOND_MS;
    const order = `after-${i}`;
    const fen = between(random, 3, 300) * 100;
    const event = paid({
      id: `paid-${order}`,
      timeMs,
      order,
      member: memberOf(random),
      brand: BRANDS[0]!,
      fen,
    });
    return { event, sentMs: timeMs + delayOf(random) };
  });
  return [
    { event: later, sentMs: fromMs },
    { event: sooner, sentMs: fromMs + MINUTE_MS },
    { event: later, sentMs: untilMs + HOUR_MS, isAlone: true },
    ...orders,
  ];
};

/** In some runs the main pool gets a ceiling, then another, and then none; finally the second one is sent again. */
const ceilingsOf = (random: () => number, { campaignId, coupons }: Definition): Sending[] => {
  const { budgets } = coupons as { budgets: { pool: string; totalFen: number }[] };
  if (random() >= 0.25) return [];
  const { pool, totalFen } = budgets[0]!;
  const fromMs = BEGIN_MS + between(random, 5, 10) * MINUTE_MS;
  const shares = [random() * 0.6, random(), 1];
  const sendings = shares.map((share, i): Sending => {
    const timeMs = fromMs + i * between(random, 3, 5) * MINUTE_MS;
    return {
      event: capped(campaignId, timeMs, pool, Math.floor(share * totalFen)),
      sentMs: timeMs,
      isAlone: true,
    };
  });
  return [...sendings, { ...sendings[1]!, sentMs: sendings[2]!.sentMs + 2 * MINUTE_MS }];
};

/** The burst in which an event that is due at this time is sent. */
const burstAt = (dueMs: number): number => {
  const lengthMs = dueMs < LATE_FROM_MS ? BURST_MS : LATE_BURST_MS;
  return Math.ceil(dueMs / lengthMs) * lengthMs;
};

/** Sends events, each alone in a message or together with others that are due in the same burst. */
const sendPacked = (random: () => number, stage: Stage, sendings: readonly Sending[]): void => {
  const inOrder = [...sendings].sort((a, b) => a.sentMs - b.sentMs);
  for (let first = 0; first < inOrder.length; ) {
    const atMs = burstAt(inOrder[first]!.sentMs);
    const size = inOrder[first]!.isAlone || random() < 0.3 ? 1 : between(random, 2, PER_MESSAGE_MAX);
    const rest = inOrder.slice(first, first + size);
    const end = rest.findIndex(({ sentMs, isAlone }, i) => i > 0 && (burstAt(sentMs) !== atMs || isAlone));
    const together = end === -1 ? rest : rest.slice(0, end);
    first += together.length;
    const events = together.map(({ event }) => event);
    stage.send(events.length === 1 ? events[0] : events, atMs + oneOf(random, WITHIN_BURST_MS));
  }
};

/** Sends the events that are due in the same burst together, several in a message. */
const burstSender = (stage: Stage): ((sending: Sending) => void) => {
  const due = new Map<number, unknown[]>();
  return ({ event, sentMs }) => {
    const atMs = burstAt(sentMs);
    const events = due.get(atMs);
    if (events !== undefined && events.length < PER_MESSAGE_MAX) {
      events.push(event);
      return;
    }
    const begun = [event];
    due.set(atMs, begun);
    stage.scheduler.at(atMs, () => {
      if (due.get(atMs) === begun) due.delete(atMs);
      stage.send(begun.length === 1 ? begun[0] : begun, atMs);
    });
  };
};

/**
 * Members answer the first coupons, up to this many. Of further ones, in a seed with much money, they answer a third: each use
 * takes several calls, and most of what can go wrong with uses has had its chance by then.
 */
const ANSWERED_ALL = 24;
const ANSWERED_ONE_OF = 3;

const answerGrants = (seed: number, stage: Stage): void => {
  const sendLater = burstSender(stage);
  const told = new Set<string>();
  const ofMember = new Map<string, string[]>();
  stage.onGrant((grant) => {
    const { memberId } = grant.data;
    if (grant.type !== 'coupon.granted' || told.has(grant.id)) return;
    // If the coupon's worker died before publishing it, and its member has been erased since, nobody can say whose it is.
    if (memberId.startsWith('erased:')) return;
    // A guest's order could win for the member that the guest is linked to, and the oracle would not find the order.
    if (isGuest(memberId)) return;
    told.add(grant.id);
    const others = ofMember.get(memberId) ?? [];
    ofMember.set(memberId, [...others, grant.id]);
    if (told.size > ANSWERED_ALL && told.size % ANSWERED_ONE_OF !== 0) return;
    const { nowMs } = stage.scheduler;
    for (const sending of usesOf(grant, { seed, members: members(), others, nowMs })) sendLater(sending);
  });
};

/** Some runs last until blocks of events have expired. After that, the metrics queue's messages come once more. */
const LONG_SHARE = 0.04;
const LONG_MS = 33 * DAY_MS;

/**
 * A sale: several campaigns, about 200 to 400 events, everything that producers get wrong, and members who use their coupons.
 */
export const sale = (seed: number): Workload => {
  const isLong = streamOf(seed, 'span')() < LONG_SHARE;
  const endMs = BEGIN_MS + 190 * MINUTE_MS;
  return {
    name: 'sale',
    startMs: BEGIN_MS,
    endMs: isLong ? endMs + LONG_MS : endMs,
    start: (stage) => {
      const random = streamOf(seed, 'sale');
      const openings = openingsOf(random, seed);
      const hasLong = openings.some(({ definition }) => definition.campaignId.startsWith('long'));
      const tiers = tiersOf(random);
      const later = streamOf(seed, 'extension');
      const extension = extensionOf(later, openings[0]!.definition);
      const slots = openings.find(({ definition }) => definition.campaignId.startsWith('slots'));
      const drawn = slots ? aroundDraws(streamOf(seed, 'draws'), slots.definition, memberOf) : [];
      for (const { event, sentMs } of drawn) stage.send(event, sentMs);
      answerGrants(seed, stage);
      sendPacked(random, stage, [
        ...openingSendings(random, openings),
        ...tiers,
        ...ordersOf(random, hasLong, EVENTS - tiers.length - extension.length - drawn.length),
        ...linksOf(streamOf(seed, 'links'), memberOf),
        ...pausesOf(streamOf(seed, 'pause'), openings[0]!.definition.campaignId),
      ]);
      sendPacked(later, stage, extension);
      const caps = streamOf(seed, 'ceilings');
      sendPacked(caps, stage, ceilingsOf(caps, openings[0]!.definition));
      const forgetting = streamOf(seed, 'erasures');
      sendPacked(forgetting, stage, erasuresOf(forgetting, memberOf));
      const bad = malformedOf(`bad-${seed}`, BEGIN_MS + 10 * MINUTE_MS);
      for (const body of bad) stage.send(body, burstAt(BEGIN_MS + between(random, 5, 30) * MINUTE_MS));
      if (isLong) stage.redrive('metrics', endMs + LONG_MS - DAY_MS);
    },
  };
};

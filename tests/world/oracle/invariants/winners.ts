import type { Campaign } from '../campaigns.ts';
import { countingOf } from '../campaigns.ts';
import type { End, Facts, Figures, Invariant, Report } from '../invariant.ts';
import { distinctOf, type SentOrder } from '../ledger.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';
import { hasClearTier, isClear, whyNot } from './draw-rules.ts';
import { isBelow, memberKeyOf, seedOf, slotSeedOf, ticketOf } from './draw-tickets.ts';
import { drawnSlots } from './drawn-slots.ts';

export const orderOfWin = ({ reason }: SeenGrant): string =>
  (reason.order as { orderId?: string } | undefined)?.orderId ?? '';

const paidOf = ({ ledger }: Facts, { member }: SeenGrant, order: string): SentOrder[] =>
  ledger.ofOrder(member, order).filter(({ kind }) => kind === 'paid');

/** What is wrong with a win itself: its order, its award or its ticket. */
const winFault = (facts: Facts, campaign: Campaign, grant: SeenGrant): string | undefined => {
  const { freeOrders } = campaign.definition;
  if (freeOrders === undefined) return 'of a campaign without free orders';
  const order = orderOfWin(grant);
  const paid = paidOf(facts, grant, order);
  if (paid.length === 0) return `of order ${order}, which the member never made`;
  const reasons = paid.map((one) => whyNot(facts.ledger, campaign, one));
  const able = paid.filter((_, i) => reasons[i] === undefined);
  if (able.length === 0) return `of order ${order}, which cannot win: ${reasons[0]}`;
  const most = Math.max(...able.map(({ fen }) => Math.min(fen, freeOrders.capFen)));
  if (grant.faceFen > most || grant.faceFen < 1) return `${grant.faceFen} fen, expected at most ${most}`;
  if (freeOrders.mode === 'slot') return undefined;
  const { campaignId, member } = grant;
  const memberKey = memberKeyOf(facts.secret, campaignId);
  const ticket = ticketOf(seedOf(facts.secret, campaignId), memberKey, { member, order });
  return isBelow(ticket, freeOrders.odds!) ? undefined : `of order ${order}, whose ticket does not win`;
};

/**
 * Whether nothing but the ticket of an order decides if it wins: its member was not erased, it was sent once, the rules
 * certainly allow it, and it was never refunded.
 */
const isPlain = ({ ledger, members, erasures }: Facts, campaign: Campaign, order: SentOrder): boolean =>
  erasures.of(order.member) === undefined &&
  isClear(ledger, order) &&
  whyNot(ledger, campaign, order) === undefined &&
  hasClearTier(members, campaign.definition.freeOrders!, order) &&
  distinctOf(ledger.ofOrder(order.member, order.order), 'refunded').length === 0;

/** Whether no limit, quota or budget can have kept an order of the campaign from winning. */
const couldAllWin = ({ definition }: Campaign, wins: readonly SeenGrant[]): boolean => {
  const { quota, budgetFen, capFen, perMember, perMemberPerDay, firstOrderOnly } = definition.freeOrders!;
  const spent = wins.reduce((sum, { faceFen }) => sum + faceFen, 0);
  const isLimited = perMember !== undefined || perMemberPerDay !== undefined || firstOrderOnly === true;
  return !isLimited && wins.length < quota && budgetFen - spent >= capFen;
};

const nameOf = (member: string, order: string): string => `${member} ${order}`;

/** Orders with a winning ticket that have not won. */
const missedInstant = (facts: Facts, campaign: Campaign, wins: readonly SeenGrant[]): string[] => {
  const { campaignId } = campaign.definition;
  const seed = seedOf(facts.secret, campaignId);
  const memberKey = memberKeyOf(facts.secret, campaignId);
  const won = new Set(wins.map((win) => nameOf(win.member, orderOfWin(win))));
  return [...facts.ledger.orders.values()].flatMap(([order]) =>
    order!.kind === 'paid' &&
    countingOf(campaign, order!) === 'certain' &&
    isPlain(facts, campaign, order!) &&
    isBelow(ticketOf(seed, memberKey, order!), campaign.definition.freeOrders!.odds!) &&
    !won.has(nameOf(order!.member, order!.order))
      ? [`order ${order!.order} of ${order!.member}: its ticket wins, and it has not won`]
      : [],
  );
};

/** Orders of drawn slots that were passed over for larger tickets, or although prizes were left. */
const missedInSlots = (facts: Facts, campaign: Campaign, wins: readonly SeenGrant[]): string[] => {
  const { campaignId, freeOrders } = campaign.definition;
  const seed = seedOf(facts.secret, campaignId);
  const memberKey = memberKeyOf(facts.secret, campaignId);
  return drawnSlots(facts, campaignId).flatMap(({ slot, root, randomness, sealed }) => {
    const slotSeed = slotSeedOf(seed, { slot, root, randomness });
    const ofSlot = wins.filter(({ reason }) => reason.drawSlot === slot);
    const won = new Set(ofSlot.map((win) => nameOf(win.member, orderOfWin(win))));
    const largest = ofSlot
      .map((win) => ticketOf(slotSeed, memberKey, { member: win.member, order: orderOfWin(win) }))
      .reduce((most, ticket) => (ticket > most ? ticket : most), 0n);
    const arePrizesLeft = ofSlot.length < freeOrders!.prizes!;
    return sealed.flatMap(({ orderId, memberId }) => {
      const order = facts.ledger.ofOrder(memberId, orderId).find(({ kind }) => kind === 'paid');
      if (order === undefined || !isPlain(facts, campaign, order) || won.has(nameOf(memberId, orderId)))
        return [];
      if (!arePrizesLeft && ticketOf(slotSeed, memberKey, order) > largest) return [];
      return [`order ${orderId} of ${memberId}: passed over in slot ${slot} of ${campaignId}`];
    });
  });
};

/**
 * An order that has an earlier time than `own` and was known when `own` was sent. The oracle sees that some orders of the member
 * were known, but not which. So it names one only if all that was sent before are payments of other orders with earlier times.
 */
const earlierThan = ({ ledger, members }: Facts, own: SentOrder): SentOrder | undefined => {
  const sent = ledger.byMember.get(own.member)!.filter(({ sentMs }) => sentMs < own.sentMs);
  const areEarlier = sent.every(
    ({ kind, order, timeMs }) => kind === 'paid' && order !== own.order && timeMs < own.timeMs,
  );
  return areEarlier && members.hasOrdersAt(own.member, own.sentMs) ? sent[0] : undefined;
};

/**
 * What breaks the rule "first orders only": a member who wins with two orders, or an order that wins although an earlier order
 * was known when it was sent.
 */
const notFirst = (facts: Facts, campaign: Campaign, wins: readonly SeenGrant[]): string[] => {
  if (campaign.definition.freeOrders!.firstOrderOnly !== true) return [];
  return [...Map.groupBy(wins, ({ member }) => member)].flatMap(([member, ofMember]) => {
    const orders = [...new Set(ofMember.map(orderOfWin))];
    if (orders.length > 1) return [`orders ${orders.join(', ')} of ${member}: each won as a first order`];
    const parts = paidOf(facts, ofMember[0]!, orders[0]!);
    const earlier = parts.length === 1 ? earlierThan(facts, parts[0]!) : undefined;
    return earlier === undefined
      ? []
      : [`order ${orders[0]} of ${member}: won as a first order, after order ${earlier.order}`];
  });
};

/**
 * The number of orders that came after their draw was closed, according to the figures: a message may come back from the dead
 * letters days later.
 */
const lateOrders = (figures: Figures | undefined): number =>
  [...(figures?.tallies ?? [])]
    .filter(([label]) => label.endsWith('/slot-closed'))
    .reduce((sum, [, { count }]) => sum + count, 0);

const missedBy = (facts: Facts, campaign: Campaign, wins: readonly SeenGrant[], late: number): string[] => {
  if (campaign.definition.freeOrders!.mode === 'slot') return missedInSlots(facts, campaign, wins);
  const missed = missedInstant(facts, campaign, wins);
  return missed.length > late ? missed : [];
};

const checkCampaign = (
  facts: Facts,
  campaign: Campaign,
  report: Report,
  { atMs, figures }: Pick<End, 'atMs' | 'figures'>,
): void => {
  const { campaignId, freeOrders } = campaign.definition;
  if (freeOrders === undefined) return;
  const wins = allGrants(facts.observer).filter(
    (one) => one.kind === 'free-order' && one.campaignId === campaignId,
  );
  const faults = notFirst(facts, campaign, wins);
  if (couldAllWin(campaign, wins))
    faults.push(...missedBy(facts, campaign, wins, lateOrders(figures.get(campaignId))));
  for (const fault of faults) report(atMs, fault);
};

/** The winners are those that must win by the rules, by what was sent, and by the tickets that follow from the secret. */
export const winners: Invariant = {
  name: 'winners',
  begin: (facts, report) => ({
    onStep: ({ grantChanges, atMs }) => {
      for (const { before, after } of grantChanges) {
        const campaign = facts.campaigns.get(after.campaignId);
        if (before !== undefined || after.kind !== 'free-order' || campaign === undefined) continue;
        const fault = winFault(facts, campaign, after);
        if (fault !== undefined) report(atMs, `${after.id} of ${after.member}: ${fault}`);
      }
    },
    atEnd: (end) => {
      for (const campaign of facts.campaigns.listed()) checkCampaign(facts, campaign, report, end);
    },
  }),
};

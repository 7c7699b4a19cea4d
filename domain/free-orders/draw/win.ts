/** A win as a grant: what it is called, what it draws on, and what is told of it. */
import type { Budget } from '#domain/campaigns/budget.ts';
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { type Ticket, ticketText } from './ticket.ts';

/** Debits at the same moment spread over so many items; a write unit limit of 1,000 a second each is far off then. */
const BUDGET_SHARDS = 10;
export const QUOTA_KEY = 'free/quota';
const MONEY_KEY = 'free/budget';

/** Free orders are paid out and do not lapse: the last instant that a time can name. */
export const NEVER_MS = Date.parse('9999-12-31T23:59:59.999Z');
export const FREE_ORDER_SOURCE = '/zhihui/free-orders';

/** How many may still win, in wins. */
export const quotaBudget = (campaignId: string): Budget => ({
  campaignId,
  key: QUOTA_KEY,
  shards: BUDGET_SHARDS,
});

/** What may still be given, in fen. */
export const moneyBudget = (campaignId: string): Budget => ({
  campaignId,
  key: MONEY_KEY,
  shards: BUDGET_SHARDS,
});

/** Names an order within a campaign's draw: an order takes part once, however many events there are of it. */
export const participationOf = (campaignId: string, orderId: string): string =>
  eventIdOf(`${FREE_ORDER_SOURCE}/${campaignId}`, orderId);

/** Everything that decided about the win, so that the export can show the order as it was judged. */
export type WinReason = { order: KeptOrder; ticket: string; drawSlot: number };

/**
 * The grant of a win. `number` counts the member's wins in the campaign from 0: a member's wins stand side by side
 * without a gap, so that whoever wants the next number has seen all others, and the limits hold by construction.
 */
export const winGrant = (
  campaignId: string,
  order: KeptOrder,
  win: { number: number; ticket: Ticket; drawSlot: number; awardFen: number },
): Grant => {
  const trigger = participationOf(campaignId, order.orderId);
  const reason: WinReason = { order, ticket: ticketText(win.ticket), drawSlot: win.drawSlot };
  return {
    campaignId,
    member: order.memberId,
    kind: 'free-order',
    slot: String(win.number),
    id: `${campaignId}.free.${trigger}`,
    budget: MONEY_KEY,
    faceFen: win.awardFen,
    offer: 'free-order',
    trigger,
    grantedMs: order.timeMs,
    expiresMs: NEVER_MS,
    reason: JSON.stringify(reason),
  };
};

export const winReasonOf = (grant: StoredGrant | Grant): WinReason => JSON.parse(grant.reason) as WinReason;

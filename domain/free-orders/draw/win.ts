/** A win as a grant: its names, its budgets and its reason. */
import type { Budget } from '#domain/campaigns/budget.ts';
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { type Ticket, ticketText } from './ticket.ts';

/** Simultaneous debits spread over this many items, so that none comes near its 1,000 write units a second. */
const BUDGET_SHARDS = 10;
export const QUOTA_KEY = 'free/quota';
const MONEY_KEY = 'free/budget';

/** Free orders are paid out and do not expire: the last instant that a time can name. */
const NEVER_MS = Date.parse('9999-12-31T23:59:59.999Z');
export const FREE_ORDER_SOURCE = '/zhihui/free-orders';

/** The wins that are left. */
export const quotaBudget = (campaignId: string): Budget => ({
  campaignId,
  key: QUOTA_KEY,
  shards: BUDGET_SHARDS,
});

/** The money that is left for awards, in fen. */
export const moneyBudget = (campaignId: string): Budget => ({
  campaignId,
  key: MONEY_KEY,
  shards: BUDGET_SHARDS,
});

/** Names an order within a campaign's draw: an order takes part once, however many events it has. */
export const participationOf = (campaignId: string, orderId: string): string =>
  eventIdOf(`${FREE_ORDER_SOURCE}/${campaignId}`, orderId);

/** Everything that decided about the win, so that the export can show the order as it was judged. */
export type WinReason = { order: KeptOrder; ticket: string; drawSlot: number };

/**
 * The grant of a win. `number` counts the member's wins in the campaign from 0, without a gap: a claim of the next number has
 * seen all others, so the limits hold by construction.
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

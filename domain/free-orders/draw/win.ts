/** A win as a grant: its names, its budget and its reason. */
import { MONEY_KEY } from '#domain/campaigns/layout.ts';
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import { type DrawEntry, entryName } from '../rules/entry.ts';
import type { Rules } from '../rules/rules.ts';
import { type Ticket, ticketText } from './ticket.ts';

/** Free orders are paid out and do not expire, so this is the last time that the contract can express. */
const NEVER_MS = Date.parse('9999-12-31T23:59:59.999Z');
export const FREE_ORDER_SOURCE = '/zhihui/free-orders';

/** Names a member's order within a campaign's draw: the order takes part once, however many events it has. */
export const participationOf = (
  { campaignId, format }: Pick<Rules, 'campaignId' | 'format'>,
  entry: Pick<DrawEntry, 'orderId' | 'member'>,
): string => eventIdOf(`${FREE_ORDER_SOURCE}/${campaignId}`, entryName(entry, format));

/** Everything that decided the win, so that the export can show the order as it was judged. */
export type WinReason = {
  order: KeptOrder;
  ticket: string;
  drawSlot: number;
  /** How much of the order had been refunded when the win was decided, in fen. Earlier versions leave it out. */
  givenBackFen?: number;
};

/** A winning ticket: the order, its entry as it is drawn, and the award, in fen. */
export type Candidate = {
  order: KeptOrder;
  entry: DrawEntry;
  ticket: Ticket;
  drawSlot: number;
  awardFen: number;
};

/**
 * The grant of a win to a member, who may have ordered under another id. The grant's id names the campaign, the kind, and the
 * participation, a hash of the member's pseudonym and the order. So no two grants share an id, and the id reveals nothing about
 * an erased member. `number` counts the member's wins in the campaign from 0, without a gap: a claim of the next number has
 * counted all earlier wins, so the limits always hold.
 */
export const winGrant = (
  rules: Pick<Rules, 'campaignId' | 'format'>,
  { order, entry, ticket, drawSlot, awardFen, member }: Candidate & { member: string },
  number: number,
): Grant => {
  const { campaignId } = rules;
  const trigger = participationOf(rules, entry);
  const { givenBackFen } = entry;
  const reason: WinReason = { order, ticket: ticketText(ticket), drawSlot, givenBackFen };
  return {
    campaignId,
    member,
    kind: 'free-order',
    slot: String(number),
    id: `${campaignId}.free.${trigger}`,
    budget: MONEY_KEY,
    faceFen: awardFen,
    offer: 'free-order',
    trigger,
    grantedMs: order.timeMs,
    expiresMs: NEVER_MS,
    reason: JSON.stringify(reason),
  };
};

export const winReasonOf = (grant: StoredGrant | Grant): WinReason => JSON.parse(grant.reason) as WinReason;

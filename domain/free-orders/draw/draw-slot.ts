import type { Runtime } from '#platform/runtime.ts';
/** Draws a closed slot once its round is there. */

import { advanceSlot, readRefundBlocks, readSlot } from '#domain/free-orders/entries/draws-table.ts';
import { unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { entryText } from '#domain/free-orders/rules/entry.ts';
import { dayOf } from '#domain/free-orders/rules/rules.ts';
import type { Beacon, Round } from './beacon.ts';
import { claimWins, readWins, revokeWins } from './claim-wins.ts';
import { type ClosedSlot, readClosedSlot } from './close-slot.ts';
import { slotSeed } from './commitment.ts';
import { drawSlot, type SlotDraw } from './draw.ts';
import type { SlotStatement } from './facts.ts';
import { fullPurse, type Purse, WinLedger } from './ledger.ts';
import { merkleRoot } from './merkle.ts';
import type { OpenDraw } from './open-draw.ts';
import { type Ending, sendReport } from './report.ts';
import { slotMetrics } from './slot-metrics.ts';
import { TicketDrawer } from './ticket.ts';
import { winReasonOf } from './win.ts';

const NO_RANDOMNESS = '0'.repeat(64);

/** What the slots before one left. */
const purseBefore = async (
  runtime: Runtime,
  { campaignId, rules }: OpenDraw,
  slot: number,
): Promise<Purse> => {
  if (slot === 0) return fullPurse(rules);
  const state = await readSlot(runtime, campaignId, slot - 1);
  if (state.kind !== 'drawn') {
    throw new Error(`slot ${slot}: expected the one before to be drawn, got ${state.kind}`);
  }
  return state.purse;
};

/**
 * Draws with what the members concerned have won in earlier slots. Who is concerned shows in drawing, so it is drawn again
 * with what was learned until nobody new is asked about: then every win that decided was known.
 */
const drawKnowingly = async (
  runtime: Runtime,
  { campaignId, rules }: OpenDraw,
  { entries, orders }: ClosedSlot,
  slot: number,
  tickets: TicketDrawer,
  purse: Purse,
): Promise<SlotDraw> => {
  const { perMember, perMemberPerDay } = rules.definition;
  const hasLimits = perMember !== undefined || perMemberPerDay !== undefined;
  const memberIds = new Map(entries.map(({ member, orderId }) => [member, orders.get(orderId)!.memberId]));
  const ledger = new WinLedger();
  const known = new Set<string>();
  for (;;) {
    const result = drawSlot(entries, rules, tickets, ledger, purse);
    const unknown = [...result.asked].filter((member) => !known.has(member));
    if (!hasLimits || unknown.length === 0) return result;
    const wins = await readWins(
      runtime,
      campaignId,
      unknown.map((member) => memberIds.get(member)!),
    );
    for (const member of unknown) {
      known.add(member);
      for (const win of wins.get(memberIds.get(member)!)!) {
        // Wins of this very slot are there where a worker has died after it granted them.
        if (winReasonOf(win).drawSlot < slot) ledger.add(member, dayOf(rules, win.grantedMs));
      }
    }
  }
};

/**
 * Draws a closed slot, grants its wins, tells every outcome and marks it as drawn; false when the beacon's round has not
 * come yet. All of it is a function of the closed set, the round and the earlier slots' wins, so whoever does it again
 * after a worker that died half-way does the same.
 */
export const drawClosedSlot = async (
  runtime: Runtime,
  draw: OpenDraw,
  statement: SlotStatement,
  beacon: Beacon,
): Promise<boolean> => {
  const { campaignId } = draw;
  const { slot, root } = statement;
  const purse = await purseBefore(runtime, draw, slot);
  let round: Round | undefined;
  if (statement.round !== null) {
    round = await beacon.round(statement.round);
    if (round === undefined) return false;
  }
  const closed = await readClosedSlot(runtime, draw, slot);
  if (merkleRoot(closed.entries.map(entryText)) !== root) {
    throw new Error(
      `slot ${slot} of campaign ${campaignId}: its entries are not those of its published root`,
    );
  }
  const randomness = round?.randomness ?? NO_RANDOMNESS;
  const tickets = new TicketDrawer(slotSeed(draw.seed, { index: slot, root, randomness }));
  const result = await drawKnowingly(runtime, draw, closed, slot, tickets, purse);
  await settle(runtime, draw, closed, slot, result);
  await advanceSlot(runtime, campaignId, slot, 'closed', {
    kind: 'drawn',
    statement,
    randomness: round?.randomness ?? null,
    signature: round?.signature ?? null,
    purse: result.purse,
  });
  return true;
};

/** Grants the wins, takes back those whose orders were given back since the slot was closed, and tells all outcomes. */
const settle = async (
  runtime: Runtime,
  { campaignId, rules, settings }: OpenDraw,
  { orders }: ClosedSlot,
  slot: number,
  { drawn }: SlotDraw,
): Promise<void> => {
  const winners = drawn.filter(({ outcome }) => outcome === 'won');
  const claimed = await claimWins(
    runtime,
    campaignId,
    rules,
    winners.map(({ entry, ticket, awardFen }) => ({
      order: orders.get(entry.orderId)!,
      ticket: ticket!,
      drawSlot: slot,
      awardFen,
      refunded: false,
    })),
  );
  const wins = winners.map(({ entry }) => {
    const outcome = claimed.get(entry.orderId)!;
    if (outcome.kind === 'won') return outcome.grant;
    throw new Error(`order ${entry.orderId}: expected the win that was drawn, got ${outcome.reason}`);
  });
  const givenBack = new Set(
    (await readRefundBlocks(runtime, campaignId, slot))
      .flatMap(({ body }) => unpackOrders(body))
      .map(({ orderId }) => orderId),
  );
  const revoked = await revokeWins(
    runtime,
    wins.filter((_, i) => givenBack.has(winners[i]!.entry.orderId)),
  );
  const endings = drawn.map(
    ({ entry, outcome, awardFen }): Ending => ({
      order: orders.get(entry.orderId)!,
      outcome,
      awardFen,
    }),
  );
  await sendReport(
    runtime,
    settings,
    { metrics: slotMetrics(rules, slot, endings), wins, revoked },
    runtime.clock.nowMs(),
  );
};

/** Draws a closed slot once its round has come. */
import { advanceSlot, readSlot } from '#domain/free-orders/entries/draws-table.ts';
import { entryText } from '#domain/free-orders/rules/entry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readGivenBack } from '../entries/refund-notes.ts';
import type { Beacon, Round } from './beacon.ts';
import { claimWins } from './claim-wins.ts';
import { type ClosedSlot, readClosedSlot } from './close-slot.ts';
import { slotSeed } from './commitment.ts';
import type { SlotDraw } from './draw.ts';
import { drawWithEarlierWins } from './earlier-wins.ts';
import type { SlotStatement } from './facts.ts';
import { allPrizes, type RemainingPrizes } from './ledger.ts';
import { merkleRoot } from './merkle.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { type EntryOutcome, publishDrawReport } from './report.ts';
import { settleRefunds } from './settle-refunds.ts';
import { slotMetrics } from './slot-metrics.ts';
import { TicketDrawer } from './ticket.ts';
import { participationOf } from './win.ts';

/** For a slot without entries, which has no round. */
export const NO_RANDOMNESS = '0'.repeat(64);

/** What the earlier slots left. */
export const remainingBefore = async (
  runtime: Runtime,
  { campaignId, rules }: OpenSlotDraw,
  slot: number,
): Promise<RemainingPrizes> => {
  if (slot === 0) return allPrizes(rules);
  const state = await readSlot(runtime, campaignId, slot - 1);
  if (state.kind !== 'drawn') {
    throw new Error(`slot ${slot}: expected the one before to be drawn, got ${state.kind}`);
  }
  return state.remaining;
};

/**
 * Draws a closed slot, grants its wins, publishes every outcome and marks it as drawn. Returns false if the beacon's round has
 * not come yet, or if the campaign is paused before all wins are granted. The result is a function of the closed set, the round
 * and the earlier slots' wins, so repeating it after a crash gives the same. Throws if the slot before is not drawn, or if the
 * entries do not have the published root.
 */
export const drawClosedSlot = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  statement: SlotStatement,
  beacon: Beacon,
): Promise<boolean> => {
  const { campaignId, rules } = draw;
  const { slot, root } = statement;
  const remaining = await remainingBefore(runtime, draw, slot);
  let round: Round | undefined;
  if (statement.round !== null) {
    round = await beacon.round(statement.round);
    if (round === undefined) return false;
  }
  const closed = await readClosedSlot(runtime, draw, slot);
  if (merkleRoot(closed.entries.map((entry) => entryText(entry, rules.format))) !== root) {
    throw new Error(
      `slot ${slot} of campaign ${campaignId}: expected the entries of its published root, got others`,
    );
  }
  const randomness = round?.randomness ?? NO_RANDOMNESS;
  const tickets = new TicketDrawer(slotSeed(draw.seed, { index: slot, root, randomness }), rules.format);
  const result = await drawWithEarlierWins(runtime, draw, closed, { slot, tickets, remaining });
  const drawn = { slot, orders: closed.orders, drawn: result.drawn };
  if (!(await grantWinners(runtime, draw, drawn))) return false;
  await advanceSlot(runtime, { campaignId, slot }, 'closed', {
    kind: 'drawn',
    statement,
    randomness: round?.randomness ?? null,
    signature: round?.signature ?? null,
    remaining: result.remaining,
  });
  return true;
};

/**
 * Grants the wins, settles those whose orders were refunded since the slot was closed, and publishes all outcomes. Returns
 * false if the campaign is paused: some wins may be granted then, and nothing is published.
 */
const grantWinners = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  { slot, orders, drawn }: Pick<ClosedSlot, 'orders'> & Pick<SlotDraw, 'drawn'> & { slot: number },
): Promise<boolean> => {
  const { rules, settings } = draw;
  const entryOutcomes = drawn.map(({ entry, outcome, awardFen }): EntryOutcome => {
    const name = participationOf(rules, entry);
    return { name, order: orders.get(name)!, outcome, awardFen };
  });
  const winners = drawn.filter(({ outcome }) => outcome === 'won');
  const claimed = await claimWins(
    runtime,
    rules,
    winners.map(({ entry, ticket, awardFen }) => ({
      order: orders.get(participationOf(rules, entry))!,
      entry,
      ticket: ticket!,
      drawSlot: slot,
      awardFen,
    })),
    true,
  );
  if (claimed.values().some(({ kind }) => kind === 'deferred')) return false;
  const wins = winners.map(({ entry }) => {
    const outcome = claimed.get(participationOf(rules, entry))!;
    if (outcome.kind === 'won') return outcome.grant;
    throw new Error(
      `order ${entry.orderId}: expected the win that was drawn, got ${outcome.kind === 'refused' ? outcome.reason : outcome.kind}`,
    );
  });
  const givenBack = await readGivenBack(runtime, draw, new Set(wins.map(({ trigger }) => trigger)));
  const settled = await settleRefunds(runtime, rules, wins, givenBack);
  await publishDrawReport(
    runtime,
    settings,
    { metrics: slotMetrics(rules, slot, entryOutcomes), wins, ...settled },
    runtime.clock.nowMs(),
  );
  return true;
};

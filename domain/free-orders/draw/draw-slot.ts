/** Draws a closed slot once its round has come. */
import { advanceSlot, readSlot } from '#domain/free-orders/entries/draws-table.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { ExportRecord } from '../entries/export-record.ts';
import { readGivenBack } from '../entries/refund-notes.ts';
import type { DrawOutcome } from '../rules/reasons.ts';
import type { Beacon, Round } from './beacon.ts';
import { claimWins } from './claim-wins.ts';
import { NO_RANDOMNESS, slotSeed } from './commitment.ts';
import type { Drawn, SlotDraw } from './draw.ts';
import { drawWithEarlierWins } from './earlier-wins.ts';
import type { SlotStatement } from './facts.ts';
import { allPrizes, type RemainingPrizes } from './ledger.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { publishDrawReport } from './report.ts';
import { settleRefunds } from './settle-refunds.ts';
import { type OutcomeTally, slotMetrics } from './slot-metrics.ts';
import { runPass } from './slot-pass.ts';
import { DrawPass } from './slot-passes.ts';
import { candidatesFor, moreThan } from './smallest-tickets.ts';
import { orderOf, type SlotWork, type SortedSlot, sortSlot } from './sort-slot.ts';
import { TicketDrawer } from './ticket.ts';
import { participationOf } from './win.ts';

/** What the earlier slots left. */
export const remainingBefore = async (
  runtime: Runtime,
  { campaignId, rules }: OpenSlotDraw,
  slot: number,
): Promise<RemainingPrizes> => {
  if (slot === 0) return allPrizes(rules);
  const state = await readSlot(runtime, campaignId, slot - 1);
  if (state.kind !== 'drawn') {
    throw new Error(`slot ${slot}: expected the slot before it to be drawn, got ${state.kind}`);
  }
  return state.remaining;
};

/** A candidate as it was drawn, with its record. */
type DrawnRecord = Drawn & { record: ExportRecord };

type DrawnSlot = Pick<SlotDraw, 'remaining'> & {
  candidates: DrawnRecord[];
  tallies: ReadonlyMap<DrawOutcome, OutcomeTally>;
};

type Settings = { statement: SlotStatement; randomness: string; remaining: RemainingPrizes };

/**
 * Draws a sorted slot, with as many of its smallest tickets as its prizes need. Returns undefined if time runs out first. Throws
 * if the entries do not have the published root.
 */
const drawSorted = async (
  work: SlotWork,
  sorted: SortedSlot,
  { statement: { slot, root }, randomness, remaining }: Settings,
): Promise<DrawnSlot | undefined> => {
  const { runtime, draw, sizes } = work;
  const { campaignId, rules } = draw;
  const tickets = new TicketDrawer(slotSeed(draw.seed, { index: slot, root, randomness }), rules.format);
  for (let count = candidatesFor(rules, sizes.candidatesMin); ; count = moreThan(count)) {
    const pass = new DrawPass(rules, tickets, count);
    if (!(await runPass(work, sorted, pass))) return undefined;
    if (pass.root() !== root) {
      throw new Error(
        `slot ${slot} of campaign ${campaignId}: expected the entries of its published root, got others`,
      );
    }
    const { records, isAll } = pass.candidates();
    const entries = records.map(({ entry }) => entry);
    const orders = new Map(records.map((record) => [participationOf(rules, record.entry), record]));
    const input = { slot, tickets, remaining, isAll };
    const result = await drawWithEarlierWins(runtime, draw, { entries, orders }, input);
    if (result === undefined) continue;
    const candidates = result.drawn.map((drawn, i) => ({ ...drawn, record: records[i]! }));
    const ended = candidates.map(({ outcome, awardFen, record: { memberId } }) => ({
      outcome,
      awardFen,
      memberId,
    }));
    return { candidates, tallies: pass.tallies(ended, result.ended), remaining: result.remaining };
  }
};

/**
 * Draws a closed slot, grants its wins, publishes every outcome and marks it as drawn. Returns false if the beacon's round has
 * not come yet, if time runs out first, or if the campaign is paused before all wins are granted. The result is a function of
 * the closed set, the round, the earlier slots' wins and the links that are fixed for the slot, so a repetition after a
 * crash has the same result. Throws if the slot before is not drawn, or if the entries do not have the published root.
 */
export const drawClosedSlot = async (
  work: SlotWork,
  statement: SlotStatement,
  beacon: Beacon,
): Promise<boolean> => {
  const { runtime, draw, slot } = work;
  const { campaignId } = draw;
  const remaining = await remainingBefore(runtime, draw, slot);
  let round: Round | undefined;
  if (statement.round !== null) {
    round = await beacon.round(statement.round);
    if (round === undefined) return false;
  }
  const sorted = await sortSlot(work);
  if (sorted === undefined) return false;
  const randomness = round?.randomness ?? NO_RANDOMNESS;
  const drawn = await drawSorted(work, sorted, { statement, randomness, remaining });
  if (drawn === undefined || !(await grantWinners(work, drawn))) return false;
  await advanceSlot(runtime, { campaignId, slot }, 'closed', {
    kind: 'drawn',
    statement,
    randomness: round?.randomness ?? null,
    signature: round?.signature ?? null,
    remaining: drawn.remaining,
  });
  return true;
};

/**
 * Grants the wins, settles those whose orders were refunded since the slot was closed, and publishes all outcomes. Returns
 * false if the campaign is paused: some wins may be granted then, and nothing is published.
 */
const grantWinners = async (
  { runtime, draw, slot }: SlotWork,
  { candidates, tallies }: DrawnSlot,
): Promise<boolean> => {
  const { rules, settings } = draw;
  const winners = candidates.filter(({ outcome }) => outcome === 'won');
  const claimed = await claimWins(
    runtime,
    rules,
    winners.map(({ entry, ticket, awardFen, record }) => ({
      order: orderOf(record),
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
      `slot ${slot} of campaign ${rules.campaignId}: expected each win that was drawn, got ${outcome.kind === 'refused' ? outcome.reason : outcome.kind}`,
    );
  });
  const givenBack = await readGivenBack(runtime, draw, new Set(wins.map(({ trigger }) => trigger)));
  const settled = await settleRefunds(runtime, rules, wins, givenBack);
  await publishDrawReport(
    runtime,
    settings,
    { metrics: slotMetrics(rules, slot, tallies), wins, ...settled },
    runtime.clock.nowMs(),
  );
  return true;
};

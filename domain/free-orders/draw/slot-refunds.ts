/** Refunds in slot mode: they are kept for slots that are not closed yet, and reduce wins that were drawn. */
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Runtime } from '#platform/runtime.ts';
import { putRefunds, readGivenBack } from '../entries/refund-notes.ts';
import { readWinsOf } from './member-wins.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { type Settled, settleRefunds } from './settle-refunds.ts';
import { participationOf } from './win.ts';

/**
 * Notes refunds and reduces the existing wins. The note is written first, and a draw reads the notes after it has granted its
 * wins, so at least one of the two sees the other.
 */
export const refundSlotted = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  refunds: readonly OrderEvent[],
): Promise<Settled> => {
  const { campaignId, rules, pseudonyms } = draw;
  const noted = refunds.map(({ orderId, member, id, amountFen }) => ({
    participation: participationOf(rules, { orderId, member: pseudonyms.of(member) }),
    eventId: id,
    fen: amountFen,
  }));
  await putRefunds(runtime, campaignId, noted);
  const wins = await readWinsOf(
    runtime,
    rules,
    refunds.map(({ member }) => member),
    new Set(noted.map(({ participation }) => participation)),
  );
  const givenBack = await readGivenBack(runtime, draw, new Set(wins.map(({ trigger }) => trigger)));
  return settleRefunds(runtime, rules, wins, givenBack);
};

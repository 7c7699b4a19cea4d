/** Refunds in slot mode: kept for slots that are not closed yet, and revoking wins that were drawn. */
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Runtime } from '#platform/runtime.ts';
import { putRefundBlocks } from '../entries/draws-table.ts';
import { packOrders } from '../entries/entry-block.ts';
import { slotOfTime } from '../entries/kept-orders.ts';
import { revokeNamed } from './instant.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { participationOf } from './win.ts';

/**
 * Notes refunds and revokes the existing wins. The note is written first, and a draw reads the notes after it has granted its
 * wins: so one of the two sees the other.
 */
export const revokeSlotted = async (
  runtime: Runtime,
  { campaignId, rules }: OpenSlotDraw,
  refunds: readonly OrderEvent[],
): Promise<StoredGrant[]> => {
  const bySlot = Map.groupBy(refunds, ({ timeMs }) => slotOfTime(rules, timeMs));
  const blocks = [...bySlot].flatMap(([slot, ofSlot]) =>
    packOrders(
      ofSlot.map(({ orderId, member, timeMs, channel, storeId, amountFen }) => ({
        orderId,
        memberId: member,
        timeMs,
        channel,
        storeId,
        paidFen: amountFen,
        tier: '',
        firstOrder: false,
      })),
    ).map((block) => ({ ...block, slot })),
  );
  await putRefundBlocks(runtime, campaignId, blocks);
  const names = new Set(refunds.map(({ orderId }) => participationOf(campaignId, orderId)));
  return revokeNamed(runtime, campaignId, refunds, names);
};

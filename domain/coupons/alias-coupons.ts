import { closeSlot, readGrantsOf } from '#domain/grants/grant-statements.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { firstOrderSlot, PRESALE_SLOT } from './slots.ts';

/**
 * How many coupons of a campaign a member's aliases have, which count towards the member's limit. This number
 * cannot grow: an order of an alias counts as its member's, and the slot of an alias's presale coupon is closed here if it is
 * still free. Otherwise a round of the presale that was fixed before the link could still give a coupon in it.
 */
export const takenByAliases = async (
  runtime: Runtime,
  { campaignId, coupons }: { campaignId: string; coupons: Coupons },
  aliases: readonly string[],
): Promise<number> => {
  let taken = 0;
  for (const member of aliases) {
    const grants = await readGrantsOf(runtime, member, campaignId);
    const slots = new Set(grants.flatMap(({ kind, slot }) => (kind === 'coupon' ? [slot] : [])));
    const slot = String(PRESALE_SLOT);
    if (firstOrderSlot(coupons) > PRESALE_SLOT && !slots.has(slot)) {
      const made = await closeSlot(runtime, { campaignId, member, kind: 'coupon', slot });
      if (made !== undefined) slots.add(slot);
    }
    taken += slots.size;
  }
  return taken;
};

/** Draws a slot, and counts what its members won in earlier slots under all of their ids. */
import { isDeepStrictEqual } from 'node:util';
import type { Runtime } from '#platform/runtime.ts';
import { nameOf } from '../entries/kept-order.ts';
import { fixSlotLinks, readSlotLinks } from '../entries/slot-links.ts';
import type { DrawEntry } from '../rules/entry.ts';
import { dayOf } from '../rules/rules.ts';
import type { Pseudonyms } from './commitment.ts';
import { drawSlot, type SlotDraw } from './draw.ts';
import { type LinkedIds, type RemainingPrizes, WinLedger } from './ledger.ts';
import { groupsOf, limitsMembers, readWinsOfGroups, type WinGroup } from './member-wins.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import type { TicketDrawer } from './ticket.ts';
import { participationOf, winReasonOf } from './win.ts';

/** The links of groups, as pairs of pseudonyms, in an order that does not depend on the order of the groups. */
export const linksOf = (groups: Iterable<WinGroup>, pseudonyms: Pseudonyms): LinkedIds[] => {
  const links = new Map<string, LinkedIds>();
  for (const { member, ids } of groups) {
    for (const id of ids) {
      const link: LinkedIds = [pseudonyms.of(id), pseudonyms.of(member)];
      if (id !== member) links.set(link.join(), link);
    }
  }
  return [...links].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link);
};

/** Entries of a slot, and their members by participation. */
type Entries = {
  entries: readonly DrawEntry[];
  orders: ReadonlyMap<string, { memberId: string; erased?: unknown }>;
};

type Input = { slot: number; tickets: TicketDrawer; remaining: RemainingPrizes };

/**
 * Draws a slot, and counts its members' wins in earlier slots. Only a draw shows whose wins matter. So those wins are read
 * and the slot is drawn again, until the wins of no further member matter. `fixed` are the links that count.
 * If it is undefined, the links that are found count. Returns the links that are found.
 */
const drawAgain = async (
  runtime: Runtime,
  { rules, pseudonyms }: OpenSlotDraw,
  { entries, orders }: Entries,
  { slot, tickets, remaining, fixed }: Input & { fixed: readonly LinkedIds[] | undefined },
): Promise<{ result: SlotDraw; links: LinkedIds[] }> => {
  const memberIds = new Map<string, string>();
  for (const entry of entries) {
    const { memberId, erased } = orders.get(participationOf(rules, entry))!;
    // While a member is being erased, its wins are under its id and its erased name (see `tombstones.ts`).
    // Only the id finds both.
    if (erased === undefined || !memberIds.has(entry.member)) memberIds.set(entry.member, memberId);
  }
  const ledger = new WinLedger();
  for (const link of fixed ?? []) ledger.link(link);
  const known = new Set<string>();
  const counted = new Set<string>();
  const found: WinGroup[] = [];
  for (;;) {
    const result = drawSlot(entries, rules, tickets, { ledger, remaining });
    const unknown = [...result.asked].filter((member) => !known.has(member));
    if (unknown.length === 0) return { result, links: linksOf(found, pseudonyms) };
    for (const member of unknown) known.add(member);
    const ids = unknown.map((member) => memberIds.get(member)!);
    const groups = await groupsOf(runtime, rules, ids);
    found.push(...groups.values());
    if (fixed === undefined) for (const link of linksOf(groups.values(), pseudonyms)) ledger.link(link);
    const wins = await readWinsOfGroups(runtime, rules.campaignId, groups);
    for (const win of [...wins.values()].flat()) {
      const { order, drawSlot: drawnIn } = winReasonOf(win);
      // Wins of this slot exist if a worker crashed after granting them. In an export, there are wins of later slots too.
      if (counted.has(win.id) || drawnIn >= slot) continue;
      counted.add(win.id);
      ledger.add(nameOf(order, pseudonyms).member, dayOf(rules, win.grantedMs));
    }
  }
};

/**
 * The draw of a closed slot: a function of its entries, the round, the earlier slots' wins, and the links that are fixed for it.
 * `isAll` says that the entries are all of the eligible ones. Otherwise they must be those with the smallest tickets; if they are
 * too few for the prizes, the result is undefined and nothing is fixed.
 */
export const drawWithEarlierWins = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  closed: Entries,
  { isAll, ...input }: Input & { isAll: boolean },
): Promise<SlotDraw | undefined> => {
  const { campaignId, rules } = draw;
  const { slot, tickets, remaining } = input;
  const isWhole = ({ ended }: SlotDraw): boolean => isAll || ended !== undefined;
  const whole = (result: SlotDraw): SlotDraw | undefined => (isWhole(result) ? result : undefined);
  if (!limitsMembers(rules))
    return whole(drawSlot(closed.entries, rules, tickets, { ledger: new WinLedger(), remaining }));
  const before = await readSlotLinks(runtime, campaignId, slot);
  const { result, links } = await drawAgain(runtime, draw, closed, { ...input, fixed: before });
  if (before !== undefined || !isWhole(result)) return whole(result);
  const fixed = await fixSlotLinks(runtime, campaignId, slot, links);
  if (isDeepStrictEqual(fixed, links)) return result;
  return whole((await drawAgain(runtime, draw, closed, { ...input, fixed })).result);
};

/** Draws again a slot that was drawn, with the same links. A slot that an earlier version of the code drew has no links. */
export const drawDrawnSlot = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  closed: Entries,
  input: Input,
): Promise<SlotDraw> => {
  const { campaignId, rules } = draw;
  const { slot, tickets, remaining } = input;
  if (!limitsMembers(rules))
    return drawSlot(closed.entries, rules, tickets, { ledger: new WinLedger(), remaining });
  const fixed = (await readSlotLinks(runtime, campaignId, slot)) ?? [];
  return (await drawAgain(runtime, draw, closed, { ...input, fixed })).result;
};

/** Stores the orders of a draw, and decides which of them came in time. */

import { readLinked } from '#domain/members/links.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import { decodeProfile } from '#domain/members/profile.ts';
import { erasedNames } from '#domain/members/tombstones.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { OpenDraw } from '../draw/open-draw.ts';
import { winningBelow } from '../draw/ticket.ts';
import { entryName } from '../rules/entry.ts';
import { type Rules, slotIndexOf, slotsOf } from '../rules/rules.ts';
import {
  blockShardOf,
  entryBlocks,
  entryShardsOf,
  putEntryBlocks,
  readSlot,
  sealEntryShard,
} from './draws-table.ts';
import { packOrders, unpackOrders } from './entry-block.ts';
import { FingerprintSet } from './fingerprint-set.ts';
import { type Judged, type KeptOrder, nameOf, pseudonymize, type StoredOrder } from './kept-order.ts';

/** An instant draw is one slot as long as the campaign. */
export const INSTANT_SLOT = 0;

/** The slot of an order's time. After the end of the campaign it is the last slot. */
export const slotOfTime = (rules: Rules, timeMs: number): number => {
  switch (rules.mode) {
    case 'instant':
      return INSTANT_SLOT;
    case 'slot':
      return Math.min(slotIndexOf(rules, timeMs), slotsOf(rules) - 1);
    default:
      return rules satisfies never;
  }
};

/** Whether no order of the member with an earlier time is known. The member's profile may include this order already. */
const isFirstOrder = ({ profile }: Member, { timeMs }: OrderEvent): boolean => {
  const { firstOrderMs } = decodeProfile(profile);
  return firstOrderMs === 0 || timeMs <= firstOrderMs;
};

/**
 * Orders with the facts about their members. Members are read only if the rules depend on such a fact: a draw stores no more
 * about a member than it needs.
 */
export const withMembers = async (
  runtime: Runtime,
  rules: Rules,
  orders: readonly OrderEvent[],
): Promise<KeptOrder[]> => {
  const { tiers, definition } = rules;
  const asksFirst = definition.firstOrderOnly === true;
  const asks = tiers !== undefined || asksFirst;
  const members = asks
    ? await readLinked(
        runtime,
        orders.map(({ member }) => member),
      )
    : undefined;
  return orders.map((order) => {
    const member = members?.get(order.member)?.at(-1);
    return {
      orderId: order.orderId,
      memberId: order.member,
      timeMs: order.timeMs,
      channel: order.channel,
      storeId: order.storeId,
      paidFen: order.amountFen,
      tier: tiers === undefined ? '' : (member?.tier ?? ''),
      firstOrder: asksFirst && member !== undefined && isFirstOrder(member, order),
    };
  });
};

/** The names of the entries of the closed slots that were read last. They may be kept, because a closed slot does not change. */
const CLOSED_SLOTS = compartment(() => new Map<string, FingerprintSet>());
const MAX_CLOSED_SLOTS_KEPT = 4;

const shardsOf = async (runtime: Runtime, campaignId: string): Promise<number[]> => [
  ...Array(await entryShardsOf(runtime, campaignId)).keys(),
];

/** Fixes the content of a slot that is marked as closing, in all its shards. */
export const sealSlot = async (runtime: Runtime, campaignId: string, slot: number): Promise<void> => {
  const shards = await shardsOf(runtime, campaignId);
  await mapLimited(shards, CALLS_AT_ONCE, (shard) => sealEntryShard(runtime, campaignId, slot, shard));
};

/**
 * All orders of a slot that is closing or closed, block by block: those of the blocks that the manifests of its shards name. They
 * come in no particular order, and an order that was delivered twice comes twice. One page of blocks is in memory at a time.
 */
const sealedOrders = async function* (
  runtime: Runtime,
  campaignId: string,
  slot: number,
): AsyncGenerator<Judged[]> {
  for (const shard of await shardsOf(runtime, campaignId)) {
    const manifest = await sealEntryShard(runtime, campaignId, slot, shard);
    for await (const { id, body } of entryBlocks(runtime, { campaignId, slot }, shard))
      if (manifest.has(id)) yield unpackOrders(body);
  }
};

const closedNames = async (
  runtime: Runtime,
  { campaignId, rules, pseudonyms }: OpenDraw,
  slot: number,
): Promise<FingerprintSet> => {
  const name = `${campaignId}#${slot}`;
  let names = runtime.memory.of(CLOSED_SLOTS).get(name);
  if (names === undefined) {
    names = new FingerprintSet();
    for await (const orders of sealedOrders(runtime, campaignId, slot)) {
      for (const { order } of orders) names.add(entryName(nameOf(order, pseudonyms), rules.format));
    }
    const [oldest] = runtime.memory.of(CLOSED_SLOTS).keys();
    if (runtime.memory.of(CLOSED_SLOTS).size === MAX_CLOSED_SLOTS_KEPT && oldest !== undefined)
      runtime.memory.of(CLOSED_SLOTS).delete(oldest);
    runtime.memory.of(CLOSED_SLOTS).set(name, names);
  }
  return names;
};

/**
 * The orders as they are stored. An order that can still win keeps its member's id. In instant mode that is only an order with
 * a winning ticket.
 */
const asStored = (
  { rules, tickets, pseudonyms }: OpenDraw,
  orders: readonly KeptOrder[],
): readonly StoredOrder[] => {
  const { definition } = rules;
  if (definition.mode === 'slot') return orders;
  const below = winningBelow(definition.odds);
  return orders.map((order) =>
    tickets.draw(nameOf(order, pseudonyms)) < below ? order : pseudonymize(order, rules, pseudonyms),
  );
};

/**
 * The orders as they are judged: those of erased members have the member's erased name (see `tombstones.ts`)
 * in place of the id, and are blocked. Members are looked up only for orders that would keep their member's
 * id.
 */
export const withoutErased = async (
  runtime: Runtime,
  draw: OpenDraw,
  orders: readonly KeptOrder[],
): Promise<KeptOrder[]> => {
  const { pseudonyms } = draw;
  const kept = asStored(draw, orders).flatMap((order) => ('memberId' in order ? [order.memberId] : []));
  const names = await erasedNames(runtime, kept);
  return orders.map((order) => {
    const name = names.get(order.memberId);
    if (name === undefined) return order;
    const pseudonym = pseudonyms.of(order.memberId);
    return { ...order, memberId: name, erased: { pseudonym, blocked: true } };
  });
};

export type Kept = { inTime: KeptOrder[]; late: KeptOrder[] };

/**
 * First stores orders, as judged at `nowMs`, and then checks whether their slots are still open. Closing a slot begins with a
 * mark. If the mark is not there after the write, the closing will find the orders. If it is there, an order is in time only if
 * it is in a block that the slot's manifests name. A missing manifest is made here, so that no worker waits for a closing that
 * crashed half-way.
 */
export const keepOrders = async (
  runtime: Runtime,
  draw: OpenDraw,
  orders: readonly KeptOrder[],
  nowMs: number,
): Promise<Kept> => {
  const { campaignId, rules, pseudonyms } = draw;
  const bySlot = Map.groupBy(orders, ({ timeMs }) => slotOfTime(rules, timeMs));
  const blocks = [...bySlot].flatMap(([slot, ofSlot]) =>
    packOrders(asStored(draw, ofSlot), nowMs).map((block) => ({ ...block, slot })),
  );
  const shards = await entryShardsOf(runtime, campaignId);
  await putEntryBlocks(runtime, campaignId, blocks);
  const kept: Kept = { inTime: [], late: [] };
  for (const [slot, ofSlot] of bySlot) {
    if ((await readSlot(runtime, campaignId, slot)).kind === 'open') {
      kept.inTime.push(...ofSlot);
      continue;
    }
    const sealedIds = new Set<string>();
    const own = blocks.filter((block) => block.slot === slot).map(({ id }) => blockShardOf(id, shards));
    for (const shard of new Set(own)) {
      for (const id of await sealEntryShard(runtime, campaignId, slot, shard)) sealedIds.add(id);
    }
    const isSealedIn = blocks.every((block) => block.slot !== slot || sealedIds.has(block.id));
    const known = isSealedIn ? undefined : await closedNames(runtime, draw, slot);
    for (const order of ofSlot) {
      const isKnown = known?.has(entryName(nameOf(order, pseudonyms), rules.format)) ?? true;
      (isKnown ? kept.inTime : kept.late).push(order);
    }
  }
  return kept;
};

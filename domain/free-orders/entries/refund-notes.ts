/**
 * The refunds of a draw's orders, in the draws table. A refund is found by its order, whatever its own time is:
 *
 *     <campaign>#refunds                  `<id>` a block of refunds, in slot mode
 *     <campaign>#slots                    `<slot>#REFUNDS` what a closed slot takes into account
 *     <campaign>#refund#<participation>   `REFUND` in instant mode, of an order with a winning ticket: one amount for each event
 */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expiryOf } from '#domain/campaigns/retention.ts';
import { batchGet } from '#platform/batch-get.ts';
import { batchWrite } from '#platform/batch-write.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import type { Item } from '#platform/item.ts';
import { queryPages } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { OpenDraw } from '../draw/open-draw.ts';
import { participationOf } from '../draw/win.ts';
import { drawsTable, slotText } from './draws-items.ts';
import { unpackOrders } from './entry-block.ts';
import { nameOf } from './kept-order.ts';
import { type GivenBack, packRefunds, type Refund, sumRefunds, unpackRefunds } from './refund-block.ts';
import { sealList } from './sealed-list.ts';

const REFUND_ITEM = 'REFUND';
/** The beginning of an attribute's name; the event's id follows. The attribute holds the amount. */
const EVENT_PREFIX = 'of ';
/** More than any order: an earlier version noted a refund without its amount, and treated it as a refund of the whole order. */
const WHOLE_FEN = Number.MAX_SAFE_INTEGER;
const FEN_SEPARATOR = ':';

const refundsKey = (campaignId: string): string => `${campaignId}#refunds`;

/** Writes refunds of a draw in slots. Writing them again changes nothing. */
export const putRefunds = async (
  runtime: Runtime,
  campaignId: string,
  refunds: readonly Refund[],
): Promise<void> => {
  const expiry = await expiryOf(runtime, campaignId);
  await batchWrite(
    runtime,
    drawsTable(runtime),
    packRefunds(refunds).map(({ id, body }) => ({
      draw: { S: refundsKey(campaignId) },
      item: { S: id },
      body: { B: body },
      ...expiry,
    })),
  );
};

type StoredBlock = { id: string; refunds: Refund[] };

const refundsOf = ({ rules, pseudonyms }: OpenDraw, id: string, body: Uint8Array): Refund[] =>
  unpackRefunds(body) ??
  unpackOrders(body).map(({ order }) => ({
    participation: participationOf(rules, nameOf(order, pseudonyms)),
    eventId: id,
    fen: WHOLE_FEN,
  }));

/** All refunds of a draw in slots, a page of at most 1 MB in memory at a time. */
const refundBlocks = async function* (runtime: Runtime, draw: OpenDraw): AsyncGenerator<StoredBlock> {
  const items = queryPages(runtime, {
    TableName: drawsTable(runtime),
    KeyConditionExpression: 'draw = :draw',
    ExpressionAttributeValues: { ':draw': { S: refundsKey(draw.campaignId) } },
  });
  for await (const { item, body } of items) {
    // In blocks of an earlier version the slot stands before the id.
    const id = item!.S!.split('#').at(-1)!;
    yield { id, refunds: refundsOf(draw, id, body!.B!) };
  }
};

/** How much of these participations has been refunded so far. */
export const readGivenBack = async (
  runtime: Runtime,
  draw: OpenDraw,
  participations: ReadonlySet<string>,
): Promise<GivenBack> => {
  if (participations.size === 0) return new Map();
  const refunds: Refund[] = [];
  for await (const block of refundBlocks(runtime, draw)) {
    refunds.push(...block.refunds.filter(({ participation }) => participations.has(participation)));
  }
  return sumRefunds(refunds);
};

/** The refunds in a sealed list. A list of an earlier version names blocks of refunds; now a list holds the amounts. */
const givenBackOf = async (
  runtime: Runtime,
  draw: OpenDraw,
  sealed: readonly string[],
): Promise<GivenBack> => {
  if (sealed.every((element) => element.includes(FEN_SEPARATOR))) {
    return new Map(
      sealed.map((element) => {
        const [participation, fen] = element.split(FEN_SEPARATOR);
        return [participation!, Number(fen)];
      }),
    );
  }
  const ids = new Set(sealed);
  const refunds: Refund[] = [];
  for await (const block of refundBlocks(runtime, draw))
    if (ids.has(block.id)) refunds.push(...block.refunds);
  return sumRefunds(refunds);
};

/**
 * Fixes the refunds that count for a closed slot's entries, by participation, and returns them. `participations` is called only
 * if none were fixed before.
 */
export const sealGivenBack = async (
  runtime: Runtime,
  draw: OpenDraw,
  slot: number,
  participations: () => Promise<ReadonlySet<string>>,
): Promise<GivenBack> => {
  const key = { draw: { S: `${draw.campaignId}#slots` }, item: { S: `${slotText(slot)}#REFUNDS` } };
  const read = async (): Promise<string[]> =>
    [...(await readGivenBack(runtime, draw, await participations()))].map(
      ([name, fen]) => name + FEN_SEPARATOR + fen,
    );
  const sealed = await sealList(runtime, key, { read, expiry: () => expiryOf(runtime, draw.campaignId) });
  return givenBackOf(runtime, draw, sealed);
};

export const refundKey = (campaignId: string, participation: string): Item => ({
  draw: { S: `${campaignId}#refund#${participation}` },
  item: { S: REFUND_ITEM },
});

/** Notes refunds of orders with a winning ticket, in instant mode. The first amount stored for an event counts. */
export const noteRefunds = async (
  runtime: Runtime,
  campaignId: string,
  refunds: readonly Refund[],
): Promise<void> => {
  const { expiresAt } = await expiryOf(runtime, campaignId);
  await mapLimited(refunds, CALLS_AT_ONCE, ({ participation, eventId, fen }) =>
    runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: drawsTable(runtime),
        Key: refundKey(campaignId, participation),
        UpdateExpression: `SET #event = if_not_exists(#event, :fen)${expiresAt ? ', expiresAt = :expiresAt' : ''}`,
        ExpressionAttributeNames: { '#event': EVENT_PREFIX + eventId },
        ExpressionAttributeValues: {
          ':fen': { N: String(fen) },
          ...(expiresAt && { ':expiresAt': expiresAt }),
        },
      }),
    ),
  );
};

const notedFen = (item: Item): number => {
  const amounts = Object.entries(item).flatMap(([name, value]) =>
    name.startsWith(EVENT_PREFIX) ? [Number(value.N)] : [],
  );
  return amounts.length === 0 ? WHOLE_FEN : amounts.reduce((sum, fen) => sum + fen, 0);
};

/** Reads the refunds noted for these participations, strongly consistent. Each participation is read once. */
export const readNotes = async (
  runtime: Runtime,
  campaignId: string,
  participations: readonly string[],
): Promise<GivenBack> => {
  const keys = [...new Set(participations)].map((participation) => refundKey(campaignId, participation));
  const items = await batchGet(runtime, drawsTable(runtime), keys);
  return new Map(items.map((item) => [item.draw!.S!.split('#refund#')[1]!, notedFen(item)]));
};

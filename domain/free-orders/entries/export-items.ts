/**
 * The values that an export fixes in the draws table. Each item is written once. Workers that export at the same time may find
 * different refunds, but all of them continue from the fixed values:
 *
 *     <campaign>#export#<format>#<revision>   `RUN#<slot>#<run>` a run (a sorted part of the orders), and where the next one begins
 *                                             `REFUNDS` how much was refunded of each win
 *
 * The draw of a large slot stores what it needs in the same way, under a revision of its own (see `sort-slot.ts`).
 */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expiryOf } from '#domain/campaigns/retention.ts';
import type { Item } from '#platform/item.ts';
import { queryPages } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import { drawsTable, putOnce, slotText } from './draws-items.ts';

/**
 * The format of an export's intermediate data. It is a part of their keys and paths, so that a worker that uses another format
 * begins the export anew.
 */
export const EXPORT_FORMAT = 1;

/** An export of a campaign's draw. */
export type ExportPlace = { campaignId: string; revision: string };

/** Where an export's own objects are until it is done. */
export const workPlace = ({ campaignId, revision }: ExportPlace): string =>
  `work/${campaignId}/${revision}/${EXPORT_FORMAT}`;

const exportKey = ({ campaignId, revision }: ExportPlace, item: string): Item => ({
  draw: { S: `${campaignId}#export#${EXPORT_FORMAT}#${revision}` },
  item: { S: item },
});

const NUMBER_DIGITS = 6;

/** What the names of a slot's items of one kind begin with. */
export const slotItems = (kind: string, slot: number): string => `${kind}#${slotText(slot)}#`;

/** The name of a slot's item with this kind and number. */
export const slotItem = (kind: string, slot: number, number: number): string =>
  slotItems(kind, slot) + String(number).padStart(NUMBER_DIGITS, '0');

const RUN = 'RUN';

/** What the names of all runs begin with. */
export const ALL_RUNS = `${RUN}#`;

/** What the names of a slot's runs begin with. */
export const runsOf = (slot: number): string => slotItems(RUN, slot);

export const runItem = (slot: number, run: number): string => slotItem(RUN, slot, run);

export const exportRefundsKey = (place: ExportPlace): Item => exportKey(place, 'REFUNDS');

/** The value that is fixed under a name; undefined if none is. */
export const readFixed = async <Value>(
  runtime: Runtime,
  place: ExportPlace,
  item: string,
): Promise<Value | undefined> => {
  const { Item: found } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: drawsTable(runtime),
      Key: exportKey(place, item),
      ConsistentRead: true,
    }),
  );
  return found && (JSON.parse(found.body!.S!) as Value);
};

/** Fixes a value, unless one is fixed already. Returns the value that is fixed. */
export const fix = async <Value>(
  runtime: Runtime,
  place: ExportPlace,
  item: string,
  value: Value,
): Promise<Value> => {
  const stored = await putOnce(runtime, {
    ...exportKey(place, item),
    ...(await expiryOf(runtime, place.campaignId)),
    body: { S: JSON.stringify(value) },
  });
  return JSON.parse(stored.body!.S!) as Value;
};

/** All values that are fixed under names with this prefix, in the order of the names. */
export const readAllFixed = async <Value>(
  runtime: Runtime,
  place: ExportPlace,
  prefix: string,
): Promise<Value[]> => {
  const values: Value[] = [];
  const items = queryPages(runtime, {
    TableName: drawsTable(runtime),
    KeyConditionExpression: 'draw = :draw AND begins_with(#item, :prefix)',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':draw': exportKey(place, '').draw!, ':prefix': { S: prefix } },
  });
  for await (const { body } of items) values.push(JSON.parse(body!.S!) as Value);
  return values;
};

/**
 * The links that a slot was drawn with. They are fixed before its wins are granted, so that the draw has the same result after a
 * crash, whatever was linked meanwhile, and so that its export can state them. They are pseudonyms: nobody's id is stored.
 */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { PSEUDONYM_CHARS } from '../draw/commitment.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import { drawsTable, putOnce, slotText } from './draws-items.ts';

const linksKey = (campaignId: string, slot: number): Item => ({
  draw: { S: `${campaignId}#slots` },
  item: { S: `${slotText(slot)}#LINKS` },
});

/** Pairs, end to end: 20 bytes a pair, of which an item of 400 KB holds 20,000. */
const encode = (links: readonly LinkedIds[]): Uint8Array =>
  Uint8Array.from(Buffer.from(links.flat().join(''), 'hex'));

const decode = (item: Item): LinkedIds[] => {
  const text = Buffer.from(item.links!.B!).toString('hex');
  return Array.from({ length: text.length / (2 * PSEUDONYM_CHARS) }, (_, i): LinkedIds => {
    const [from, middle] = [2 * i * PSEUDONYM_CHARS, (2 * i + 1) * PSEUDONYM_CHARS];
    return [text.slice(from, middle), text.slice(middle, middle + PSEUDONYM_CHARS)];
  });
};

/** The links that were fixed for a slot; undefined before that. */
export const readSlotLinks = async (
  runtime: Runtime,
  campaignId: string,
  slot: number,
): Promise<LinkedIds[] | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: drawsTable(runtime),
      Key: linksKey(campaignId, slot),
      ConsistentRead: true,
    }),
  );
  return item && decode(item);
};

/** Fixes the links of a slot. Returns those that are fixed, which are another worker's if that one came first. */
export const fixSlotLinks = async (
  runtime: Runtime,
  campaignId: string,
  slot: number,
  links: readonly LinkedIds[],
): Promise<LinkedIds[]> =>
  decode(await putOnce(runtime, { ...linksKey(campaignId, slot), links: { B: encode(links) } }));

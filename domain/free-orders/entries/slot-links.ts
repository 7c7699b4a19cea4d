/**
 * The links that a slot was drawn with. They are fixed before its wins are granted, so that the draw has the same result after a
 * crash, whatever was linked meanwhile, and so that its export can state them. They link pseudonyms: nobody's id is stored.
 */
import { expiryOf } from '#domain/campaigns/retention.ts';
import { chunks } from '#platform/collections.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { PSEUDONYM_CHARS } from '../draw/commitment.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import { slotText } from './draws-items.ts';
import { MAX_PAGE_BYTES, readSealedPages, sealPages } from './sealed-pages.ts';

/** The size of two pseudonyms: a byte holds two hexadecimal digits. */
const PAIR_BYTES = PSEUDONYM_CHARS;
const PAIRS_PER_PAGE = Math.floor(MAX_PAGE_BYTES / PAIR_BYTES);

const linksKey = (campaignId: string, slot: number): Item => ({
  draw: { S: `${campaignId}#slots` },
  item: { S: `${slotText(slot)}#LINKS` },
});

/** The bytes of all pairs, end to end. */
const encode = (links: readonly LinkedIds[]): Uint8Array =>
  Uint8Array.from(Buffer.from(links.flat().join(''), 'hex'));

/** Decodes a page. An earlier version kept up to 400 KB of pairs in one item, which has the form of a single page. */
const decode = ({ links }: Item): LinkedIds[] => {
  const text = Buffer.from(links!.B!).toString('hex');
  return Array.from({ length: text.length / (2 * PSEUDONYM_CHARS) }, (_, i): LinkedIds => {
    const [from, middle] = [2 * i * PSEUDONYM_CHARS, (2 * i + 1) * PSEUDONYM_CHARS];
    return [text.slice(from, middle), text.slice(middle, middle + PSEUDONYM_CHARS)];
  });
};

/** The links that were fixed for a slot; undefined before they are fixed. */
export const readSlotLinks = async (
  runtime: Runtime,
  campaignId: string,
  slot: number,
): Promise<LinkedIds[] | undefined> =>
  (await readSealedPages(runtime, linksKey(campaignId, slot)))?.flatMap(decode);

/** Fixes the links of a slot. Returns those that are fixed, which are another worker's if that worker came first. */
export const fixSlotLinks = async (
  runtime: Runtime,
  campaignId: string,
  slot: number,
  links: readonly LinkedIds[],
): Promise<LinkedIds[]> => {
  const content = {
    name: fingerprintOf(encode(links)),
    pages: (links.length === 0 ? [[]] : chunks(links, PAIRS_PER_PAGE)).map((page) => ({
      links: { B: encode(page) },
    })),
  };
  const expires = await expiryOf(runtime, campaignId);
  return (await sealPages(runtime, linksKey(campaignId, slot), content, expires)).flatMap(decode);
};

/** Lists of any length that are fixed once: a closed slot's block ids, and the refunds that count in a slot or an export. */
import { fingerprintOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { MAX_PAGE_BYTES, readSealedPages, sealPages } from './sealed-pages.ts';

/**
 * No element contains a space: a block id is base64url, and a refund consists of a participation, which is base64url too, a `:`
 * and an amount.
 */
const SEPARATOR = ' ';

const elementsOf = (pages: readonly Item[]): string[] =>
  pages.flatMap(({ blocks }) => blocks!.S!.split(SEPARATOR).filter(Boolean));

const pagesOf = (elements: readonly string[]): string[] => {
  const pages: string[] = [];
  let page: string[] = [];
  let bytes = 0;
  for (const element of elements) {
    const size = Buffer.byteLength(element) + SEPARATOR.length;
    if (bytes + size > MAX_PAGE_BYTES && page.length > 0) {
      pages.push(page.join(SEPARATOR));
      page = [];
      bytes = 0;
    }
    page.push(element);
    bytes += size;
  }
  return [...pages, page.join(SEPARATOR)];
};

/**
 * Fixes a list under a key and returns the stored list, which is that of the first worker that fixed one.
 * `read` and `expiry` are called only if no list is stored. No element may contain a space.
 */
export const sealList = async (
  runtime: Runtime,
  key: Item,
  { read, expiry }: { read: () => Promise<readonly string[]>; expiry: () => Promise<Item> },
): Promise<string[]> => {
  const known = await readSealedPages(runtime, key);
  if (known !== undefined) return elementsOf(known);
  const texts = pagesOf(await read());
  const content = {
    name: fingerprintOf(texts.join(SEPARATOR)),
    pages: texts.map((text) => ({ blocks: { S: text } })),
  };
  return elementsOf(await sealPages(runtime, key, content, await expiry()));
};

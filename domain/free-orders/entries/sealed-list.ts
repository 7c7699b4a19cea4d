/** Lists of any length that are fixed once: the blocks of a closed slot, and the refunds that count in a slot or an export. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { batchGet } from '#platform/batch-get.ts';
import { batchWrite } from '#platform/batch-write.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { drawsTable, putOnce } from './draws-items.ts';

/** DynamoDB's limit of an item is 400 KB; what remains is for the keys and attribute names. */
const MAX_PAGE_BYTES = 300_000;
/** No element contains it: block ids are base64url, and so are participations, which `:` joins to an amount. */
const SEPARATOR = ' ';

const splitText = (text: string): string[] => text.split(SEPARATOR).filter(Boolean);

/** Each page has its own partition: several pages at once would exceed the 1,000 write units a second of one partition. */
const pageKey = ({ draw, item }: Item, name: string, page: number): Item => ({
  draw: { S: `${draw!.S}#${name}#${page}` },
  item: item!,
});

/** The elements that a head stands for: its own, or those of its pages. */
const elementsOf = async (runtime: Runtime, key: Item, head: Item): Promise<string[]> => {
  if (head.pages === undefined) return splitText(head.blocks!.S!);
  const pages = Number(head.pages.N);
  const keys = Array.from({ length: pages }, (_, page) => pageKey(key, head.name!.S!, page));
  const items = new Map(
    (await batchGet(runtime, drawsTable(runtime), keys)).map((item) => [item.draw!.S!, item]),
  );
  return keys.flatMap(({ draw }) => {
    const page = items.get(draw!.S!);
    if (page === undefined) throw new Error(`page ${draw!.S}: expected a page of a manifest, got none`);
    return splitText(page.blocks!.S!);
  });
};

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
 * Fixes a list under a key and returns the stored one, which is that of the first worker to fix one. `read` and `expiry` are
 * called only if none is stored. Pages are named by their content and written before the head that names them. So the head decides
 * for all pages at once, and workers that fix different lists at the same time never mix them. Elements contain no space.
 */
export const sealList = async (
  runtime: Runtime,
  key: Item,
  { read, expiry }: { read: () => Promise<readonly string[]>; expiry: () => Promise<Item> },
): Promise<string[]> => {
  const { Item: known } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: drawsTable(runtime), Key: key, ConsistentRead: true }),
  );
  if (known !== undefined) return elementsOf(runtime, key, known);
  const pages = pagesOf(await read());
  const expires = await expiry();
  if (pages.length === 1) {
    return elementsOf(runtime, key, await putOnce(runtime, { ...key, ...expires, blocks: { S: pages[0]! } }));
  }
  const name = fingerprintOf(pages.join(SEPARATOR));
  await batchWrite(
    runtime,
    drawsTable(runtime),
    pages.map((page, i) => ({ ...pageKey(key, name, i), ...expires, blocks: { S: page } })),
  );
  const head = await putOnce(runtime, {
    ...key,
    ...expires,
    name: { S: name },
    pages: { N: String(pages.length) },
  });
  return elementsOf(runtime, key, head);
};

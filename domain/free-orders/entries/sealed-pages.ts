/**
 * Content of any length that is fixed once: lists (`sealed-list.ts`) and the links of a slot
 * (`slot-links.ts`).
 */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { batchGet } from '#platform/batch-get.ts';
import { batchWrite } from '#platform/batch-write.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { drawsTable, putOnce } from './draws-items.ts';

/** DynamoDB's limit for an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_PAGE_BYTES = 300_000;

/** Each page has its own partition: several pages at once would exceed the 1,000 write units a second of one partition. */
const pageKey = ({ draw, item }: Item, name: string, page: number): Item => ({
  draw: { S: `${draw!.S}#${name}#${page}` },
  item: item!,
});

/** The pages of a head, the item under the key: the head itself if it holds the content, else the pages that it names. */
const pagesOf = async (runtime: Runtime, key: Item, head: Item): Promise<Item[]> => {
  if (head.pages === undefined) return [head];
  const keys = Array.from({ length: Number(head.pages.N) }, (_, page) => pageKey(key, head.name!.S!, page));
  const items = new Map(
    (await batchGet(runtime, drawsTable(runtime), keys)).map((item) => [item.draw!.S!, item]),
  );
  return keys.map(({ draw }) => {
    const page = items.get(draw!.S!);
    if (page === undefined) throw new Error(`page ${draw!.S}: expected a page of sealed content, got none`);
    return page;
  });
};

/** The pages that are fixed under a key; undefined if none are. */
export const readSealedPages = async (runtime: Runtime, key: Item): Promise<Item[] | undefined> => {
  const { Item: head } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: drawsTable(runtime), Key: key, ConsistentRead: true }),
  );
  return head && pagesOf(runtime, key, head);
};

/**
 * Fixes one or more pages of at most {@link MAX_PAGE_BYTES} under a key, and returns the stored ones: those
 * of the first worker to fix any. `name` follows from the content of all pages. The pages are written under
 * `name`, and then the head that names them. So the head decides for all pages at once, and workers that fix
 * different content at the same time never mix it. A single page is its own head.
 */
export const sealPages = async (
  runtime: Runtime,
  key: Item,
  { name, pages }: { name: string; pages: readonly Item[] },
  expires: Item,
): Promise<Item[]> => {
  if (pages.length === 1)
    return pagesOf(runtime, key, await putOnce(runtime, { ...key, ...expires, ...pages[0]! }));
  await batchWrite(
    runtime,
    drawsTable(runtime),
    pages.map((page, i) => ({ ...pageKey(key, name, i), ...expires, ...page })),
  );
  const head = { ...key, ...expires, name: { S: name }, pages: { N: String(pages.length) } };
  return pagesOf(runtime, key, await putOnce(runtime, head));
};

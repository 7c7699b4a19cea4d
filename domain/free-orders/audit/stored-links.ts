/**
 * The links between members of an instant draw during its export. Each sorted run (`sort-orders.ts`) stores the links of its
 * members in one object.
 */
import { compareText } from '#platform/collections.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Objects } from '#platform/objects.ts';
import type { LinkedIds } from '../draw/ledger.ts';

/** Stores links under a name that follows from them, and returns the object's key. */
export const storeLinks = async (
  objects: Objects,
  place: string,
  links: readonly LinkedIds[],
): Promise<string> => {
  const text = JSON.stringify(links);
  const key = `${place}/links/${fingerprintOf(text)}`;
  await objects.put(key, Buffer.from(text));
  return key;
};

/** The links in these objects, each once, in an order that does not depend on which object holds which link. */
export const readLinks = async (objects: Objects, keys: readonly string[]): Promise<LinkedIds[]> => {
  const links = new Map<string, LinkedIds>();
  for (const key of keys) {
    const bytes = await objects.get(key);
    if (bytes === undefined) throw new Error(`object ${key}: expected links, got none`);
    for (const link of JSON.parse(Buffer.from(bytes).toString()) as LinkedIds[]) links.set(link.join(), link);
  }
  return [...links].sort(([a], [b]) => compareText(a, b)).map(([, link]) => link);
};

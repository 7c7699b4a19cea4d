import type { Key } from './table-keys.ts';
import type { Item } from './values.ts';

/**
 * An item as it was from `sinceMs` on; `item` is undefined if it did not exist. A version never changes; it is only followed by
 * another.
 */
export type Version = { readonly item: Item | undefined; readonly bytes: number; readonly sinceMs: number };

const NEVER: Version = { item: undefined, bytes: 0, sinceMs: Number.NEGATIVE_INFINITY };
/** The most versions of one item that are kept, however quickly they came. */
const VERSIONS_MAX = 16;

/** The present and the recent versions under one key. */
export class StoredItem {
  readonly key: Key;
  /** When the current version is deleted; undefined if it stays. */
  expiry: { readonly dueMs: number } | undefined;
  /** From the oldest to the newest. */
  #versions: Version[] = [NEVER];

  constructor(key: Key) {
    this.key = key;
  }

  get current(): Version {
    return this.#versions.at(-1)!;
  }

  get versions(): readonly Version[] {
    return this.#versions;
  }

  /** The version at an instant, or the oldest one that is kept. */
  at(ms: number): Version {
    let i = this.#versions.length - 1;
    while (i > 0 && this.#versions[i]!.sinceMs > ms) i--;
    return this.#versions[i]!;
  }

  /** Adds a version. Versions that ended before `keptSinceMs` are dropped. */
  replace(version: Version, keptSinceMs: number): void {
    this.expiry = undefined;
    this.#versions.push(version);
    this.forget(keptSinceMs);
  }

  forget(keptSinceMs: number): void {
    const versions = this.#versions;
    let first = Math.max(0, versions.length - VERSIONS_MAX);
    while (first < versions.length - 1 && versions[first + 1]!.sinceMs <= keptSinceMs) first++;
    if (first > 0) this.#versions = versions.slice(first);
  }

  /** Whether no item is left here that a read, even of an earlier instant, could return. */
  get isGone(): boolean {
    return this.#versions.length === 1 && this.current.item === undefined;
  }
}

import { createHash, createHmac } from 'node:crypto';
import type { Ledger } from './ledger.ts';
import type { Change } from './observation.ts';

/** The name that replaces the id of an erased member: with a space before it in tables, without one in the outbox. */
const NAME = / ?erased:([\w-]{22})/g;
const TOMBSTONE = /^ tombstone:([\w-]{22})$/;
const HASH_CHARS = 22;

/**
 * When a member was erased, and since when no table holds its id, in ms since the epoch. `goneMs` is left out
 * while a table still holds it.
 */
export type Erasure = { readonly erasedMs: number; goneMs?: number };

/** The erased members, read from the tombstones. A tombstone names nobody: only hashes of ids under the secret tell whose it is. */
export class Erasures {
  readonly #key: Buffer;
  readonly #ledger: Ledger;
  /** By the ids of the members. */
  readonly #erased = new Map<string, Erasure>();
  readonly #ids = new Map<string, string>();

  constructor(secret: string, ledger: Ledger) {
    this.#key = createHash('sha256').update(secret).digest();
    this.#ledger = ledger;
  }

  note(changes: readonly Change[], atMs: number): void {
    for (const { table, key, after } of changes) {
      const hash = table === 'members' ? TOMBSTONE.exec(key)?.[1] : undefined;
      const id = hash && this.#idOf(hash);
      if (id === undefined) continue;
      const erasure = this.#erased.get(id) ?? { erasedMs: atMs };
      if (after?.goneMs !== undefined) erasure.goneMs ??= atMs;
      this.#erased.set(id, erasure);
    }
  }

  #idOf(hash: string): string | undefined {
    if (!this.#ids.has(hash)) for (const id of this.#ledger.memberIds()) this.#ids.set(this.#hashOf(id), id);
    return this.#ids.get(hash);
  }

  #hashOf(id: string): string {
    const hmac = createHmac('sha256', this.#key).update(`erased-member\0${id}`);
    return hmac.digest('base64url').slice(0, HASH_CHARS);
  }

  /** The text with the ids of erased members in place of the names that replaced them. */
  withIds(text: string): string {
    return this.#erased.size === 0
      ? text
      : text.replaceAll(NAME, (name, hash: string) => this.#idOf(hash) ?? name);
  }

  of(member: string): Erasure | undefined {
    return this.#erased.get(member);
  }

  all(): ReadonlyMap<string, Erasure> {
    return this.#erased;
  }
}
